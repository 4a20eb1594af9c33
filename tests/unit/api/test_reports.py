"""During an upgrade a reader is older than its writer: it reads what it knows. Only specs are strict."""

import json

import pytest
from pydantic import ValidationError

from batterysim.failure import FailureReason, TerminationMessage
from batterysim.results import EndReason, Summary
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import BatterySimulationStatus, Progress

NEW = {"newFieldOfNextVersion": {"deep": [1]}}


@pytest.mark.parametrize(
    ("report", "written"),
    [
        (Summary, {"endReason": "DurationReached"}),
        (Progress, {"percent": 40, "stage": "Solving"}),
        (TerminationMessage, {"reason": "Infeasible", "message": "raise the cut-off"}),
        (BatterySimulationStatus, {"phase": "Running", "attempt": 2}),
    ],
)
def test_a_field_of_a_later_version_is_ignored(report, written) -> None:
    assert report.model_validate_json(json.dumps(written | NEW)).to_json_dict().items() >= written.items()


def test_a_reason_of_a_later_version_is_read_as_it_is() -> None:
    assert Summary.model_validate({"endReason": "CoolantLost"}).to_json_dict()["endReason"] == "CoolantLost"
    status = BatterySimulationStatus.model_validate({"failure": {"reason": "Melted", "message": "too hot"}})
    assert status.failure is not None
    assert status.failure.reason == "Melted"


def test_a_known_reason_is_still_a_member() -> None:
    assert Summary.model_validate({"endReason": "LowerCutOff"}).end_reason is EndReason.LOWER_CUT_OFF
    words = TerminationMessage.model_validate_json('{"reason": "Infeasible", "message": "raise it"}')
    assert words.reason is FailureReason.INFEASIBLE


def test_an_unknown_field_of_a_user_is_an_error() -> None:
    with pytest.raises(ValidationError, match="newFieldOfNextVersion"):
        BatterySimulationSpec.model_validate(
            {
                "cell": {"parameterSet": "Chen2020"},
                "protocol": {"rest": {"durationSeconds": 60}},
            }
            | NEW
        )
