"""What the chart sets is what the components read: their settings are built from the rendered pods."""

import ipaddress
from pathlib import Path

import pytest

from batterysim import names
from batterysim_bridge.job_manager.settings import JobManagerSettings
from batterysim_bridge.settings import ApiSettings, SharedRunnersSettings
from batterysim_bridge.settings import Settings as BridgeSettings
from batterysim_bridge.store.settings import BucketSettings, RetentionSettings, StoreSettings
from batterysim_bridge.upkeep.settings import LifetimeSettings
from batterysim_operator.control.job_queue import JobLimits
from batterysim_operator.control.runner_scale import SharedRunners
from batterysim_operator.delivery.destination import AllowedDestination, DestinationPolicy
from batterysim_operator.settings import Settings as OperatorSettings

VALUES = {
    "logLevel": "DEBUG",
    "watchNamespaces": ["lab", "plant"],
    "runner": {
        "image": {"repository": "registry.example.org/runner", "tag": "v7", "pullPolicy": "Always"},
        "resources": {"requests": {"cpu": "1500m"}},
        "nodeSelector": {"disk": "fast"},
        "tolerations": [{"key": "batch", "operator": "Exists"}],
        "extraEnv": [{"name": "TZ", "value": "UTC"}],
        "copiedPrefixes": ["example.org/"],
        "podTemplate": {
            "metadata": {"labels": {"team": "cells"}},
            "spec": {"runtimeClassName": "gvisor", "imagePullSecrets": [{"name": "registry"}]},
        },
    },
    "sharedRunners": [{"namespace": "lab", "max": 3, "resources": {"limits": {"memory": "4Gi"}}}],
    "operator": {
        "queue": {"maxConcurrent": 100, "maxConcurrentPerNamespace": 20},
        "callbacks": {
            "allowedPrivateUrls": ["http://10.0.0.7:8083/r"],
            "deniedNetworks": ["203.0.113.0/24"],
            "proxy": "http://egress.example.org:3128",
        },
    },
    "lifetimes": {"defaultSeconds": 3600, "namespaces": {"lab": 31_536_000}},
    "bridge": {
        "store": {"maxResultBytes": 5_000_000_000, "namespaceQuotaBytes": 7_000_000_000},
        "api": {
            "defaultNamespace": "lab",
            "maxRequestBytes": 5_000_000,
            "anonymousRead": True,
            "anyAudience": True,
            "hosts": ["a.example.org"],
            "trustedProxies": ["10.0.0.0/8", "fd00::1"],
            "corsOrigins": ["https://lab.example.org"],
            "keepAliveSeconds": 620,
        },
    },
}


@pytest.fixture
def pod(render):
    def find(component, **values):
        (deployment,) = [
            manifest
            for manifest in render(**values)
            if manifest["kind"] == "Deployment" and manifest["metadata"]["name"] == f"batterysim-{component}"
        ]
        return deployment["spec"]["template"]["spec"]

    return find


def environment(pod):
    """Return what is set; what comes from a Secret is not known here."""
    return {
        variable["name"]: variable["value"] for variable in pod["containers"][0]["env"] if "value" in variable
    }


def test_the_operator_reads_what_the_chart_sets(pod):
    settings = OperatorSettings.from_environment(environment(pod("operator", **VALUES)))
    assert settings.runner.image == "registry.example.org/runner:v7"
    assert settings.runner.image_pull_policy == "Always"
    assert settings.runner.extra_env == ({"name": "TZ", "value": "UTC"},)
    assert settings.runner.copied_prefixes == ("example.org/",)
    assert settings.runner.release == "batterysim-system/batterysim"
    assert settings.runner.resources == {
        "requests": {"cpu": "1500m", "memory": "384Mi", "ephemeral-storage": "50Mi"},
        "limits": {"memory": "2Gi", "ephemeral-storage": "3Gi"},
    }
    assert settings.runner.node_selector == {"disk": "fast"}
    assert settings.runner.tolerations == [{"key": "batch", "operator": "Exists"}]
    assert settings.runner.pod_template.metadata.labels == {"team": "cells"}
    assert settings.runner.pod_template.spec.runtime_class_name == "gvisor"
    assert settings.runner.pod_template.spec.image_pull_secrets == [{"name": "registry"}]
    assert settings.runner.shared_namespaces == {"lab"}
    assert [item.scale() for item in settings.shared_runners] == [SharedRunners("lab", 1, 3, 2)]
    assert settings.shared_runner_deployment == "batterysim-shared-runner"
    assert settings.job_limits == JobLimits(100, 20)
    assert settings.watch_namespaces == ("lab", "plant")
    assert settings.destinations == DestinationPolicy(
        (AllowedDestination("http", "10.0.0.7", 8083, "/r"),), (ipaddress.ip_network("203.0.113.0/24"),)
    )
    assert settings.callbacks.proxy == "http://egress.example.org:3128"
    assert settings.log_level == "DEBUG"


