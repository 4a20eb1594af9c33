"""A voltage that is held, and a CCCV charge: how they end, and where they cannot."""

import pytest

from batterysim.problem import InvalidSpecError
from batterysim.results import CURRENT, TIME, EndReason
from batterysim_runner.errors import InfeasibleError, SolverFailedError
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, bpx_cell, bpx_document, spec_of

HALF = {"initialStateOfCharge": 0.5}
FULL = {"initialStateOfCharge": 1.0}


def run(protocol: Json, cell: Json, **spec: object) -> Trace:
    return solve(spec_of(**({"model": {"family": "SPM"}, "cell": cell, "protocol": protocol} | spec)))


def test_a_full_cell_may_be_held_at_its_upper_cut_off() -> None:
    trace = run({"constantVoltage": {"volts": 4.2, "durationSeconds": 600}}, FULL)

    assert trace.end_reason is EndReason.DURATION_REACHED
    assert abs(trace.output()[CURRENT.name]).max() < 1e-6


def test_a_held_voltage_has_as_many_points_as_asked_for() -> None:
    trace = run({"constantVoltage": {"volts": 4.0, "durationSeconds": 1000}}, HALF, output={"points": 7})

    assert trace.output()[TIME.name] == pytest.approx([0, 1000 / 6, 2000 / 6, 500, 4000 / 6, 5000 / 6, 1000])


@pytest.mark.parametrize(
    ("protocol", "field"),
    [
        (
            {"constantVoltage": {"volts": 4.2, "durationSeconds": 600, "cutOffAmperes": 0.1}},
            "spec.protocol.constantVoltage",
        ),
        ({"cccv": {"chargeCRate": 0.5}}, "spec.protocol.cccv"),
    ],
)
def test_a_full_cell_has_nothing_to_charge(protocol: Json, field: str) -> None:
    with pytest.raises(InfeasibleError, match=f"{field}: the current at this voltage is below cutOffAmperes"):
        run(protocol, FULL)


def test_a_charge_to_less_than_the_cell_has_would_discharge_it() -> None:
    with pytest.raises(InfeasibleError, match=r"spec\.protocol\.cccv\.volts: the cell is above 3\.5 V"):
        run({"cccv": {"chargeCRate": 0.5, "volts": 3.5}}, HALF)


def test_a_charge_that_takes_more_than_a_week_is_none() -> None:
    with pytest.raises(InfeasibleError, match=r"'Charge at 0\.001 A .*' has not ended after a week"):
        run({"cccv": {"chargeCurrentAmperes": 0.001}}, HALF)


def test_a_charge_with_less_than_the_cut_off_current_ends_where_the_hold_would_begin() -> None:
    trace = run({"cccv": {"chargeCurrentAmperes": 0.2, "cutOffAmperes": 0.25}}, {"initialVolts": 4.15})

    assert trace.end_reason is EndReason.CURRENT_CUT_OFF
    assert trace.output()[CURRENT.name] == pytest.approx(-0.2)


def test_a_circuit_is_full_before_its_hold() -> None:
    trace = run(
        {"cccv": {"chargeCRate": 0.1}},
        {"parameterSet": "ECM_Example", "initialStateOfCharge": 0.95},
        model={"family": "Thevenin"},
    )

    assert trace.end_reason is EndReason.FULL


@pytest.mark.parametrize(
    ("protocol", "field"),
    [
        ({"constantVoltage": {"volts": 4.4, "durationSeconds": 60}}, "spec.protocol.constantVoltage.volts"),
        ({"cccv": {"chargeCRate": 1, "volts": 4.4}}, "spec.protocol.cccv.volts"),
    ],
)
def test_a_voltage_past_the_cut_off_of_a_bpx_file_is_refused_by_its_field(protocol: Json, field: str) -> None:
    with pytest.raises(InvalidSpecError) as refused:
        run(protocol, bpx_cell(bpx_document()))

    assert str(refused.value).startswith(f"{field}: ")


def test_a_voltage_that_no_solver_reaches_is_said_to_be_that() -> None:
    with pytest.raises(SolverFailedError, match=r"Hold at 2\.5 V for 600 s"):
        run({"constantVoltage": {"volts": 2.5, "durationSeconds": 600}}, HALF, model={"family": "SPMe"})
