"""The Indexed Job of a sweep: what Kubernetes, Kueue and the runner need of it."""

import json

from batterysim import names
from batterysim.sweep.checks import parse_sweep
from batterysim_operator.reconcile.sweep.job import build_sweep_job, edit_sweep_job, tidy_sweep_job
from tests.builders import NOW, UID, Json, condition
from tests.unit.operator.reconcile.sweep.builders import SETTINGS, job, sweep


def built(**spec: object) -> Json:
    manifest = sweep(**spec)
    return build_sweep_job(manifest, parse_sweep(manifest["spec"]), SETTINGS, NOW)


def pod_spec(made: Json) -> Json:
    spec: Json = made["spec"]["template"]["spec"]
    return spec


def test_there_is_one_index_for_each_shard() -> None:
    made = built(run={"shards": 3, "parallelism": 2, "retries": 4, "deadlineSeconds": 600})["spec"]

    assert (made["completionMode"], made["completions"], made["parallelism"]) == ("Indexed", 3, 2)
    assert (made["backoffLimitPerIndex"], made["activeDeadlineSeconds"]) == (4, 600)
    assert not made["suspend"]


def test_a_shard_of_one_point_is_the_smallest() -> None:
    assert built(run={"shards": 100})["spec"]["completions"] == 15


def test_it_belongs_to_the_sweep() -> None:
    (owner,) = built()["metadata"]["ownerReferences"]

    assert (owner["kind"], owner["name"], owner["uid"], owner["controller"]) == (
        *("BatterySweep", "c-rates", UID),
        True,
    )


def test_the_pod_reads_the_sweep_with_the_number_of_shards() -> None:
    made = built(run={"shards": 3, "maxFailedPoints": 2, "queueName": "lab", "deadlineSeconds": 60})
    annotation = made["spec"]["template"]["metadata"]["annotations"][names.ANNOTATION_SPEC]

    spec = json.loads(annotation)

    assert parse_sweep(spec).vary == parse_sweep(sweep()["spec"]).vary
    assert spec["run"] == {"shards": 3, "parallelism": 2, "pointTimeoutSeconds": 600, "maxFailedPoints": 2}


def test_it_waits_in_its_queue() -> None:
    assert built(run={"queueName": "lab"})["metadata"]["labels"][names.LABEL_KUEUE_QUEUE] == "lab"


def test_the_pod_is_restricted_and_has_no_rights() -> None:
    spec = pod_spec(built())
    (container,) = spec["containers"]

    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["command"] == ["python", "-m", "batterysim_runner.sweep.shard"]


def test_contents_of_config_maps_are_mounted() -> None:
    manifest = sweep(vary=[], design={"table": {"configMapKeyRef": {"name": "points", "key": "a.csv"}}})

    made = build_sweep_job(manifest, parse_sweep(manifest["spec"]), SETTINGS, NOW)

    sources = pod_spec(made)["volumes"][0]["projected"]["sources"]
    assert sources[2]["configMap"] == {
        "name": "points",
        "optional": True,
        "items": [{"key": "a.csv", "path": "references/design-table.csv"}],
    }


def test_suspension_and_pace_of_a_job_follow_the_spec() -> None:
    changed = sweep(run={"suspend": True, "parallelism": 5, "deadlineSeconds": 86_400})

    assert edit_sweep_job(changed, job()) == {"spec": {"suspend": True, "parallelism": 5}}
    assert edit_sweep_job(sweep(), job()) is None


def test_kueue_alone_suspends_a_job_in_a_queue() -> None:
    queued = job(spec={"suspend": True})
    queued["metadata"]["labels"] = {names.LABEL_KUEUE_QUEUE: "lab"}

    assert edit_sweep_job(sweep(run={"queueName": "lab", "parallelism": 7}), queued) is None


def test_what_still_runs_for_a_failed_sweep_is_stopped_at_once() -> None:
    manifest = sweep(run={"ttlSecondsAfterFinished": 120})

    assert tidy_sweep_job(manifest, job(), NOW, is_failure=True) == {
        "spec": {"ttlSecondsAfterFinished": 120, "activeDeadlineSeconds": 9}
    }
    ended = job(condition("Failed", "True"))
    assert tidy_sweep_job(manifest, ended, NOW, is_failure=True) == {"spec": {"ttlSecondsAfterFinished": 120}}
