"""Shared runners: which attempt may be run, and when it is enough. The bridge claims, the operator grants."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from batterysim_operator.reconcile.decision import Decision
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from tests import builders
from tests.builders import NOW, ago, condition, observation, raw_spec, simulation

SETTINGS = RunnerSettings(
    image="runner:1", bridge_url="http://bridge:8084", shared_namespaces=frozenset({"lab"})
)
CREATED = ago(seconds=100)
RESULTS = {
    "results": {"uri": "http://bridge/r", "sha256": "0" * 64, "sizeBytes": 9, "rows": 101},
    "summary": {"endReason": "LowerCutOff"},
}


def claim(attempt: int = 1, seconds_ago: float = 5, outcome: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a claim of an attempt, as the bridge writes it."""
    return {
        "attempt": attempt,
        "host": "shared-runner-abcde",
        "hostUid": "0b7c",
        "process": "77",
        "credentialSha256": "0" * 64,
        "claimedTime": ago(seconds=seconds_ago),
        "renewTime": ago(seconds=seconds_ago),
    } | ({} if outcome is None else {"outcome": outcome})


def outcome(exit_code: int, reason: str) -> dict[str, Any]:
    return {"exitCode": exit_code, "reason": reason, "message": "so it was", "time": ago(seconds=1)}


def decide(created: str = CREATED, run: dict[str, Any] | None = None, **status: Any) -> Decision:
    """Return what is decided about a simulation that asks for a Process."""
    spec = raw_spec(run={"isolation": "Process"} | (run or {}))
    seen = observation(simulation(spec=spec, status=status))
    metadata = {**seen.simulation["metadata"], "namespace": "lab", "creationTimestamp": created}
    return builders.decide(replace(seen, simulation={**seen.simulation, "metadata": metadata}), SETTINGS)


def told(decision: Decision) -> tuple[str, str]:
    assert decision.status is not None
    (succeeded,) = (item for item in decision.status.conditions or () if item.type == "Succeeded")
    return str(decision.status.phase), succeeded.reason


def test_a_process_gets_no_job() -> None:
    decision = decide()

    assert decision.job is None
    assert told(decision) == ("Queued", "WaitingForRunner")
    assert decision.status is not None
    assert (decision.status.job_name, decision.status.isolation, decision.status.attempt) == (
        None,
        "Process",
        1,
    )


def test_nothing_is_written_of_what_changes_in_a_moment() -> None:
    waiting = decide(created=ago(seconds=2.2))
    running = decide(claim=claim(seconds_ago=0.4))

    assert (waiting.status, waiting.requeue_after_seconds) == (None, pytest.approx(0.8))
    assert (running.status, running.requeue_after_seconds) == (None, pytest.approx(0.6))


def test_a_corrected_spec_is_no_longer_invalid_at_once() -> None:
    rejected = [condition("Accepted", "False", "UnknownParameter")]

    decision = decide(created=ago(seconds=0.5), phase="Invalid", conditions=rejected)

    assert told(decision) == ("Queued", "WaitingForRunner")


def test_a_run_that_takes_longer_is_shown_with_its_runner() -> None:
    decision = decide(claim=claim(seconds_ago=5))

    assert told(decision) == ("Running", "Running")
    assert decision.status is not None
    assert decision.status.start_time == NOW - timedelta(seconds=5)


def test_a_result_ends_it_in_one_write() -> None:
    decision = decide(claim=claim(), **RESULTS)

    assert told(decision) == ("Succeeded", "ResultStored")
    assert decision.status is not None
    assert (decision.status.isolation, decision.status.job_name) == ("Process", None)


@pytest.mark.parametrize("code", [64, 65, 66, 67, 68, 69])
def test_what_no_other_attempt_can_change_is_final(code: int) -> None:
    decision = decide(claim=claim(outcome=outcome(code, "SolverFailed")))

    assert told(decision) == ("Failed", "SolverFailed")


