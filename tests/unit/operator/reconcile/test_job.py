"""The runner Job: what Kubernetes, the restricted Pod Security profile and the runner need of it."""

import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from batterysim import names
from batterysim.checks.validation import parse_spec
from batterysim.spec.run_policy import ResourceAmounts, Resources, Run
from batterysim_operator.reconcile.job import build_job
from batterysim_operator.reconcile.runner_pod import merge_resources
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from tests.builders import NOW, UID, Json, raw_spec, simulation, spec_of

SETTINGS = RunnerSettings(
    image="registry.example.com/runner:1",
    bridge_url="http://bridge:8084",
    resources={"requests": {"cpu": "200m", "memory": "384Mi"}, "limits": {"memory": "1Gi"}},
    node_selector={"pool": "solvers"},
    tolerations=[{"key": "solvers", "operator": "Exists"}],
    priority_class="batch",
)
LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


def built(name: str = "cell-discharge", **fields: Any) -> Json:
    """Return the Job of a simulation with these fields in its spec."""
    raw = raw_spec(**fields)
    return build_job(simulation(spec=raw, name=name), parse_spec(raw), SETTINGS, NOW)


def pod_spec(job: Json) -> Json:
    spec: Json = job["spec"]["template"]["spec"]
    return spec


def container(job: Json) -> Json:
    (only,) = pod_spec(job)["containers"]
    assert isinstance(only, dict)
    return only


def test_the_same_simulation_gives_the_same_job() -> None:
    assert json.dumps(built()) == json.dumps(built())


def test_it_is_json_through_and_through() -> None:
    assert json.loads(json.dumps(built())) == built()


