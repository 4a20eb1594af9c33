from pathlib import Path

import pytest

from batterysim_bridge.environment import SettingsError
from batterysim_bridge.job_manager.settings import JobManagerSettings
from batterysim_bridge.settings import Settings

MINIMAL = {"BATTERYSIM_BRIDGE_URL": "http://batterysim-bridge:8084"}


def test_only_the_url_must_be_given():
    settings = Settings.from_environment(MINIMAL)

    assert settings.store.directory == Path("/var/lib/batterysim")
    assert settings.max_result_bytes == 1024**3
    assert settings.port == 8084
    assert settings.serves("anything")
    assert settings.scopes == (None,)
    assert settings.default_namespace == "default"
    assert settings.max_request_bytes == 1024**2
    assert settings.anonymous_read is False


def test_watched_namespaces_are_a_list_with_commas():
    settings = Settings.from_environment({**MINIMAL, "BATTERYSIM_WATCH_NAMESPACES": "lab, default"})

    assert settings.watch_namespaces == settings.scopes == ("lab", "default")
    assert settings.serves("lab")
    assert not settings.serves("other")


def test_the_port_is_not_taken_from_the_variable_that_kubernetes_sets_for_the_service():
    environment = {**MINIMAL, "BATTERYSIM_BRIDGE_PORT": "tcp://10.97.0.1:8084"}

    assert Settings.from_environment(environment).port == 8084


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BATTERYSIM_BRIDGE_URL", ""),
        ("BATTERYSIM_BRIDGE_URL", "batterysim-bridge:8084"),
        ("BATTERYSIM_MAX_RESULT_BYTES", "1Gi"),
        ("BATTERYSIM_MAX_RESULT_BYTES", "0"),
        ("BATTERYSIM_WATCH_NAMESPACES", "lab;default"),
        ("BATTERYSIM_DEFAULT_NAMESPACE", "../x"),
        ("BATTERYSIM_MAX_REQUEST_BYTES", "1Mi"),
        ("BATTERYSIM_ANONYMOUS_READ", "yes"),
        ("BATTERYSIM_LOG_LEVEL", "LOUD"),
        ("BATTERYSIM_TRUSTED_PROXIES", "ingress-nginx"),
        ("BATTERYSIM_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("BATTERYSIM_CORS_ORIGINS", "*"),
        ("BATTERYSIM_CORS_ORIGINS", "https://lab.example.org/app"),
        ("BATTERYSIM_KEEP_ALIVE_SECONDS", "75s"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value(variable, value):
    with pytest.raises(SettingsError, match=variable) as raised:
        Settings.from_environment({**MINIMAL, variable: value})

    assert repr(value) in str(raised.value)


def test_the_job_manager_is_served_as_the_environment_says():
    served = Settings.from_environment(
        {
            **MINIMAL,
            "BATTERYSIM_JOB_MANAGER_NAMESPACE": "lab",
            "BATTERYSIM_JOB_MANAGER_BUDGET_SECONDS": "40",
            "BATTERYSIM_JOB_MANAGER_POST_BACK_URL": "http://job-manager-service:8083",
            "BATTERYSIM_JOB_MANAGER_MOST_UNFINISHED": "7",
        }
    ).job_manager

    assert served == JobManagerSettings("lab", 40, "http://job-manager-service:8083", 8085, 7)


def test_an_address_to_post_back_to_that_is_none_is_named():
    environment = {
        "BATTERYSIM_JOB_MANAGER_NAMESPACE": "lab",
        "BATTERYSIM_JOB_MANAGER_POST_BACK_URL": "jobs:8083",
    }

    with pytest.raises(
        SettingsError, match="BATTERYSIM_JOB_MANAGER_POST_BACK_URL is 'jobs:8083': set it to a"
    ):
        Settings.from_environment({**MINIMAL, **environment})
