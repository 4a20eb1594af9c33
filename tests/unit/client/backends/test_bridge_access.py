"""Which bridge is asked, with which token, and that a user's own token does not go astray."""

import base64
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.names import PROXIED_AUTHORIZATION, TOKEN_AUDIENCE, result_uri
from batterysim_client.backends.bridge_access import (
    DEFAULT_BRIDGE,
    BridgeAccess,
    BridgeAddress,
    address_in,
    choose_address,
    read_address,
)
from batterysim_client.errors import AccessError, ConfigurationError
from batterysim_client.selection import Selection

from ..builders import http_to, kube_status, simulation

NO_SELECTION = Selection()

ELSEWHERE = "http://sims-bridge.sims.svc:8084/v1/simulations/lab/cell/result"
LABEL = st.from_regex(r"[a-z]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)


@given(LABEL, LABEL, st.integers(1, 65535))
def test_the_address_of_a_result_names_its_bridge(namespace: str, service: str, port: int) -> None:
    uri = result_uri(f"http://{service}.{namespace}.svc:{port}", "lab", "cell")
    over_tls = result_uri(f"https://{service}.{namespace}.svc:{port}", "lab", "cell")

    assert address_in(uri) == read_address(f"{namespace}/{service}:{port}")
    assert address_in(over_tls) == read_address(f"{namespace}/https:{service}:{port}")


def test_the_api_server_is_told_that_a_bridge_has_tls() -> None:
    path = "/api/v1/namespaces/sims/services/{}:8084/proxy"

    assert read_address("sims/bridge").proxy_path == path.format("bridge")
    assert read_address("sims/https:bridge").proxy_path == path.format("https:bridge")


@pytest.mark.parametrize(
    "uri", ["https://bridge.example.org/v1", "http://bridge", "http://10.0.0.1:8084", "", "x"]
)
def test_an_address_outside_of_the_cluster_names_none(uri: str) -> None:
    assert address_in(uri) is None


@pytest.mark.parametrize("text", ["bridge", "a/b/c", "/b", "a/", "a/b:http"])
def test_a_bridge_that_is_not_written_as_one(text: str) -> None:
    with pytest.raises(ConfigurationError, match="write NAMESPACE/SERVICE, as in batterysim-system/"):
        read_address(text)


def test_the_account_is_that_of_the_bridges_release() -> None:
    assert DEFAULT_BRIDGE.reader == ("batterysim-system", "batterysim-result-reader")
    assert BridgeAddress("sims", "my-batterysim-bridge").reader == ("sims", "my-batterysim-result-reader")


def test_the_bridge_is_the_one_that_the_user_names_or_that_has_the_result() -> None:
    assert choose_address(read_address("sims/other"), ELSEWHERE) == BridgeAddress("sims", "other")
    assert choose_address(None, ELSEWHERE) == address_in(ELSEWHERE)
    assert choose_address(None, None) == DEFAULT_BRIDGE


def jwt(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.c2ln"


class ApiServer:
    """Issues tokens, and lets requests through to the bridge."""

    def __init__(self) -> None:
        self.issued: list[tuple[str, Any]] = []
        self.seen: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if not path.endswith("/token"):
            self.seen.append((path, request.headers[PROXIED_AUTHORIZATION]))
            return httpx.Response(200, content=b"<svg")
        self.issued.append((path, request.read()))
        expires = f"1970-01-01T00:{10 * len(self.issued):02}:00Z"
        return httpx.Response(
            201, json={"status": {"token": f"t{len(self.issued)}", "expirationTimestamp": expires}}
        )


async def plot(access: BridgeAccess, uri: str = ELSEWHERE) -> None:
    results = {"uri": uri, "sha256": "0" * 64, "sizeBytes": 1, "rows": 1}
    bridge = await access.bridge_of(simulation(results=results))
    await bridge.plot("lab", "cell", "svg", NO_SELECTION, None)


async def test_a_token_is_issued_for_the_bridge_only_and_renewed_before_it_expires() -> None:
    times = iter((0.0, 500.0, 550.0))
    server = ApiServer()
    access = BridgeAccess(http_to(server), lambda: None, None, None, clock=lambda: next(times))
    for _ in range(3):
        await plot(access)

    proxy = "/api/v1/namespaces/sims/services/sims-bridge:8084/proxy/v1/simulations/lab/cell/plot.svg"
    assert server.seen == [(proxy, f"Bearer {token}") for token in ("t1", "t1", "t2")]
    assert [path for path, _ in server.issued] == [
        "/api/v1/namespaces/sims/serviceaccounts/sims-result-reader/token"
    ] * 2
    assert TOKEN_AUDIENCE.encode() in server.issued[0][1]


async def test_a_token_for_the_bridge_needs_no_other() -> None:
    server = ApiServer()
    token = jwt(aud=["batterysim-bridge"], sub="system:serviceaccount:lab:ada")

    await plot(BridgeAccess(http_to(server), lambda: token, "sims/sims-bridge", None))

    assert [token for _, token in server.seen] == [f"Bearer {token}"]
    assert server.issued == []


@pytest.mark.parametrize(
    ("own", "account"),
    [
        (jwt(aud=["https://kubernetes"], sub="system:serviceaccount:lab:ada"), "lab/serviceaccounts/ada"),
        (jwt(aud=["https://kubernetes"], sub="ada@example.org"), "sims/serviceaccounts/sims-result-reader"),
        ("opaque", "sims/serviceaccounts/sims-result-reader"),
    ],
    ids=["an account's own", "a person's", "opaque"],
)
async def test_ones_own_token_for_the_api_server_goes_nowhere_else(own: str, account: str) -> None:
    """It opens more than the bridge, which it reaches through a Service that a status names."""
    server = ApiServer()

    await plot(BridgeAccess(http_to(server), lambda: own, None, None))

    assert [path for path, _ in server.issued] == [f"/api/v1/namespaces/{account}/token"]
    assert [token for _, token in server.seen] == ["Bearer t1"]


@pytest.mark.parametrize(("account", "where"), [("lab/reader", "lab"), ("reader", "sims")])
async def test_an_account_that_is_named_is_used_before_ones_own_token(account: str, where: str) -> None:
    server = ApiServer()

    await plot(BridgeAccess(http_to(server), lambda: "mine", None, account))

    assert server.issued[0][0] == f"/api/v1/namespaces/{where}/serviceaccounts/reader/token"
    assert [token for _, token in server.seen] == ["Bearer t1"]


async def test_who_may_not_create_a_token_is_told_what_to_do() -> None:
    access = BridgeAccess(http_to(lambda _: kube_status(403, "forbidden")), lambda: None, None, None)

    with pytest.raises(AccessError, match="you get none of sims/sims-result-reader: set --service-account"):
        await plot(access)
