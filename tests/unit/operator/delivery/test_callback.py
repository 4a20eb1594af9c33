"""What is owed to a receiver, and when the next try is due."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.names import job_name
from batterysim.spec.run_policy import Callback
from batterysim_operator.delivery import callback
from tests.builders import NOW, UID, Json, ago, condition, iso, raw_spec, simulation

URL = "https://jobs.example.com/r"
RESULTS = {"results": {"rows": 101}}


def owing(*, form: str = "v1", truth: str = "True", ended: str | None = None, **status: Any) -> Json:
    """Return a simulation that has ended and has a callback."""
    return simulation(
        spec=raw_spec(callback={"url": URL, "format": form}),
        status={
            "jobName": job_name(UID),
            "completionTime": ended or ago(seconds=1),
            "conditions": [condition("Accepted", "True"), condition("Succeeded", truth)],
            **(RESULTS if truth == "True" else {"failure": {"reason": "Infeasible", "message": "no"}}),
            **status,
        },
    )


def with_delivery(truth: str, *, generation: int = 1) -> Json:
    """Return one whose last outcome is about generation 1 of its spec."""
    manifest = owing()
    manifest["metadata"]["generation"] = generation
    manifest["status"]["conditions"].append(condition("CallbackDelivered", truth, observedGeneration=1))
    return manifest


def without_callback() -> Json:
    manifest = owing()
    del manifest["spec"]["callback"]
    return manifest


@pytest.mark.parametrize(
    ("manifest", "owed"),
    [
        (owing(), True),
        (owing(form="jobManager"), True),
        (owing(truth="False"), True),
        (owing(truth="False", form="jobManager"), False),  # it has no way to tell of a failure
        (owing(truth="Unknown"), False),
        (with_delivery("Unknown"), True),
        (with_delivery("True"), False),
        (with_delivery("False"), False),
        (with_delivery("False", generation=2), True),
        (with_delivery("True", generation=2), False),
        (without_callback(), False),
        (simulation(spec=raw_spec(callback={"url": URL})), False),
    ],
    ids=[
        "succeeded",
        "succeeded, job manager",
        "failed",
        "failed, job manager",
        "under way",
        "tried before",
        "delivered",
        "given up",
        "given up, then corrected",
        "delivered, then edited",
        "no callback",
        "new",
    ],
)
def test_what_is_owed(manifest: Json, owed: bool) -> None:
    assert callback.is_owed(manifest) is owed


def test_it_is_due_at_once_and_later_at_its_time() -> None:
    assert callback.seconds_until_due(owing(), NOW) <= 0
    later = owing(callback={"messageId": "m", "nextAttemptTime": iso(NOW + timedelta(seconds=40))})

    assert callback.seconds_until_due(later, NOW) == 40
    assert callback.seconds_until_due(later, NOW + timedelta(minutes=1)) <= 0


def wait_after(attempts: int, spread: float = 0.5) -> float:
    """Return the seconds until the next try after so many failed ones."""
    tried = owing(callback={"messageId": "m", "attempts": attempts - 1})
    status = callback.after_failure(tried, NOW, "answered 500", final=False, spread=spread)
    assert status.callback is not None
    assert status.callback.attempts == attempts
    assert status.callback.next_attempt_time is not None
    return (status.callback.next_attempt_time - NOW).total_seconds()


def test_waits_double_up_to_six_hours() -> None:
    assert [wait_after(attempts) for attempts in (1, 2, 3, 4)] == [5, 10, 20, 40]
    assert wait_after(13) == 5 * 2**12
    assert wait_after(14) == wait_after(100) == wait_after(5000) == 6 * 3600


@given(st.integers(1, 3000), st.floats(0, 1))
def test_waits_are_spread_by_a_quarter_each_way(attempts: int, spread: float) -> None:
    assert 0.75 * wait_after(attempts) <= wait_after(attempts, spread) <= 1.25 * wait_after(attempts)


def test_three_days_of_retries_are_a_bounded_number() -> None:
    now, attempts = NOW, 0
    while now - NOW <= callback.GIVE_UP_AFTER:
        attempts += 1
        now += timedelta(seconds=wait_after(attempts))

    assert 15 < attempts < 40


def test_after_a_failed_try() -> None:
    status = callback.after_failure(owing(), NOW, "answered 500", final=False, spread=0.5).to_json_dict()

    assert status == {
        "callback": {
            "messageId": f"msg_{UID}",
            "attempts": 1,
            "firstAttemptTime": iso(NOW),
            "nextAttemptTime": iso(NOW + timedelta(seconds=5)),
            "lastError": "answered 500",
        },
        "conditions": [
            {
                "type": "CallbackDelivered",
                "status": "Unknown",
                "reason": "Retrying",
                "message": "answered 500",
                "lastTransitionTime": iso(NOW),
                "observedGeneration": 1,
            }
        ],
    }


def test_after_a_successful_try_nothing_is_due() -> None:
    tried = owing(callback={"messageId": "m", "attempts": 3, "lastError": "answered 500"})

    status = callback.after_success(tried, NOW).to_json_dict()

    assert status["callback"] == {
        "messageId": f"msg_{UID}",
        "attempts": 4,
        "firstAttemptTime": iso(NOW),
        "deliveredTime": iso(NOW),
    }
    assert not callback.is_owed(tried | {"status": {**tried["status"], **status}})


@pytest.mark.parametrize(
    ("first", "final", "given_up"),
    [
        (ago(days=2.9), False, False),
        (ago(days=3.1), False, True),
        (ago(seconds=1), True, True),
        (None, False, False),
    ],
)
def test_when_it_is_given_up(first: str | None, final: bool, given_up: bool) -> None:
    """Counted from the first try: an operator that was away for a month gives up nothing."""
    outbox = {} if first is None else {"callback": {"messageId": "m", "firstAttemptTime": first}}
    tried = owing(ended=ago(days=30), **outbox)

    status = callback.after_failure(tried, NOW, "answered 500", final=final, spread=0.5)

    assert status.callback is not None
    assert status.conditions is not None
    assert (status.callback.next_attempt_time is None) is given_up
    assert (status.conditions[0].reason == "GivenUp") is given_up
    assert (status.conditions[0].status == "False") is given_up


def outbox_after(tried: Json, now: datetime) -> dict[str, Any]:
    status = callback.after_failure(tried, now, "answered 500", final=False, spread=0.5)
    assert status.callback is not None
    return status.callback.to_json_dict()


def test_a_clock_that_is_ahead_for_one_attempt_gives_nothing_up() -> None:
    """Neither then, nor by putting the next attempt off for a year."""
    outbox = outbox_after(owing(), NOW)

    outbox = outbox_after(owing(callback=outbox), NOW + timedelta(days=365))
    assert outbox["nextAttemptTime"] > iso(NOW + timedelta(days=365))

    back = owing(callback=outbox)
    assert callback.seconds_until_due(back, NOW + timedelta(minutes=1)) <= 0
    assert outbox_after(back, NOW + timedelta(minutes=1))["nextAttemptTime"] < iso(NOW + timedelta(minutes=2))


def test_an_operator_that_was_away_for_four_days_gives_nothing_up_at_its_first_attempt() -> None:
    outbox = outbox_after(owing(), NOW)
    outbox = outbox_after(owing(callback=outbox), NOW + timedelta(days=4))

    assert outbox["attempts"] == 2
    assert outbox["nextAttemptTime"] < iso(NOW + timedelta(days=4, minutes=1))
    assert "nextAttemptTime" not in outbox_after(owing(callback=outbox), NOW + timedelta(days=4, minutes=1))


def test_a_time_as_far_away_as_any_wait_can_be_is_waited_for() -> None:
    tried = owing(callback={"messageId": "m", "attempts": 30})
    status = callback.after_failure(tried, NOW, "answered 500", final=False, spread=1.0)
    assert status.callback is not None

    waiting = owing(callback=status.callback.to_json_dict())

    assert callback.seconds_until_due(waiting, NOW) == 6 * 3600 * 1.25


@pytest.mark.parametrize(
    ("answer", "form", "final"),
    [
        (410, "v1", True),
        (410, "jobManager", True),
        (404, "v1", False),
        (404, "jobManager", True),
        (400, "jobManager", False),
        (500, "v1", False),
        (302, "v1", False),
    ],
)
def test_which_answers_are_final(answer: int, form: str, final: bool) -> None:
    assert callback.is_final(answer, Callback.model_validate({"url": URL, "format": form})) is final


def test_the_condition_is_dated_from_when_its_truth_changed() -> None:
    before = with_delivery("Unknown")
    again = callback.after_failure(before, NOW, "answered 500", final=False, spread=0.5)
    delivered = callback.after_success(before, NOW)

    assert again.conditions is not None
    assert again.conditions[0].last_transition_time == datetime.fromisoformat(ago(seconds=5))
    assert delivered.conditions is not None
    assert delivered.conditions[0].last_transition_time == NOW


def test_the_document_of_a_failure() -> None:
    assert json.loads(callback.failure_document(owing(truth="False"))) == {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "SimulationResult",
        "metadata": {"namespace": "lab", "name": "cell-discharge", "uid": UID},
        "failure": {"reason": "Infeasible", "message": "no"},
    }
