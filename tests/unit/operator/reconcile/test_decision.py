"""What the operator does about a simulation, situation by situation."""

from dataclasses import replace
from typing import Any

import pytest

from batterysim.names import job_name
from batterysim_operator.reconcile.decision import Decision
from batterysim_operator.reconcile.observation import Observation, Refusal
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from tests import builders
from tests.builders import (
    NOW,
    UID,
    Json,
    ago,
    condition,
    constant_current,
    job,
    observation,
    pod,
    raw_spec,
    simulation,
)

SETTINGS = RunnerSettings(image="runner:1", bridge_url="http://bridge:8084")
STARTED = {
    "observedGeneration": 1,
    "phase": "Pending",
    "jobName": job_name(UID),
    "attempt": 1,
    "startTime": ago(seconds=8),
    "conditions": [
        condition("Accepted", "True", "Valid"),
        condition("Succeeded", "Unknown", "Starting"),
    ],
    "timeline": {"acceptedTime": ago(seconds=8)},
}
RESULTS = {
    "results": {"uri": "http://bridge/r", "sha256": "0" * 64, "sizeBytes": 9, "rows": 101},
    "summary": {"endReason": "LowerCutOff"},
}


def started(**status: Any) -> Json:
    """Return a simulation whose Job has been decided on."""
    return simulation(status=STARTED | status)


def decide(seen: Observation) -> Decision:
    return builders.decide(seen, SETTINGS)


def told(decision: Decision) -> tuple[str, str, str]:
    """Return the phase, and the status and reason of the condition Succeeded."""
    assert decision.status is not None
    assert decision.status.phase is not None
    (succeeded,) = (item for item in decision.status.conditions or () if item.type == "Succeeded")
    return decision.status.phase, succeeded.status, succeeded.reason


def test_a_new_simulation_gets_its_status_and_its_job() -> None:
    decision = decide(observation(simulation()))

    assert told(decision) == ("Pending", "Unknown", "Starting")
    assert decision.status is not None
    assert decision.status.job_name == job_name(UID)
    assert decision.status.protocol == "discharge 5 A"
    assert decision.job is not None
    assert decision.job["metadata"]["name"] == job_name(UID)


def test_the_part_of_a_result_before_the_solver_failed_is_the_end_of_a_failed_run() -> None:
    why = "PyBaMM could not solve the model. It had come to 5.43 s"
    part = {**RESULTS, "summary": {"endReason": "SolverFailed", "partial": True, "failureMessage": why}}

    decision = decide(observation(started(**part), job(active=1), pod("Running")))

    assert told(decision) == ("Failed", "False", "SolverFailed")
    assert decision.status is not None
    assert decision.status.failure is not None
    assert (decision.status.failure.reason, decision.status.failure.message) == ("SolverFailed", why)
    assert decision.status.timeline is not None
    assert decision.status.timeline.succeeded_time is None


def test_it_is_looked_at_again_in_case_no_event_of_its_job_comes() -> None:
    """A Job of the same name that is not ours has none of the labels that the operator watches."""
    decision = decide(observation(simulation()))

    assert decision.requeue_after_seconds is not None
    assert 1 <= decision.requeue_after_seconds <= 60


def test_a_bad_spec_gets_no_job() -> None:
    decision = decide(observation(simulation(spec=raw_spec(cell={"lowerCutoffVolts": 4.3}))))

    assert told(decision) == ("Invalid", "False", "InvalidSpec")
    assert decision.job is None
    assert decision.status is not None
    assert decision.status.failure is not None
    assert decision.status.failure.message.startswith("spec.cell.lowerCutoffVolts: ")
    assert decision.status.job_name is None


def test_a_bad_spec_that_was_corrected_is_run() -> None:
    status = decide(observation(simulation(spec=raw_spec(cell={"parameters": {"zzz": 1}})))).status
    assert status is not None
    corrected = simulation(status=status.to_json_dict(), generation=2)

    decision = decide(observation(corrected))

    assert told(decision) == ("Pending", "Unknown", "Starting")
    assert decision.job is not None
    assert decision.status is not None
    assert decision.status.failure is None
    assert decision.status.completion_time is None


