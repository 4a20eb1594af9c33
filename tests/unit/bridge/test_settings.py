"""The bridge's settings, as the chart writes them."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from batterysim.process.environment import SettingsError
from batterysim_bridge.job_manager.settings import JobManagerSettings
from batterysim_bridge.settings import Settings
from batterysim_bridge.store.settings import BucketSettings, StoreSettings
from batterysim_bridge.upkeep.retention import RetentionLimits
from batterysim_bridge.upkeep.settings import retention_limits

URL = "http://batterysim-bridge:8084"


def read(**variables: object) -> Settings:
    """Return the settings of an environment. variables: without their prefix, as JSON."""
    return Settings.from_environment(
        {
            f"BATTERYSIM_{name}": value if isinstance(value, str) else json.dumps(value)
            for name, value in {"BRIDGE_URL": URL, **variables}.items()
        }
    )


def store(**section: object) -> StoreSettings:
    return read(RESULT_STORE=section).result_store


def bucket(**section: object) -> BucketSettings | None:
    return store(s3={"bucket": "lab-results", **section}).s3


def test_only_the_url_must_be_given() -> None:
    settings = read()

    assert settings.result_store.directory == Path("/var/lib/batterysim")
    assert settings.result_store.max_result_bytes == 1024**3
    assert settings.listen_port == 8084
    assert settings.serves("anything")
    assert settings.scopes == (None,)
    assert settings.api.default_namespace == "default"
    assert settings.api.max_request_bytes == 1024**2
    assert settings.api.anonymous_read is False
    assert settings.job_manager is None


def test_only_watched_namespaces_are_served() -> None:
    settings = read(WATCH_NAMESPACES=["lab", "default"])

    assert settings.watch_namespaces == settings.scopes == ("lab", "default")
    assert settings.serves("lab")
    assert not settings.serves("other")


def test_the_port_is_not_taken_from_the_variable_that_kubernetes_sets_for_the_service() -> None:
    assert read(BRIDGE_PORT="tcp://10.97.0.1:8084").listen_port == 8084


def test_other_variables_of_this_process_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATTERYSIM_LOG_LEVEL", "DEBUG")

    assert read().log_level == "INFO"


def test_names_of_hosts_are_compared_in_lower_case() -> None:
    assert read(API={"hosts": ["Lab.Example.org"]}).own_hosts == {"lab.example.org", "batterysim-bridge"}


def test_what_comes_over_http_runs_on_shared_runners_where_there_are_some() -> None:
    shared = {"namespaces": ["lab"], "overHttp": True}

    assert read(SHARED_RUNNERS=shared).isolation_over_http("lab") == "Process"
    assert read(SHARED_RUNNERS=shared).isolation_over_http("default") is None
    assert read(SHARED_RUNNERS=shared | {"overHttp": False}).isolation_over_http("lab") is None


def test_the_job_manager_is_served_as_the_environment_says() -> None:
    section = {
        "namespace": "lab",
        "budgetSeconds": 40,
        "postBackUrl": "http://job-manager-service:8083",
        "port": 8085,
        "maxUnfinished": 7,
    }

    assert read(JOB_MANAGER=section).job_manager == JobManagerSettings(
        namespace="lab",
        budget_seconds=40,
        post_back_url="http://job-manager-service:8083",
        port=8085,
        max_unfinished=7,
    )


def test_results_are_in_a_directory_and_kept_for_good_by_default() -> None:
    settings = read().result_store

    assert (settings.directory, settings.s3) == (Path("/var/lib/batterysim"), None)
    assert (retention_limits(settings.retention), settings.largest_orphaned_share) == (RetentionLimits(), 0.1)


def test_a_bucket_needs_nothing_but_its_name() -> None:
    assert bucket(endpoint="", region="", prefix="") == BucketSettings(bucket="lab-results")


def test_everything_about_a_bucket_can_be_set() -> None:
    assert bucket(
        prefix="/cells/eu-1/",
        endpoint="http://minio.storage.svc:9000/",
        allowHttp=True,
        region="eu-central-1",
        caFile="/etc/s3/ca.crt",
    ) == BucketSettings(
        bucket="lab-results",
        prefix="cells/eu-1",
        endpoint="http://minio.storage.svc:9000",
        allow_http=True,
        region="eu-central-1",
        ca_file=Path("/etc/s3/ca.crt"),
    )


def test_retention_is_in_days_and_bytes() -> None:
    retention = store(retention={"days": 30, "maxBytes": 5_000_000_000}).retention

    assert retention_limits(retention) == RetentionLimits(timedelta(days=30), 5_000_000_000)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("BRIDGE_URL", "", " is not set"),
        ("BRIDGE_URL", "bridge:8084", " is 'bridge:8084': must be a base URL, such as https://"),
        ("LOG_LEVEL", "LOUD", " is 'LOUD': Input should be 'DEBUG'"),
        ("WATCH_NAMESPACES", ["lab;default"], ".0 is 'lab;default': String should match"),
        ("API", {"defaultNamespace": "../x"}, ".defaultNamespace is '../x': String should match"),
        ("API", {"maxRequestBytes": "1Mi"}, ".maxRequestBytes is '1Mi': Input should be a valid integer"),
        ("API", {"anonymousRead": "maybe"}, ".anonymousRead is 'maybe': Input should be a valid boolean"),
        ("API", {"anonymousReads": True}, ".anonymousReads is 'true': Extra inputs are not permitted"),
        ("API", {"trustedProxies": ["ingress-nginx"]}, ".trustedProxies.0"),
        ("API", {"trustedProxies": ["10.0.0.1/8"]}, ".trustedProxies.0"),
        ("API", {"corsOrigins": ["*"]}, ".corsOrigins.0 is '*': must be an origin such as https://"),
        ("API", {"corsOrigins": ["https://a.org/app"]}, ".corsOrigins.0 is 'https://a.org/app': must be an"),
        ("API", {"keepAliveSeconds": "75s"}, ".keepAliveSeconds is '75s': Input should be a valid integer"),
        ("RESULT_STORE", "directory", " is 'directory': set it to JSON"),
        ("RESULT_STORE", {"maxResultBytes": "1Gi"}, ".maxResultBytes is '1Gi': Input should be a valid"),
        ("RESULT_STORE", {"maxResultBytes": 0}, ".maxResultBytes is '0': Input should be greater than 0"),
        ("RESULT_STORE", {"retention": {"days": "30d"}}, ".retention.days is '30d': Input should be a valid"),
        ("RESULT_STORE", {"retention": {"maxBytes": -1}}, ".retention.maxBytes is '-1': Input should be"),
        ("RESULT_STORE", {"largestOrphanedShare": 1.5}, ".largestOrphanedShare is '1.5': Input should be"),
        ("LIFETIMES", {"namespaces": {"Lab": 1}}, ".namespaces.Lab.[key] is 'Lab': String should match"),
        ("JOB_MANAGER", {"namespace": ""}, ".namespace is '': String should match"),
        (
            "JOB_MANAGER",
            {"namespace": "lab", "postBackUrl": "jobs:8083"},
            ".postBackUrl is 'jobs:8083': must be a base URL",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_variable_field_and_value(
    variable: str, value: object, said: str
) -> None:
    with pytest.raises(SettingsError) as wrong:
        read(**{variable: value})

    assert str(wrong.value).startswith(f"BATTERYSIM_{variable}{said}")


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("bucket", "", "must be the bucket's name"),
        ("bucket", "s3://lab", "must be the bucket's name"),
        ("prefix", "../other", "such as batterysim/results"),
        ("prefix", "a//b", "such as batterysim/results"),
        ("endpoint", "minio:9000", "must be a base URL, such as"),
        ("endpoint", "http://minio:9000", "set allowHttp to true"),
    ],
)
def test_what_is_wrong_with_a_bucket_is_named_with_what_to_do(field: str, value: str, advice: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        bucket(**{field: value})

    assert str(wrong.value).startswith(f"BATTERYSIM_RESULT_STORE.s3.{field} is {value!r}: ")
    assert advice in str(wrong.value)
