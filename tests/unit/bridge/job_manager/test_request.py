"""What the Job Manager's forms mean, and which of them are the same simulation."""

import json
from typing import Any

import pytest

from batterysim.checks.validation import parse_spec
from batterysim_bridge.job_manager.request import SimulationType, read_request

BODY = {
    "simulationType": "cell",
    "time": 1.0,
    "upperVoltage": 4.2,
    "lowerVoltage": 2.5,
    "nominalCell": 5.0,
    "controlCurrent": 2.0,
}
JOB_MANAGER = "http://job-manager-service:8083"


def spec_of(simulation_type: SimulationType, **changes: object) -> dict[str, Any]:
    request = read_request(simulation_type, json.dumps(BODY | changes).encode())
    assert request is not None
    return request.spec


def test_a_cell_is_a_constant_current_of_so_many_hours() -> None:
    spec = parse_spec(spec_of(SimulationType.CELL, time=0.5))

    current = spec.protocol.constant_current
    assert current is not None
    assert (current.current_amperes, current.duration_seconds) == (2.0, 1800.0)
    assert (spec.model.family, spec.cell.label, spec.output.points) == ("DFN", "Chen2020", 100)
    assert (spec.cell.lower_cutoff_volts, spec.cell.upper_cutoff_volts) == (2.5, 4.2)
    assert spec.cell.nominal_capacity_ampere_hours == 5.0


def test_a_drive_cycle_is_us06_past_its_cut_offs_on_the_original_mesh() -> None:
    spec = parse_spec(spec_of(SimulationType.DRIVE_CYCLE, time=0.0, controlCurrent=0.0))

    assert spec.protocol.drive_cycle is not None
    assert spec.protocol.drive_cycle.name == "US06"
    assert (spec.cut_off_policy.lower, spec.cut_off_policy.upper) == ("Ignore", "Ignore")
    assert list(spec.solver.mesh.to_json_dict().values()) == [30, 30, 30, 10, 10]
    assert spec.output.points == 601


def test_absent_fields_are_what_the_original_took_for_them() -> None:
    request = read_request(SimulationType.CELL, b"{}")

    assert request is not None
    assert request.spec["cell"] == {
        "parameterSet": "Chen2020",
        "upperCutoffVolts": 4.2,
        "lowerCutoffVolts": 2.5,
        "nominalCapacityAmpereHours": 8.6,
    }
    assert request.spec["protocol"]["constantCurrent"] == {"currentAmperes": 5.0, "durationSeconds": 3600.0}


def test_equal_requests_have_one_name_whatever_their_spelling_and_id() -> None:
    first = read_request(SimulationType.CELL, b'{"time": 1, "controlCurrent": 2}')
    second = read_request(SimulationType.CELL, b'{"controlCurrent":2.0,"time":1.0,"id":"42"}')
    other = read_request(SimulationType.CELL, b'{"time": 1, "controlCurrent": 2.1}')

    assert first is not None
    assert second is not None
    assert other is not None
    assert first.name == second.name != other.name


@pytest.mark.parametrize(
    ("simulation_type", "identifier", "callback"),
    [
        (SimulationType.CELL, {"id": "42"}, {"url": f"{JOB_MANAGER}/simulateCell", "id": "42"}),
        (SimulationType.CELL, {"id": 43}, {"url": f"{JOB_MANAGER}/simulateCell", "id": "43"}),
        (SimulationType.DRIVE_CYCLE, {}, {"url": f"{JOB_MANAGER}/simulateDriveCycle"}),
    ],
)
def test_the_points_are_posted_back_to_where_that_is_wanted(
    simulation_type: SimulationType, identifier: dict[str, object], callback: dict[str, str]
) -> None:
    request = read_request(simulation_type, json.dumps(BODY | identifier).encode(), f"{JOB_MANAGER}/")

    assert request is not None
    assert request.spec["callback"] == callback | {"format": "jobManager"}


def test_each_id_that_points_are_posted_back_under_is_a_simulation_of_its_own() -> None:
    first, again, other = (
        read_request(SimulationType.CELL, json.dumps({"id": identifier}).encode(), JOB_MANAGER)
        for identifier in ("42", "42", "43")
    )

    assert first is not None
    assert again is not None
    assert other is not None
    assert first.name == again.name != other.name


@pytest.mark.parametrize("identifier", ["", "x" * 254, 4.2, True, ["42"], {}])
def test_an_id_that_nothing_can_be_posted_back_under_is_refused(identifier: object) -> None:
    body = json.dumps(BODY | {"id": identifier}).encode()

    assert read_request(SimulationType.CELL, body, JOB_MANAGER) is None
    assert read_request(SimulationType.CELL, body) is not None