def test_a_spec_that_was_invalid_is_tried_again_once_it_is_corrected() -> None:
    """A runner may have had it before the operator has rejected it."""
    rejected = [condition("Accepted", "False", "UnknownParameter")]

    decision = decide(
        phase="Invalid", conditions=rejected, claim=claim(outcome=outcome(64, "UnknownParameter"))
    )

    assert told(decision) == ("Pending", "Retrying")
    assert decision.status is not None
    assert (decision.status.attempt, decision.status.failed_attempts) == (2, None)
    assert decision.status.failure is None


def test_a_crash_grants_the_next_attempt() -> None:
    decision = decide(claim=claim(outcome=outcome(70, "RunnerCrashed")))

    assert told(decision) == ("Pending", "Retrying")
    assert decision.status is not None
    assert (decision.status.attempt, decision.status.failed_attempts) == (2, 1)


def test_what_is_granted_already_is_not_granted_again() -> None:
    old = claim(attempt=1, outcome=outcome(70, "RunnerCrashed"))

    decision = decide(attempt=2, failedAttempts=1, claim=old)

    assert decision.status is not None
    assert (decision.status.attempt, decision.status.failed_attempts) == (2, 1)


def test_tries_have_an_end() -> None:
    last = claim(attempt=3, outcome=outcome(70, "HostLost"))

    decision = decide(attempt=3, failedAttempts=2, claim=last)

    assert told(decision) == ("Failed", "RunnerCrashed")
    assert decision.status is not None
    assert decision.status.failure is not None
    assert decision.status.failure.message == "so it was (last of 3 attempts)"


def test_what_a_runner_hands_back_is_no_try() -> None:
    back = claim(attempt=3, outcome=outcome(143, "HandedBack"))

    decision = decide(attempt=3, failedAttempts=2, claim=back)

    assert told(decision) == ("Pending", "Retrying")
    assert decision.status is not None
    assert (decision.status.attempt, decision.status.failed_attempts) == (4, 2)


def test_the_operator_never_guesses_from_silence() -> None:
    """A claim that nobody renews is the bridge's to judge: it knows whether it has been away itself."""
    assert told(decide(claim=claim(seconds_ago=90))) == ("Running", "Running")


@pytest.mark.parametrize("status", [{}, {"claim": claim(seconds_ago=60)}], ids=["waiting", "running"])
def test_the_deadline_is_that_of_everything_together(status: dict[str, Any]) -> None:
    before = decide(run={"deadlineSeconds": 101}, **status)
    after = decide(run={"deadlineSeconds": 80}, **status)

    assert told(before)[0] != "Failed"
    assert told(after) == ("Failed", "DeadlineExceeded")


def test_a_simulation_that_a_runner_has_stays_with_the_runners() -> None:
    settings = SETTINGS.model_copy(update={"shared_namespaces": frozenset()})
    seen = observation(simulation(spec=raw_spec(run={"isolation": "Job"}), status={"claim": claim()}))

    assert builders.decide(seen, settings).job is None


def test_an_end_is_an_end_for_a_newer_generation_too() -> None:
    ended = {
        "observedGeneration": 1,
        "phase": "Failed",
        "claim": claim(outcome=outcome(65, "Infeasible")),
        "conditions": [condition("Accepted", "True", "Valid"), condition("Succeeded", "False", "Infeasible")],
    }
    seen = observation(simulation(spec=raw_spec(run={"isolation": "Process"}), status=ended, generation=2))

    decision = builders.decide(seen, SETTINGS)

    assert told(decision) == ("Failed", "Infeasible")
    assert decision.job is None


def test_without_a_runner_that_can_take_it_a_process_becomes_a_job_that_says_why() -> None:
    decision = decide(run={"resources": {"limits": {"memory": "4Gi"}}})

    assert decision.job is not None
    assert decision.status is not None
    (succeeded,) = (item for item in decision.status.conditions or () if item.type == "Succeeded")
    assert "because no shared runner can take it: spec.run.resources" in succeeded.message


def test_or_fails_where_the_user_wants_nothing_else() -> None:
    decision = decide(run={"queueName": "lab", "isolationFallback": "Fail"})

    assert told(decision) == ("Failed", "InvalidSpec")
    assert decision.job is None
