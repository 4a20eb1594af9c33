"""The chart's pods: the restricted Pod Security profile, tokens, images and the store."""

import json

import pytest

from batterysim_bridge.settings import Settings

RESTRICTED_VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"),
    *("projected", "secret"),
}
DIGEST = "sha256:" + "0123456789abcdef" * 4


def find(manifests, kind, name):
    (found,) = [
        manifest
        for manifest in manifests
        if manifest["kind"] == kind and manifest["metadata"]["name"] == name
    ]
    return found


def pod_spec(manifests, component):
    if component == "test":
        return find(manifests, "Pod", "batterysim-test")["spec"]
    return find(manifests, "Deployment", f"batterysim-{component}")["spec"]["template"]["spec"]


def container(manifests, component):
    (only,) = pod_spec(manifests, component)["containers"]
    return only


def deployment_strategy(manifests):
    return find(manifests, "Deployment", "batterysim-bridge")["spec"]["strategy"]["type"]


def store_volume(manifests):
    (volume,) = (item for item in pod_spec(manifests, "bridge")["volumes"] if item["name"] == "store")
    return volume


def test_nothing_runs_but_these_pods(render):
    kinds = {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"}
    assert {
        manifest["metadata"]["name"] for manifest in render(networkPolicy={"enabled": True})
        if manifest["kind"] in kinds
    } == {"batterysim-operator", "batterysim-bridge", "batterysim-test"}  # fmt: skip


@pytest.mark.parametrize("component", ["operator", "bridge", "test"])
def test_pods_meet_the_restricted_profile(render, component):
    spec = pod_spec(render(), component)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
    volume_types = {kind for volume in spec.get("volumes", []) for kind in volume if kind != "name"}
    assert volume_types <= RESTRICTED_VOLUMES
    for each in spec["containers"] + spec.get("initContainers", []):
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize("component", ["operator", "bridge", "test"])
def test_pods_are_small_and_bounded(render, component):
    resources = container(render(), component)["resources"]
    assert resources["requests"]["cpu"] == "50m"
    assert "memory" in resources["limits"]
    assert "cpu" not in resources["limits"]


def test_no_runner_may_fill_its_nodes_disk(render):
    """The kubelet evicts a pod that uses more than its containers' limits, its /tmp and its log included."""
    manifests = render(sharedRunners=[{"namespace": "lab"}])
    operator = {item["name"]: item.get("value") for item in container(manifests, "operator")["env"]}
    job = json.loads(operator["BATTERYSIM_RUNNER"])["resources"]
    (shared,) = (
        item["spec"]["template"]["spec"]["containers"][0]["resources"]
        for item in manifests
        if item["kind"] == "Deployment" and item["metadata"]["namespace"] == "lab"
    )
    assert (job["limits"]["ephemeral-storage"], shared["limits"]["ephemeral-storage"]) == ("3Gi", "2Gi")


def test_only_pods_that_call_the_api_server_have_a_token_for_it(render):
    manifests = render(resultReader={"create": True})
    mounted = {
        component: pod_spec(manifests, component)["automountServiceAccountToken"]
        for component in ("operator", "bridge", "test")
    }
    assert mounted == {"operator": True, "bridge": True, "test": False}
    accounts = [manifest for manifest in manifests if manifest["kind"] == "ServiceAccount"]
    assert [account["automountServiceAccountToken"] for account in accounts] == [False] * 3


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({}, "batterysim-operator:0.1.0"),
        (
            {"repository": "registry.example.org/lab/operator", "tag": "dev"},
            "registry.example.org/lab/operator:dev",
        ),
        ({"tag": "dev", "digest": DIGEST}, f"batterysim-operator@{DIGEST}"),
    ],
    ids=["as released", "by tag", "by digest"],
)
def test_operator_bridge_and_test_run_one_image(render, image, expected):
    manifests = render(image=image)
    assert {container(manifests, component)["image"] for component in ("operator", "bridge", "test")} == {
        expected
    }


def test_one_operator_at_a_time(render):
    spec = find(render(), "Deployment", "batterysim-operator")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_results_are_on_a_volume_that_outlives_the_release(render):
    manifests = render()
    claim = find(manifests, "PersistentVolumeClaim", "batterysim-bridge")
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "10Gi"}},
    }
    assert store_volume(manifests)["persistentVolumeClaim"] == {"claimName": "batterysim-bridge"}
    assert deployment_strategy(manifests) == "Recreate"