def test_a_job_that_is_missing_is_made_again() -> None:
    """The operator was killed between status and Job, or somebody deleted the Job."""
    decision = decide(observation(started()))

    assert told(decision) == ("Pending", "Unknown", "Starting")
    first = decide(observation(simulation())).job
    assert decision.job is not None
    assert first is not None
    # The deadline counts from when the simulation was accepted.
    assert first["spec"]["activeDeadlineSeconds"] - decision.job["spec"].pop("activeDeadlineSeconds") == 8
    first["spec"].pop("activeDeadlineSeconds")
    assert decision.job == first


def test_a_job_that_the_api_server_rejects_is_no_end_and_says_why() -> None:
    refusal = 'Job.batch "bsim" is invalid: requests: must be less than or equal to memory limit'
    seen = Observation(started(), None, (), NOW, refusal=Refusal(refusal, final=True))

    decision = decide(seen)

    assert told(decision) == ("Invalid", "False", "InvalidSpec")
    assert decision.job is None
    assert decision.status is not None
    assert decision.status.job_name is None  # nothing has begun, so that the spec can be corrected
    assert decision.status.failure is not None
    assert refusal in decision.status.failure.message
    assert "spec.run" in decision.status.failure.message


QUOTA = Refusal('jobs.batch "bsim" is forbidden: exceeded quota: jobs0')


@pytest.mark.parametrize(("waited", "again"), [(0, 2), (8, 4), (60, 30), (600, 60)])
def test_a_job_that_is_not_admitted_now_is_tried_again_and_the_user_is_told(
    waited: int, again: float
) -> None:
    seen = Observation(started(startTime=ago(seconds=waited)), None, (), NOW, refusal=QUOTA)

    decision = decide(seen)

    assert told(decision) == ("Pending", "Unknown", "JobNotAdmitted")
    assert decision.requeue_after_seconds == again
    assert decision.status is not None
    assert decision.status.conditions is not None
    assert QUOTA.message in decision.status.conditions[1].message


def test_a_job_that_was_never_admitted_ends_at_its_deadline_with_the_cause() -> None:
    spec = raw_spec(run={"deadlineSeconds": 30})
    manifest = simulation(spec=spec, status=STARTED | {"startTime": ago(seconds=30)})

    decision = decide(Observation(manifest, None, (), NOW, refusal=QUOTA))

    assert told(decision) == ("Failed", "False", "DeadlineExceeded")
    assert decision.status is not None
    assert decision.status.failure is not None
    assert QUOTA.message in decision.status.failure.message
    assert "raise it" not in decision.status.failure.message


@pytest.mark.parametrize(
    ("results", "now_of_the_job", "phase"),
    [({}, job(active=1), "Running"), (RESULTS, job(active=1), "Succeeded"), (RESULTS, None, "Succeeded")],
    ids=["running", "stored", "stored, Job gone"],
)
def test_what_was_accepted_is_not_judged_by_newer_rules(
    results: Json, now_of_the_job: Json | None, phase: str
) -> None:
    """An operator with one more check called runs Invalid whose spec nobody could correct any more."""
    status = STARTED | {"protocol": "discharge 5 A"} | results
    manifest = simulation(spec=raw_spec(cell={"lowerCutoffVolts": 4.3}), status=status)

    decision = decide(observation(manifest, now_of_the_job, pod("Running")))

    assert told(decision)[0] == phase
    assert decision.status is not None
    assert decision.status.protocol == "discharge 5 A"


def test_a_pod_that_is_being_started_is_no_news_for_a_second() -> None:
    times = {"startTime": ago(seconds=0.4), "timeline": {"acceptedTime": ago(seconds=0.4)}}
    early = decide(observation(started(**times), job(age=0.4), pod("Pending", age=0.3)))
    late = decide(observation(started(), job(age=8), pod("Pending", age=8)))
    running = decide(observation(started(**times), job(age=0.4), pod("Running", age=0.3, running={})))

    assert early.status is None
    assert early.requeue_after_seconds == pytest.approx(0.6)
    assert told(late) == ("Pending", "Unknown", "Starting")
    assert told(running) == ("Running", "Unknown", "Running")


def test_the_status_says_when_the_job_was_created_however_late_it_is_written() -> None:
    created = decide(observation(simulation())).job
    assert created is not None
    annotations = created["metadata"]["annotations"]

    later = decide(
        observation(started(), {**job(), "metadata": {**job()["metadata"], "annotations": annotations}})
    )

    assert later.status is not None
    assert later.status.timeline is not None
    assert later.status.timeline.job_created_time == NOW


