"""What an administrator adds to the pods of runners."""

import pytest
from pydantic import ValidationError

from batterysim_operator.reconcile.job import build_job
from batterysim_operator.reconcile.pod_template import PodTemplate
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from tests.builders import NOW, Json, simulation, spec_of


def pod(template: Json, **settings: object) -> Json:
    """Return the pod template of a runner's Job."""
    runner = RunnerSettings.model_validate(
        {"image": "runner:1", "bridgeUrl": "http://bridge", "podTemplate": template, **settings}
    )
    job: Json = build_job(simulation(), spec_of(), runner, NOW)
    found: Json = job["spec"]["template"]
    return found


def test_nothing_is_added_by_default() -> None:
    assert "affinity" not in pod({})["spec"]
    assert (
        pod({})["metadata"]["labels"].keys() == pod({"metadata": {"labels": {}}})["metadata"]["labels"].keys()
    )


def test_labels_and_annotations_are_added() -> None:
    metadata = pod({"metadata": {"labels": {"team": "cells"}, "annotations": {"cost": "1"}}})["metadata"]

    assert metadata["labels"]["team"] == "cells"
    assert metadata["annotations"]["cost"] == "1"
    assert "batterysim.dev/spec" in metadata["annotations"]


def test_the_operators_own_labels_stay() -> None:
    labels = pod({"metadata": {"labels": {"app.kubernetes.io/managed-by": "me"}}})["metadata"]["labels"]

    assert labels["app.kubernetes.io/managed-by"] == "batterysim-operator"


def test_fields_of_the_spec_are_added() -> None:
    affinity = {"nodeAffinity": {}}
    added = {
        "affinity": affinity,
        "runtimeClassName": "gvisor",
        "imagePullSecrets": [{"name": "registry"}],
        "serviceAccountName": "runner",
        "topologySpreadConstraints": [{"maxSkew": 1}],
    }

    assert added.items() <= pod({"spec": added})["spec"].items()


def test_lists_and_maps_are_put_together() -> None:
    spec = pod(
        {"spec": {"tolerations": [{"key": "a"}], "nodeSelector": {"zone": "a", "disk": "slow"}}},
        tolerations=[{"key": "b"}],
        nodeSelector={"disk": "fast"},
    )["spec"]

    assert spec["tolerations"] == [{"key": "a"}, {"key": "b"}]
    assert spec["nodeSelector"] == {"zone": "a", "disk": "fast"}


def test_a_sidecar_is_as_confined_as_the_runner() -> None:
    loose = {"runAsUser": 0, "allowPrivilegeEscalation": True, "capabilities": {"add": ["SYS_ADMIN"]}}
    sidecar = {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always", "securityContext": loose}

    spec = pod({"spec": {"initContainers": [sidecar], "volumes": [{"name": "ca", "emptyDir": {}}]}})["spec"]

    (found,) = spec["initContainers"]
    assert found["securityContext"]["allowPrivilegeEscalation"] is False
    assert found["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert found["restartPolicy"] == "Always"
    assert [volume["name"] for volume in spec["volumes"]] == ["ca", "inputs", "tmp"]
    assert spec["securityContext"]["runAsNonRoot"] is True


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"hostPID": True}, "Extra inputs"),
        ({"containers": []}, "Extra inputs"),
        ({"securityContext": {}}, "Extra inputs"),
        ({"automountServiceAccountToken": True}, "Extra inputs"),
        ({"volumes": [{"name": "root", "hostPath": {"path": "/"}}]}, "is a hostPath"),
        ({"volumes": [{"name": "inputs"}]}, "is the runner's own"),
        ({"initContainers": [{"name": "runner"}]}, "is the runner's own"),
    ],
)
def test_what_would_undo_the_operators_own_fields_is_refused(spec: Json, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PodTemplate.model_validate({"spec": spec})