def test_it_belongs_to_the_simulation() -> None:
    assert built()["metadata"]["ownerReferences"] == [
        {
            "apiVersion": "batterysim.dev/v1alpha1",
            "kind": "BatterySimulation",
            "name": "cell-discharge",
            "uid": UID,
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]


def test_how_it_is_run_comes_from_spec_run() -> None:
    spec = built(run={"deadlineSeconds": 60, "retries": 0})["spec"]

    assert (spec["activeDeadlineSeconds"], spec["backoffLimit"]) == (60, 0)
    assert spec["podReplacementPolicy"] == "Failed"  # never two pods of one simulation at a time


def test_it_stays_for_a_day_until_its_end_is_recorded() -> None:
    """An operator that was away for an hour must not take a Job that has gone for one that never was."""
    spec = built(run={"ttlSecondsAfterFinished": 120})["spec"]

    assert spec["ttlSecondsAfterFinished"] == 86_400


def test_evictions_are_no_tries_and_final_exit_codes_end_the_job_in_this_order() -> None:
    assert built()["spec"]["podFailurePolicy"] == {
        "rules": [
            {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
            {
                "action": "FailJob",
                "onExitCodes": {
                    "containerName": "runner",
                    "operator": "In",
                    "values": [64, 65, 66, 67, 68, 69],
                },
            },
        ]
    }
    assert pod_spec(built())["restartPolicy"] == "Never"  # podFailurePolicy asks for it


def test_users_choose_nothing_about_their_pods_but_resources_and_times() -> None:
    """No image, account, environment, volume, node or priority: these are the operator's."""
    assert set(Run.model_fields) == {
        *("isolation", "isolation_fallback", "queue_name", "deadline_seconds", "retries"),
        *("ttl_seconds_after_finished", "retention", "resources"),
    }
    assert set(Resources.model_fields) == {"requests", "limits"}
    assert set(ResourceAmounts.model_fields) == {"cpu", "memory"}


def test_the_pod_fits_the_restricted_profile() -> None:
    pod = pod_spec(built())["securityContext"]

    assert pod["runAsNonRoot"] is True
    assert pod["runAsUser"] > 0
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(built())["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {next(kind for kind in volume if kind != "name") for volume in pod_spec(built())["volumes"]} == {
        "projected",
        "emptyDir",
    }


def test_the_pods_only_credential_is_a_token_for_the_bridge() -> None:
    pod = pod_spec(built())
    (inputs,) = (volume for volume in pod["volumes"] if volume["name"] == "inputs")
    (token,) = (
        source["serviceAccountToken"]
        for source in inputs["projected"]["sources"]
        if "serviceAccountToken" in source
    )

    assert pod["automountServiceAccountToken"] is False
    assert token == {"audience": "batterysim-bridge", "expirationSeconds": 3600, "path": "token"}
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]  # so it can be read


def test_a_runner_does_not_fill_its_nodes_disk() -> None:
    (tmp,) = (volume for volume in pod_spec(built())["volumes"] if volume["name"] == "tmp")

    assert tmp["emptyDir"] == {"sizeLimit": "2Gi"}


def test_the_runner_reads_the_physics_from_its_pods_annotation() -> None:
    job = built(callback={"url": "https://jobs.example.com/r"}, cell={"initialStateOfCharge": 0.8})
    annotation = job["spec"]["template"]["metadata"]["annotations"]["batterysim.dev/spec"]
    (inputs,) = (volume for volume in pod_spec(job)["volumes"] if volume["name"] == "inputs")

    assert json.loads(annotation) == spec_of(cell={"initialStateOfCharge": 0.8}).physics()
    assert "jobs.example.com" not in json.dumps(job)
    assert {
        "path": "spec.json",
        "fieldRef": {"fieldPath": "metadata.annotations['batterysim.dev/spec']"},
    } in inputs["projected"]["sources"][1]["downwardAPI"]["items"]


def test_the_runners_surroundings() -> None:
    job = built()
    environment = {item["name"]: item.get("value") for item in container(job)["env"]}

    assert environment == {
        "BATTERYSIM_NAMESPACE": "lab",
        "BATTERYSIM_NAME": "cell-discharge",
        "BATTERYSIM_BRIDGE_URL": "http://bridge:8084",
        "BATTERYSIM_IMAGE": "registry.example.com/runner:1",
        "BATTERYSIM_POD_NAME": None,  # from the pod itself
    }
    assert container(job)["image"] == "registry.example.com/runner:1"
    assert pod_spec(job)["nodeSelector"] == {"pool": "solvers"}
    assert pod_spec(job)["tolerations"] == [{"key": "solvers", "operator": "Exists"}]
    assert pod_spec(job)["priorityClassName"] == "batch"


COPYING = SETTINGS.model_copy(update={"copied_prefixes": ("example.org/", "team")})


def test_labels_and_annotations_with_the_administrators_prefixes_are_copied() -> None:
    given = {
        "labels": {"example.org/cost-centre": "cells", "team": "a", "other.org/x": "1"},
        "annotations": {"example.org/owner": "ada", "batterysim.dev/release": "forged"},
    }

    job = build_job(simulation(**given), spec_of(), COPYING, NOW)

    for metadata in (job["metadata"], job["spec"]["template"]["metadata"]):
        assert {"example.org/cost-centre": "cells", "team": "a"}.items() <= metadata["labels"].items()
        assert "other.org/x" not in metadata["labels"]
        assert metadata["annotations"]["example.org/owner"] == "ada"
        assert "batterysim.dev/release" not in metadata["annotations"]


@pytest.mark.parametrize("prefix", ["", "batterysim.dev/", "batterysim", "app.kubernetes.io/name", "a"])
def test_the_operators_own_labels_are_not_copied(prefix: str) -> None:
    with pytest.raises(ValidationError, match="would copy what the operator sets"):
        RunnerSettings(image="runner:1", bridge_url="http://bridge", copied_prefixes=(prefix,))


def test_more_variables_go_before_the_operators_own() -> None:
    extra = ({"name": "TZ", "value": "UTC"}, {"name": "BATTERYSIM_NAME", "value": "other"})

    job = build_job(simulation(), spec_of(), SETTINGS.model_copy(update={"extra_env": extra}), NOW)

    env = container(job)["env"]
    assert env[0] == {"name": "TZ", "value": "UTC"}
    assert [item["value"] for item in env if item["name"] == "BATTERYSIM_NAME"][-1] == "cell-discharge"


def test_it_says_which_release_has_created_it() -> None:
    settings = SETTINGS.model_copy(update={"release": "batterysim-system/batterysim"})

    job = build_job(simulation(), spec_of(), settings, NOW)

    assert job["metadata"]["annotations"][names.ANNOTATION_RELEASE] == "batterysim-system/batterysim"


@pytest.mark.parametrize(
    "name", ["a" * 253, "a" * 62 + "." + "b" * 100, "a" * 60 + "-.-" + "b", "x"], ids=len
)
def test_names_that_are_longer_than_a_label(name: str) -> None:
    job = built(name=name)
    labels = job["spec"]["template"]["metadata"]["labels"]

    assert all(LABEL_VALUE.fullmatch(value) for value in labels.values())
    assert name.startswith(labels[names.LABEL_SIMULATION_NAME])
    assert job["spec"]["template"]["metadata"]["annotations"][names.ANNOTATION_SIMULATION] == name
    assert job["metadata"]["annotations"][names.ANNOTATION_SIMULATION] == name
    assert len(job["metadata"]["name"]) <= 63


def test_the_operator_finds_its_jobs_and_pods_by_label() -> None:
    job = built()

    for metadata in (job["metadata"], job["spec"]["template"]["metadata"]):
        assert metadata["labels"]["app.kubernetes.io/managed-by"] == "batterysim-operator"
        assert metadata["labels"]["batterysim.dev/simulation-uid"] == UID


def test_what_the_spec_refers_to_is_mounted_beside_it() -> None:
    job = built(
        cell={"parameterSet": None, "bpx": {"configMapKeyRef": {"name": "cells", "key": "mine.json"}}},
        protocol={
            "profile": {"quantity": "Power", "configMapKeyRef": {"name": "trips", "key": "monday.csv"}}
        },
    )

    (inputs,) = (volume for volume in pod_spec(job)["volumes"] if volume["name"] == "inputs")
    assert [source["configMap"] for source in inputs["projected"]["sources"] if "configMap" in source] == [
        {
            "name": "cells",
            "optional": True,  # the runner says what is missing; the kubelet would wait for it
            "items": [{"key": "mine.json", "path": "references/bpx.json"}],
        },
        {
            "name": "trips",
            "optional": True,
            "items": [{"key": "monday.csv", "path": "references/profile.csv"}],
        },
    ]


def test_resources_are_the_settings_where_the_simulation_says_nothing() -> None:
    assert container(built())["resources"] == SETTINGS.resources


def test_resources_are_merged_amount_by_amount() -> None:
    wanted = spec_of(run={"resources": {"requests": {"cpu": 2}, "limits": {"memory": "4Gi"}}}).run.resources

    assert merge_resources(SETTINGS.resources, wanted) == {
        "requests": {"cpu": "2", "memory": "384Mi"},
        "limits": {"memory": "4Gi"},
    }
    assert merge_resources({}, spec_of().run.resources) == {"requests": {}, "limits": {}}


def test_building_changes_no_settings() -> None:
    before = json.dumps(SETTINGS.resources)

    built(run={"resources": {"limits": {"cpu": 4}}})

    assert json.dumps(SETTINGS.resources) == before


def test_a_runner_is_told_which_authority_the_bridge_has() -> None:
    raw = raw_spec()
    settings = SETTINGS.model_copy(update={"bridge_ca": "PEM"})
    with_ca = build_job(simulation(spec=raw), parse_spec(raw), settings, NOW)

    assert {"name": "BATTERYSIM_BRIDGE_CA", "value": "PEM"} in container(with_ca)["env"]
    assert "BATTERYSIM_BRIDGE_CA" not in {item["name"] for item in container(built())["env"]}