def test_a_running_pod() -> None:
    decision = decide(observation(started(), job(active=1), pod("Running")))

    assert told(decision) == ("Running", "Unknown", "Running")


def test_a_final_failure_of_the_pod_is_told_before_kubernetes_tells_it() -> None:
    words = '{"reason": "Infeasible", "message": "at time 0 the voltage is below the cut-off"}'
    decision = decide(
        observation(started(), job(active=1), pod("Failed", terminated={"exitCode": 65, "message": words}))
    )

    assert told(decision) == ("Failed", "False", "Infeasible")
    assert decision.status is not None
    assert decision.status.completion_time == NOW


@pytest.mark.parametrize(
    "now_of_the_job",
    [job(active=1), job(condition("Complete", "True"), completionTime=ago(minutes=5)), None],
    ids=["running", "complete", "gone"],
)
def test_a_stored_result_is_a_success_whatever_the_job_does(now_of_the_job: Json | None) -> None:
    decision = decide(observation(started(**RESULTS), now_of_the_job))

    assert told(decision) == ("Succeeded", "True", "ResultStored")
    assert decision.job is None
    assert decision.status is not None
    assert decision.status.timeline is not None
    assert decision.status.timeline.succeeded_time == NOW


def test_the_attempt_is_remembered_when_the_job_is_gone() -> None:
    decision = decide(observation(started(attempt=2, **RESULTS)))

    assert decision.status is not None
    assert decision.status.attempt == 2


def test_a_failure_stays_when_the_result_comes_late() -> None:
    failed = decide(observation(started(), job(condition("Failed", "True", "DeadlineExceeded")))).status
    assert failed is not None

    assert decide(observation(simulation(status=failed.to_json_dict() | RESULTS))) == Decision()


def test_a_failure_stays_when_the_job_is_gone() -> None:
    failed = decide(observation(started(), job(condition("Failed", "True", "DeadlineExceeded")))).status
    assert failed is not None

    assert decide(observation(simulation(status=failed.to_json_dict()))) == Decision()


def ended(*, generation: int, spec: Json | None = None, failed: bool = False) -> tuple[Json, Decision]:
    """Return a simulation that has ended at its second try and was edited then, and what is done about it."""
    seen = observation(started(), job(condition("Failed", "True", "DeadlineExceeded"), failed=2))
    if not failed:
        seen = observation(started(**RESULTS), job(active=1, failed=1))
    status = decide(seen).status
    assert status is not None
    before = status.to_json_dict() | ({} if failed else RESULTS)
    edited = simulation(spec=spec, status=before, generation=generation)
    return before, decide(observation(edited))


@pytest.mark.parametrize("failed", [True, False], ids=["failed", "succeeded"])
def test_an_edit_of_how_it_is_run_changes_nothing_once_it_has_ended(failed: bool) -> None:
    before, decision = ended(generation=2, spec=raw_spec(run={"retries": 5}), failed=failed)

    assert decision.job is None
    assert decision.status is not None
    after = decision.status.to_json_dict()
    assert after["observedGeneration"] == 2
    for name in ("phase", "protocol", "completionTime", "startTime", "attempt", "jobName", "failure"):
        assert after.get(name) == before.get(name)
    assert after["timeline"] == before["timeline"]


def test_an_end_stays_an_end_when_the_callback_is_spoilt_afterwards() -> None:
    """The schema cannot tell that this port is none, so the API server lets it pass."""
    spoilt = raw_spec(callback={"url": "http://jobs.example.com:99999/"})

    _, decision = ended(generation=2, spec=spoilt)

    assert told(decision) == ("Succeeded", "True", "ResultStored")


def test_the_physics_stays_locked_when_the_callback_is_spoilt_during_the_run() -> None:
    """Without jobName, the physics could be edited while the Job solves the old one."""
    spoilt = simulation(
        spec=raw_spec(callback={"url": "http://jobs.example.com:99999/"}), status=STARTED, generation=2
    )
    status = decide(observation(spoilt, job(active=1), pod("Running"))).status
    assert status is not None
    assert (status.phase, status.job_name) == ("Running", job_name(UID))

    corrected = simulation(status=status.to_json_dict() | RESULTS, generation=3)

    assert told(decide(observation(corrected, job(active=1)))) == ("Succeeded", "True", "ResultStored")


