"""What the chart sets is what the components read: their settings are built from the rendered pods."""

from pathlib import Path

import pytest

from batterysim import names
from batterysim_bridge.settings import Settings as BridgeSettings
from batterysim_operator.settings import Settings as OperatorSettings

VALUES = {
    "logLevel": "DEBUG",
    "watchNamespaces": ["lab", "plant"],
    "runner": {
        "image": {"repository": "registry.example.org/runner", "tag": "v7", "pullPolicy": "Always"},
        "resources": {"requests": {"cpu": "1500m"}},
        "nodeSelector": {"disk": "fast"},
        "tolerations": [{"key": "batch", "operator": "Exists"}],
    },
    "operator": {"callbacks": {"allowedPrivateHosts": ["job-manager.simulation.svc", "10.0.0.7"]}},
    "bridge": {"store": {"maxResultBytes": 5_000_000_000}},
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
    return {variable["name"]: variable["value"] for variable in pod["containers"][0]["env"]}


def test_the_operator_reads_what_the_chart_sets(pod):
    settings = OperatorSettings.from_environment(environment(pod("operator", **VALUES)))
    assert settings.runner.image == "registry.example.org/runner:v7"
    assert settings.runner.image_pull_policy == "Always"
    assert settings.runner.resources == {
        "requests": {"cpu": "1500m", "memory": "384Mi"},
        "limits": {"memory": "2Gi"},
    }
    assert settings.runner.node_selector == {"disk": "fast"}
    assert settings.runner.tolerations == [{"key": "batch", "operator": "Exists"}]
    assert settings.watch_namespaces == ("lab", "plant")
    assert settings.callback_allowed_hosts == {"job-manager.simulation.svc", "10.0.0.7"}
    assert settings.log_level == "DEBUG"


def test_the_bridge_reads_what_the_chart_sets(pod):
    settings = BridgeSettings.from_environment(environment(pod("bridge", **VALUES)))
    assert settings.max_result_bytes == 5_000_000_000
    assert settings.watch_namespaces == ("lab", "plant")
    assert settings.log_level == "DEBUG"


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
    (mount,) = spec["containers"][0]["volumeMounts"]
    (source,) = spec["volumes"][0]["projected"]["sources"]
    token = source["serviceAccountToken"]
    assert Path(mount["mountPath"]) / token["path"] == settings.bridge_token_file
    assert token["audience"] == names.TOKEN_AUDIENCE


def test_the_store_is_where_the_volume_is(pod):
    spec = pod("bridge")
    settings = BridgeSettings.from_environment(environment(spec))
    (mount,) = spec["containers"][0]["volumeMounts"]
    assert Path(mount["mountPath"]) == settings.store_dir
    assert settings.port == spec["containers"][0]["ports"][0]["containerPort"]
