"""Which way is taken, by what is given and by the environment."""

from pathlib import Path

import pytest

from batterysim_client.connection import Connection, choose
from batterysim_client.errors import ConfigurationError

SERVER = {"BATTERYSIM_SERVER": "http://bridge/", "BATTERYSIM_TOKEN": "t"}


def test_without_anything_the_kubeconfig_is_the_way() -> None:
    assert choose(Connection(), {}) == Connection()


def test_a_server_in_the_environment_is_the_way() -> None:
    assert choose(Connection(), SERVER) == Connection("http://bridge", token="t")


def test_what_is_given_wins() -> None:
    given = Connection("http://other", token_file=Path("/token"), namespace="lab")

    assert choose(given, SERVER | {"BATTERYSIM_NAMESPACE": "plant"}) == given


@pytest.mark.parametrize("given", [Connection(context="kind"), Connection(kubeconfig=Path("config"))])
def test_a_kubeconfig_that_is_given_wins_over_a_server_in_the_environment(given: Connection) -> None:
    assert choose(given, SERVER) == given


def test_a_bridge_in_the_environment_is_no_reason_against_a_server() -> None:
    environment = SERVER | {"BATTERYSIM_BRIDGE": "sims/bridge"}

    assert choose(Connection(), environment).bridge is None
    assert choose(Connection(context="kind"), environment).bridge == "sims/bridge"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            Connection("http://bridge", context="kind", bridge="a/b"),
            "--server is for the bridge, --context and --bridge for the API server: leave one out",
        ),
        (
            Connection(token_file=Path("t")),
            "--token-file is for the bridge: add --server or BATTERYSIM_SERVER",
        ),
    ],
)
def test_both_ways_at_once_are_refused(given: Connection, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{message}$"):
        choose(given, {})


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(Connection("http://bridge", token="secret"))
