"""The operator's settings, as the chart writes them."""

import ipaddress
import json
from pathlib import Path

import pytest

from batterysim.process.environment import SettingsError
from batterysim_operator.control.job_queue import NO_LIMITS, JobLimits
from batterysim_operator.control.runner_scale import SharedRunners
from batterysim_operator.delivery.destination import AllowedDestination, DestinationPolicy
from batterysim_operator.settings import Settings
from tests.builders import Json

RUNNER = {"image": "runner:1", "bridgeUrl": "http://bridge:8084"}


def read(runner: Json | None = None, **variables: object) -> Settings:
    """Return the settings of an environment. variables: without their prefix, as JSON."""
    sections = {"RUNNER": RUNNER | (runner or {}), **variables}
    return Settings.from_environment(
        {
            f"BATTERYSIM_{name}": value if isinstance(value, str) else json.dumps(value)
            for name, value in sections.items()
        }
    )


def test_image_and_bridge_are_enough() -> None:
    settings = read()

    assert (settings.runner.image, settings.runner.bridge_url) == ("runner:1", "http://bridge:8084")
    assert settings.runner.image_pull_policy == "IfNotPresent"
    assert (settings.runner.resources, settings.runner.node_selector, settings.runner.tolerations) == (
        {},
        {},
        [],
    )
    assert settings.watch_namespaces == ()
    assert settings.destinations == DestinationPolicy()
    assert settings.job_limits == NO_LIMITS
    assert settings.bridge_token_file == Path("/var/run/batterysim/token")
    assert settings.log_level == "INFO"


def test_everything_can_be_set() -> None:
    settings = read(
        {
            "imagePullPolicy": "Always",
            "resources": {"limits": {"memory": "1Gi", "cpu": 2}},
            "nodeSelector": {"pool": "solvers"},
            "tolerations": [{"operator": "Exists"}],
            "priorityClass": "batch",
            "podTemplate": {"metadata": {"labels": {"team": "cells"}}},
            "sharedNamespaces": ["lab"],
        },
        QUEUE={"maxConcurrent": 100, "maxConcurrentPerNamespace": 0},
        CALLBACKS={
            "allowedPrivateUrls": [
                "http://Job-Manager.lab.svc/r",
                {"url": "http://a", "namespaces": ["lab"]},
            ],
            "deniedNetworks": ["203.0.113.0/24"],
        },
        SHARED_RUNNERS=[
            {"namespace": "lab", "max": 4, "resources": {"limits": {"memory": "3Gi"}}},
            {"namespace": "field", "min": 2, "concurrency": 8},
        ],
        SHARED_RUNNER_DEPLOYMENT="runners",
        WATCH_NAMESPACES=["lab", "field"],
        BRIDGE_TOKEN_FILE="/tmp/token",
        LOG_LEVEL="DEBUG",
    )

    assert settings.runner.image_pull_policy == "Always"
    assert settings.runner.resources == {"limits": {"memory": "1Gi", "cpu": "2"}}
    assert settings.runner.node_selector == {"pool": "solvers"}
    assert settings.runner.tolerations == [{"operator": "Exists"}]
    assert settings.runner.priority_class == "batch"
    assert settings.runner.pod_template.metadata.labels == {"team": "cells"}
    assert settings.runner.shared_namespaces == {"lab"}
    assert settings.job_limits == JobLimits(100, None)
    assert [item.scale() for item in settings.shared_runners] == [
        SharedRunners("lab", 1, 4, 2),
        SharedRunners("field", 2, 2, 8),
    ]
    assert settings.shared_runner_deployment == "runners"
    assert settings.watch_namespaces == ("lab", "field")
    assert settings.destinations == DestinationPolicy(
        (
            AllowedDestination("http", "job-manager.lab.svc", 80, "/r"),
            AllowedDestination("http", "a", 80, "", frozenset({"lab"})),
        ),
        (ipaddress.ip_network("203.0.113.0/24"),),
    )
    assert settings.bridge_token_file == Path("/tmp/token")
    assert settings.log_level == "DEBUG"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"runner": {"image": None}}, "BATTERYSIM_RUNNER.image is 'null': Input should be a valid string"),
        (
            {"runner": {"imagePullPolicy": "Often"}},
            "BATTERYSIM_RUNNER.imagePullPolicy is 'Often': Input should be",
        ),
        ({"runner": {"images": "a"}}, "BATTERYSIM_RUNNER.images is 'a': Extra inputs are not permitted"),
        ({"QUEUE": "{maxConcurrent: 1}"}, "BATTERYSIM_QUEUE is '{maxConcurrent: 1}': set it to JSON"),
        ({"QUEUE": {"maxConcurrent": -1}}, "BATTERYSIM_QUEUE.maxConcurrent is '-1': Input should be greater"),
        ({"LOG_LEVEL": "loud"}, "BATTERYSIM_LOG_LEVEL is 'loud': Input should be 'DEBUG'"),
        ({"WATCH_NAMESPACES": ["Lab"]}, "BATTERYSIM_WATCH_NAMESPACES.0 is 'Lab': String should match"),
        (
            {"CALLBACKS": {"allowedPrivateUrls": ["ftp://a"]}},
            "BATTERYSIM_CALLBACKS.allowedPrivateUrls.0 is 'ftp://a': 'ftp://a' must be a URL such as http://",
        ),
        (
            {"runner": {"podTemplate": {"spec": {"hostNetwork": True}}}},
            "BATTERYSIM_RUNNER.podTemplate.spec.hostNetwork is 'true': Extra inputs are not permitted",
        ),
        (
            {"runner": {"podTemplate": {"spec": {"volumes": [{"name": "a", "hostPath": {}}]}}}},
            "'a' is a hostPath, which runners may not have",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_variable_field_and_value(variables: Json, said: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        read(**variables)

    assert said in str(wrong.value)


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="BATTERYSIM_RUNNER is not set"):
        Settings.from_environment({"BATTERYSIM_RUNNER": ""})
