"""What to do about a sweep, from `kubectl apply` to its end."""

from dataclasses import replace

import pytest

from batterysim import names
from batterysim.sweep.status import BatterySweepStatus
from batterysim_operator.reconcile.observation import Refusal
from batterysim_operator.reconcile.sweep.status import differs
from tests.builders import UID, Json, ago, condition
from tests.unit.operator.reconcile.sweep.builders import (
    WHOLE,
    accepted,
    decide,
    job,
    observed,
    sweep,
    sweep_pod,
)


def truths(status: BatterySweepStatus | None) -> dict[str, str]:
    assert status is not None
    return {item.type: item.status for item in status.conditions or ()}


def test_a_new_sweep_gets_a_job() -> None:
    decision = decide(observed(sweep()))

    assert decision.job is not None
    assert decision.job["metadata"]["name"] == names.sweep_job_name(UID)
    assert decision.status is not None
    assert (decision.status.phase, decision.status.job_name) == ("Pending", names.sweep_job_name(UID))
    assert decision.status.design is not None
    assert decision.status.design.points == 15
    assert truths(decision.status) == {
        "Accepted": "True",
        "Succeeded": "Unknown",
        "Finished": "False",
        "Suspended": "False",
        "Reconciling": "True",
        "Stalled": "False",
    }


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"vary": [{"field": "cell.soc", "values": [1]}]}, "spec.vary.0.field: 'cell.soc' is no field"),
        ({"vary": [{"field": "cell.initialStateOfCharge", "values": [0.5, 2]}]}, "is not valid"),
        ({"run": {"suspend": True, "queueName": "lab"}}, "spec.run: a sweep in a queue is held by Kueue"),
        (
            {"series": {"keep": "All"}, "design": {"random": {"points": 10_001}}},
            "spec.series.keep: is 'All' with 10001 points, and the results of 10000 at most are kept",
        ),
        (
            {"design": {"random": {"points": 1_000_000}}, "run": {"shards": 2}},
            "spec.run.shards: 2 shards have more than 50000 points each: use 20 or more",
        ),
    ],
    ids=["a field", "a corner", "held twice", "series", "large shards"],
)
def test_a_sweep_that_cannot_be_run_is_invalid_and_gets_no_job(spec: Json, field: str) -> None:
    decision = decide(observed(sweep(**spec)))

    assert decision.job is None
    assert decision.status is not None
    assert decision.status.phase == "Invalid"
    assert decision.status.failure is not None
    assert field in decision.status.failure.message
    assert truths(decision.status)["Accepted"] == "False"


def test_a_sweep_whose_pods_work_is_running() -> None:
    decision = decide(observed(sweep(status=accepted()), job(), sweep_pod("Running")))

    assert decision.status is not None
    assert decision.status.phase == "Running"
    assert decision.job is None


def test_the_same_state_is_not_written_again() -> None:
    before = sweep(status=accepted())
    status = decide(observed(before, job(), sweep_pod("Running"))).status
    assert status is not None
    after = sweep(status=status.to_json_dict() | {"progress": {"points": 15, "done": 3}})

    again = decide(observed(after, job(), sweep_pod("Running"))).status

    assert again is not None
    assert not differs(again, after["status"])


def test_a_suspended_sweep_says_so() -> None:
    held = sweep(status=accepted(), run={"suspend": True})

    decision = decide(observed(held, job(spec={"suspend": True})))

    assert decision.status is not None
    assert decision.status.phase == "Suspended"
    assert truths(decision.status)["Suspended"] == "True"


def test_an_edit_reaches_the_job() -> None:
    edited = sweep(status=accepted(), generation=2, run={"suspend": True})

    assert decide(observed(edited, job(), sweep_pod("Running"))).job_edit == {"spec": {"suspend": True}}


def test_a_sweep_has_succeeded_when_its_table_is_whole() -> None:
    decision = decide(observed(sweep(status=accepted(**WHOLE)), job(), sweep_pod("Running")))

    assert decision.status is not None
    assert decision.status.phase == "Succeeded"
    assert (truths(decision.status)["Succeeded"], truths(decision.status)["Finished"]) == ("True", "True")
    assert decision.job_tidying is not None


def test_a_sweep_with_a_whole_table_is_succeeded_even_if_its_job_is_gone() -> None:
    decision = decide(observed(sweep(status=accepted(**WHOLE))))

    assert decision.status is not None
    assert (decision.status.phase, decision.job) == ("Succeeded", None)


def test_too_many_failed_points_end_it() -> None:
    status = accepted(progress={"points": 15, "done": 9, "failed": 3, "shards": 2, "shardsDone": 0})

    decision = decide(observed(sweep(status=status, run={"maxFailedPoints": 2}), job()))

    assert decision.status is not None
    assert decision.status.failure is not None
    assert decision.status.failure.reason == "TooManyFailedPoints"
    assert decision.job_tidying == {"spec": {"ttlSecondsAfterFinished": 3600, "activeDeadlineSeconds": 9}}


def test_a_job_that_has_failed_fails_it_with_the_words_of_its_pod() -> None:
    words = '{"reason": "RunnerCrashed", "message": "the runner has a defect"}'
    dead = sweep_pod("Failed", terminated={"exitCode": 70, "message": words})

    decision = decide(observed(sweep(status=accepted()), job(condition("Failed", "True")), dead))

    assert decision.status is not None
    assert decision.status.phase == "Failed"
    assert decision.status.failure is not None
    assert decision.status.failure.message == "the runner has a defect (last of 1 attempts)"


def test_a_refused_job_is_tried_again() -> None:
    seen = replace(observed(sweep(status=accepted())), refusal=Refusal("exceeded quota: jobs0"))

    decision = decide(seen)

    assert decision.status is not None
    assert decision.status.phase == "Pending"
    assert "exceeded quota" in (decision.status.conditions or [])[1].message
    assert decision.requeue_after_seconds is not None


def test_a_job_of_somebody_else_is_a_conflict() -> None:
    foreign = job()
    foreign["metadata"]["ownerReferences"] = []

    decision = decide(observed(sweep(status=accepted()), foreign))

    assert decision.status is not None
    assert decision.status.failure is not None
    assert decision.status.failure.reason == "NameConflict"


def test_a_pod_whose_node_is_lost_is_given_up_while_others_work() -> None:
    lost = sweep_pod("Running")
    lost["metadata"] |= {"name": "lost", "deletionTimestamp": ago(seconds=90)}

    decision = decide(observed(sweep(status=accepted()), job(), sweep_pod("Running"), lost))

    assert [item["metadata"]["name"] for item in decision.lost_pods] == ["lost"]


def test_nothing_is_done_about_an_ended_sweep() -> None:
    ended = accepted(
        phase="Succeeded", conditions=[condition("Accepted", "True"), condition("Succeeded", "True")]
    )

    assert decide(observed(sweep(status=ended), job())) == decide(observed(sweep(status=ended)))
    edited = decide(observed(sweep(status=ended, generation=2, run={"parallelism": 9}), job()))
    assert (edited.job_edit, edited.status and edited.status.phase) == (None, "Succeeded")
