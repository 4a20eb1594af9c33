"""The operator's settings, as the chart writes them."""

import ipaddress
from pathlib import Path

import pytest

from batterysim_operator.delivery.destination import AllowedDestination, DestinationPolicy
from batterysim_operator.settings import Settings

REQUIRED = {"BATTERYSIM_RUNNER_IMAGE": "runner:1", "BATTERYSIM_BRIDGE_URL": "http://bridge:8084"}


def test_two_variables_are_enough() -> None:
    settings = Settings.from_environment(REQUIRED)

    assert (settings.runner.image, settings.runner.bridge_url) == ("runner:1", "http://bridge:8084")
    assert settings.runner.image_pull_policy == "IfNotPresent"
    assert (settings.runner.resources, settings.runner.node_selector, settings.runner.tolerations) == (
        {},
        {},
        [],
    )
    assert settings.watch_namespaces == ()
    assert settings.destinations == DestinationPolicy()
    assert settings.bridge_token_file == Path("/var/run/batterysim/token")
    assert settings.log_level == "INFO"


def test_everything_can_be_set() -> None:
    settings = Settings.from_environment(
        REQUIRED
        | {
            "BATTERYSIM_RUNNER_IMAGE_PULL_POLICY": "Always",
            "BATTERYSIM_RUNNER_RESOURCES": '{"limits": {"memory": "1Gi"}}',
            "BATTERYSIM_RUNNER_NODE_SELECTOR": '{"pool": "solvers"}',
            "BATTERYSIM_RUNNER_TOLERATIONS": '[{"operator": "Exists"}]',
            "BATTERYSIM_WATCH_NAMESPACES": "lab, field,",
            "BATTERYSIM_CALLBACK_ALLOWED_URLS": '["http://Job-Manager.lab.svc/r"]',
            "BATTERYSIM_CALLBACK_DENIED_NETWORKS": '["203.0.113.0/24"]',
            "BATTERYSIM_BRIDGE_TOKEN_FILE": "/tmp/token",
            "BATTERYSIM_LOG_LEVEL": "DEBUG",
        }
    )

    assert settings.runner.image_pull_policy == "Always"
    assert settings.runner.resources == {"limits": {"memory": "1Gi"}}
    assert settings.runner.node_selector == {"pool": "solvers"}
    assert settings.runner.tolerations == [{"operator": "Exists"}]
    assert settings.watch_namespaces == ("lab", "field")
    assert settings.destinations == DestinationPolicy(
        (AllowedDestination("http", "job-manager.lab.svc", 80, "/r"),),
        (ipaddress.ip_network("203.0.113.0/24"),),
    )
    assert settings.bridge_token_file == Path("/tmp/token")
    assert settings.log_level == "DEBUG"


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_missing_variable_is_named(missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        Settings.from_environment({name: value for name, value in REQUIRED.items() if name != missing})


def test_json_that_does_not_parse_is_an_error() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        Settings.from_environment(REQUIRED | {"BATTERYSIM_RUNNER_RESOURCES": "{memory: 1Gi}"})