def test_the_bridge_reads_what_the_chart_sets(pod):
    settings = BridgeSettings.from_environment(environment(pod("bridge", **VALUES)))
    assert settings.result_store.max_result_bytes == 5_000_000_000
    assert settings.result_store.namespace_quota_bytes == 7_000_000_000
    assert settings.api == ApiSettings(
        default_namespace="lab",
        max_request_bytes=5_000_000,
        anonymous_read=True,
        any_audience=True,
        hosts=("a.example.org",),
        trusted_proxies=(ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::1")),
        cors_origins=("https://lab.example.org",),
        keep_alive_seconds=620,
    )
    assert settings.lifetimes == LifetimeSettings(
        default_seconds=3600, namespaces={"lab": 31_536_000}, job_manager_seconds=86400
    )
    assert settings.shared_runners == SharedRunnersSettings(
        namespaces=frozenset({"lab"}), over_http=True, account="batterysim-shared-runner"
    )
    assert settings.watch_namespaces == ("lab", "plant")
    assert settings.log_level == "DEBUG"


def test_idle_connections_stay_open_for_longer_than_proxies_keep_them(pod):
    """nginx and AWS close theirs after 60 s; with uvicorn's 5 s a POST was lost now and then."""
    settings = BridgeSettings.from_environment(environment(pod("bridge")))
    assert settings.api.keep_alive_seconds > 60


JOB_MANAGER = {
    "enabled": True,
    "namespace": "lab",
    "budgetSeconds": 40,
    "postBackUrl": "http://job-manager-service.jobs.svc:8083",
}


def test_the_bridge_reads_how_the_job_manager_is_served(pod):
    settings = BridgeSettings.from_environment(environment(pod("bridge", bridge={"jobManager": JOB_MANAGER})))

    assert settings.job_manager == JobManagerSettings(
        namespace="lab",
        budget_seconds=40,
        post_back_url="http://job-manager-service.jobs.svc:8083",
        port=8085,
    )


def test_only_tokens_for_the_bridge_are_accepted_by_default(pod):
    assert BridgeSettings.from_environment(environment(pod("bridge"))).api.any_audience is False


def test_the_job_manager_is_not_served_by_default(pod):
    assert BridgeSettings.from_environment(environment(pod("bridge"))).job_manager is None


def test_the_job_manager_gets_nothing_posted_back_by_default(pod):
    spec = pod("bridge", bridge={"jobManager": {"enabled": True, "namespace": "lab"}})

    settings = BridgeSettings.from_environment(environment(spec)).job_manager

    assert settings is not None
    assert settings.post_back_url is None


def test_the_operator_may_reach_whom_points_are_posted_back_to(pod):
    values = {
        "bridge": {"jobManager": JOB_MANAGER},
        "operator": {"callbacks": {"allowedPrivateUrls": ["http://10.0.0.7:8083"]}},
    }

    settings = OperatorSettings.from_environment(environment(pod("operator", **values)))

    assert settings.destinations.allows("http://10.0.0.7:8083/r", "any")
    assert settings.destinations.allows(JOB_MANAGER["postBackUrl"] + "/simulateCell", "lab")
    assert not settings.destinations.allows(JOB_MANAGER["postBackUrl"] + "/simulateCell", "plant")


def test_the_bridge_reads_which_bucket_and_how_long(pod):
    s3 = {
        "bucket": "lab-results",
        "prefix": "cells",
        "endpoint": "http://minio.storage.svc:9000",
        "region": "eu-central-1",
        "allowHttp": True,
        "credentialsSecret": "s3-keys",
        "caConfigMap": "minio-ca",
    }
    retention = {"days": 30, "maxBytes": 5_000_000_000}
    values = {"bridge": {"store": {"type": "s3", "s3": s3, "retention": retention}}}

    settings = BridgeSettings.from_environment(environment(pod("bridge", **values)))

    assert settings.result_store.s3 == BucketSettings(
        bucket="lab-results",
        prefix="cells",
        endpoint="http://minio.storage.svc:9000",
        region="eu-central-1",
        allow_http=True,
        ca_file=Path("/etc/batterysim/s3-ca/ca.crt"),
    )
    assert settings.result_store.retention == RetentionSettings(days=30, max_bytes=5_000_000_000)


def test_results_are_kept_for_ever_by_default(pod):
    settings = BridgeSettings.from_environment(environment(pod("bridge")))

    assert settings.result_store == StoreSettings()


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({}, "http://batterysim-bridge.batterysim-system.svc:8084"),
        ({"bridge": {"url": "https://bridge.example.org"}}, "https://bridge.example.org"),
    ],
    ids=["the Service", "an address of one's own"],
)
def test_operator_and_bridge_agree_on_the_bridges_address(pod, values, url):
    operator = OperatorSettings.from_environment(environment(pod("operator", **values)))
    bridge = BridgeSettings.from_environment(environment(pod("bridge", **values)))
    assert operator.runner.bridge_url == bridge.bridge_url == url


def test_the_operators_token_for_the_bridge_is_where_it_looks(pod):
    spec = pod("operator")
    settings = OperatorSettings.from_environment(environment(spec))
    (mount,) = (item for item in spec["containers"][0]["volumeMounts"] if item["name"] == "bridge-token")
    (volume,) = (item for item in spec["volumes"] if item["name"] == mount["name"])
    (source,) = volume["projected"]["sources"]
    token = source["serviceAccountToken"]
    assert Path(mount["mountPath"]) / token["path"] == settings.bridge_token_file
    assert token["audience"] == names.TOKEN_AUDIENCE


def test_the_store_is_where_the_volume_is(pod):
    spec = pod("bridge")
    settings = BridgeSettings.from_environment(environment(spec))
    (mount,) = (item for item in spec["containers"][0]["volumeMounts"] if item["name"] == "store")
    assert Path(mount["mountPath"]) == settings.result_store.directory
    assert settings.listen_port == spec["containers"][0]["ports"][0]["containerPort"]