def test_a_volume_for_many_nodes_needs_no_gap_between_pods(render):
    manifests = render(bridge={"store": {"persistence": {"accessMode": "ReadWriteMany"}}})
    assert deployment_strategy(manifests) == "RollingUpdate"


def test_results_on_a_claim_of_ones_own(render):
    manifests = render(bridge={"store": {"persistence": {"existingClaim": "results"}}})
    assert store_volume(manifests)["persistentVolumeClaim"] == {"claimName": "results"}
    assert "PersistentVolumeClaim" not in {manifest["kind"] for manifest in manifests}


def test_results_without_a_volume(render):
    manifests = render(bridge={"store": {"persistence": {"enabled": False}}})
    assert store_volume(manifests) == {"name": "store", "emptyDir": {}}
    assert "PersistentVolumeClaim" not in {manifest["kind"] for manifest in manifests}


BUCKET = {"store": {"type": "s3", "s3": {"bucket": "lab-results"}}}


def test_results_in_a_bucket_need_no_volume_and_no_gap_between_pods(render):
    manifests = render(bridge=BUCKET)
    assert store_volume(manifests) == {"name": "store", "emptyDir": {}}
    assert "PersistentVolumeClaim" not in {manifest["kind"] for manifest in manifests}
    assert deployment_strategy(manifests) == "RollingUpdate"


def test_a_private_authority_is_mounted_where_the_bridge_looks(render):
    store = {"type": "s3", "s3": {"bucket": "lab-results", "caConfigMap": "minio-ca"}}
    manifests = render(bridge={"store": store})
    (volume,) = [volume for volume in pod_spec(manifests, "bridge")["volumes"] if "configMap" in volume]
    (mount,) = [
        mount for mount in container(manifests, "bridge")["volumeMounts"] if mount["name"] == volume["name"]
    ]
    (variable,) = [
        item for item in container(manifests, "bridge")["env"] if item["name"] == "BATTERYSIM_RESULT_STORE"
    ]
    assert volume["configMap"] == {"name": "minio-ca"}
    assert json.loads(variable["value"])["s3"]["caFile"] == f"{mount['mountPath']}/ca.crt"


def test_keys_come_from_a_secret_and_nowhere_else(render):
    def keys(s3):
        env = container(render(bridge={"store": {"type": "s3", "s3": s3}}), "bridge")["env"]
        return {item["name"]: item for item in env if item["name"].startswith("AWS_")}

    assert keys({"bucket": "lab-results"}) == {}
    for name, item in keys({"bucket": "lab-results", "credentialsSecret": "s3-keys"}).items():
        optional = name == "AWS_SESSION_TOKEN"
        assert "value" not in item
        assert item["valueFrom"]["secretKeyRef"] == {"name": "s3-keys", "key": name, "optional": optional}


def test_replicas_share_a_bucket_or_a_volume(render, refusal):
    for store in (BUCKET["store"], {"persistence": {"accessMode": "ReadWriteMany"}}):
        manifests = render(bridge={"replicas": 2, "store": store})
        assert find(manifests, "Deployment", "batterysim-bridge")["spec"]["replicas"] == 2

    said = refusal(bridge={"replicas": 2, "store": {"persistence": {"enabled": False}}})
    assert "bridge.replicas" in said


@pytest.mark.parametrize("component", ["operator", "bridge"])
def test_services_find_their_pods_and_no_others(render, component):
    manifests = render(networkPolicy={"enabled": True})
    name = f"batterysim-{component}"
    selector = find(manifests, "Service", name)["spec"]["selector"]
    matching = [
        other
        for other in ("operator", "bridge")
        if selector.items()
        <= find(manifests, "Deployment", f"batterysim-{other}")["spec"]["template"]["metadata"][
            "labels"
        ].items()
    ]
    assert matching == [component]
    assert find(manifests, "NetworkPolicy", name)["spec"]["podSelector"]["matchLabels"] == selector


def test_what_opens_something_is_off_by_default(render):
    manifests = render()
    bridge = {
        item["name"]: item["value"] for item in container(manifests, "bridge")["env"] if "value" in item
    }
    settings = Settings.from_environment(bridge)
    kinds = {manifest["kind"] for manifest in manifests}

    assert (settings.api.anonymous_read, settings.api.any_audience) == (False, False)
    assert settings.job_manager is None
    assert not kinds & {"Ingress", "HTTPRoute", "Secret"}
    assert {item["spec"].get("type", "ClusterIP") for item in manifests if item["kind"] == "Service"} == {
        "ClusterIP"
    }
