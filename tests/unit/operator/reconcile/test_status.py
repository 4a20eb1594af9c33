"""The operator's part of the status: what counts as a change, and how large it can get."""

import json
from datetime import timedelta

from batterysim.checks.validation import parse_spec
from batterysim.names import job_name
from batterysim.problem import InvalidSpecError
from batterysim.status import BatterySimulationStatus
from batterysim_operator.delivery import callback
from batterysim_operator.reconcile import status
from batterysim_operator.reconcile.diagnosis import diagnose
from tests.builders import NOW, UID, Json, condition, job, observation, pod, raw_spec, simulation, spec_of

LIMIT_BYTES = 10_000


def running() -> Json:
    """Return the status of a simulation that runs."""
    seen = observation(simulation(), job(active=1), pod("Running"))
    return status.under_way(seen, diagnose(seen, job()), spec_of()).to_json_dict()


def rebuilt(**changes: object) -> BatterySimulationStatus:
    return BatterySimulationStatus.model_validate(running() | changes)


def test_the_same_status_is_no_change() -> None:
    assert not status.differs(rebuilt(), running())


def test_what_others_have_written_is_no_change() -> None:
    theirs = {
        "progress": {"percent": 0, "stage": "Solving"},
        "conditions": [*running()["conditions"], condition("CallbackDelivered", "True")],
        "timeline": {**running()["timeline"], "solvedTime": "2026-03-01T12:00:00Z"},
    }

    assert not status.differs(rebuilt(), running() | theirs)


def test_each_of_our_own_fields_is_a_change() -> None:
    assert status.differs(rebuilt(phase="Failed"), running())
    assert status.differs(rebuilt(attempt=2), running())
    assert status.differs(rebuilt(jobName=None), running())
    assert status.differs(rebuilt(conditions=running()["conditions"][:1]), running())
    assert status.differs(rebuilt(timeline=None), running())


def test_a_status_that_lacks_what_is_already_there_is_a_change() -> None:
    """Absent from an apply means: take it away."""
    assert status.differs(rebuilt(), running() | {"failure": {"reason": "Infeasible", "message": ""}})


def test_under_10_kb_with_the_longest_failure_and_the_longest_callback_error() -> None:
    words = json.dumps({"reason": "SolverFailed", "message": "x" * 1024})
    dead = pod("Failed", terminated={"exitCode": 66, "message": words})
    name = "n" * 253
    seen = observation(simulation(name=name, status={"jobName": job_name(UID)}), job(failed=1), dead)
    failure = diagnose(seen, job(failed=1)).failure
    assert failure is not None
    failed = status.failed(seen, failure, spec_of()).to_json_dict()
    outbox = callback.after_failure(
        simulation(name=name, status=failed), NOW + timedelta(hours=1), "e" * 1024, final=False, spread=0.5
    ).to_json_dict()
    whole = {**failed, **outbox, "conditions": [*failed["conditions"], *outbox["conditions"]]}

    assert len(json.dumps(whole)) < LIMIT_BYTES
    assert BatterySimulationStatus.model_validate(whole).failure == failure


def test_under_10_kb_when_everything_is_wrong_with_a_spec() -> None:
    wrong = raw_spec(cell={"parameters": {f"{number:03} {'p' * 116}": 1.0 for number in range(200)}})
    try:
        parse_spec(wrong)
    except InvalidSpecError as error:
        invalid = status.invalid(observation(simulation(spec=wrong)), error)

    assert len(json.dumps(invalid.to_json_dict())) < LIMIT_BYTES
    assert invalid.failure is not None
    assert invalid.failure.reason == "UnknownParameter"