def test_a_foreign_job_of_the_same_name_is_left_alone() -> None:
    foreign = job(condition("Complete", "True"), completionTime=ago(minutes=5))
    foreign["metadata"]["ownerReferences"] = [{"uid": "somebody-else"}]

    decision = decide(observation(started(), foreign))

    assert told(decision) == ("Failed", "False", "NameConflict")
    assert decision.job is None


def test_nothing_is_done_about_what_is_being_deleted() -> None:
    going = simulation(deletionTimestamp=ago(seconds=1), spec=raw_spec(protocol=constant_current(5, 60)))

    assert decide(observation(going)) == Decision()


def test_conditions_are_dated_from_when_their_truth_changed() -> None:
    decision = decide(observation(started(), job(active=1), pod("Running")))

    assert decision.status is not None
    dates = {item.type: item.last_transition_time for item in decision.status.conditions or ()}
    assert dates["Accepted"].isoformat() == ago(seconds=5).replace("Z", "+00:00")  # as before
    assert dates["Succeeded"] == dates["Accepted"]  # only its reason has changed

    ended_ = decide(observation(started(**RESULTS), job(active=1))).status
    assert ended_ is not None
    assert {item.type: item.last_transition_time for item in ended_.conditions or ()}["Succeeded"] == NOW


@pytest.mark.parametrize(
    ("counts", "attempt"),
    [
        ({"active": 1}, 1),
        ({"active": 1, "failed": 1}, 2),
        ({"failed": 1}, 1),  # the next pod is not there yet
        ({"failed": 3, "conditions": [condition("Failed", "True", "BackoffLimitExceeded")]}, 3),
        ({"succeeded": 1, "failed": 1}, 2),
    ],
)
def test_attempt_counts_pods_not_failures(counts: Json, attempt: int) -> None:
    decision = decide(observation(started(), job(**counts)))

    assert decision.status is not None
    assert decision.status.attempt == attempt


@pytest.mark.parametrize(
    ("seen", "finished", "reconciling", "stalled", "why"),
    [
        (observation(simulation()), "False", "True", "False", "Starting"),
        (observation(started(), job(active=1), pod("Running")), "False", "True", "False", "Running"),
        (observation(started(**RESULTS), job(active=1)), "True", "False", "False", "LowerCutOff"),
        (
            observation(started(), job(condition("Failed", "True", "DeadlineExceeded"))),
            "True",
            "False",
            "True",
            "DeadlineExceeded",
        ),
        (
            observation(simulation(spec=raw_spec(cell={"lowerCutoffVolts": 4.3}))),
            "True",
            "False",
            "True",
            "InvalidSpec",
        ),
    ],
    ids=["new", "running", "succeeded", "failed", "invalid"],
)
def test_each_end_can_be_waited_for(
    seen: Observation, finished: str, reconciling: str, stalled: str, why: str
) -> None:
    """`kubectl wait --for=condition=Finished` ends for good and bad ends; kstatus reads the other two."""
    decision = decide(seen)

    assert decision.status is not None
    course = {item.type: (item.status, item.reason) for item in decision.status.conditions or ()}
    assert course["Finished"] == (finished, why)
    assert course["Reconciling"] == (reconciling, why)
    assert course["Stalled"] == (stalled, why)


def test_one_that_waits_for_its_turn_gets_no_job_and_no_start() -> None:
    decision = decide(replace(observation(simulation()), place=7))

    assert told(decision) == ("Queued", "Unknown", "Queued")
    assert decision.job is None
    assert decision.status is not None
    status = decision.status
    assert (status.queue_position, status.job_name, status.start_time) == (7, None, None)


def test_its_place_is_written_down_again_when_it_has_halved() -> None:
    def place(now: int) -> int | None:
        seen = observation(simulation(status={"phase": "Queued", "queuePosition": 8}))
        decided = decide(replace(seen, place=now)).status
        return None if decided is None else decided.queue_position

    assert [place(now) for now in (8, 7, 5, 4, 1, 12)] == [8, 8, 8, 4, 1, 12]


def test_when_it_is_its_turn_it_starts_like_any_other() -> None:
    decision = decide(observation(simulation(status={"phase": "Queued", "queuePosition": 1})))

    assert told(decision) == ("Pending", "Unknown", "Starting")
    assert decision.job is not None
    assert decision.status is not None
    assert decision.status.queue_position is None
