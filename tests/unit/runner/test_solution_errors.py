"""A run that cannot be solved says why, and what to change."""

import pytest

from batterysim_runner.errors import InfeasibleError, SolverFailedError
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of, unchecked_spec_of

LESS = "a smaller discharging or a larger charging"
MORE = "a smaller charging or a larger discharging"
COLD = {"initialStateOfCharge": 1.0, "upperCutoffVolts": 4.18}


@pytest.mark.parametrize(
    ("cell", "amperes", "past", "side", "current"),
    [
        ({"initialStateOfCharge": 0.0}, 5, "at or below the lower cut-off of 2.5 V", "lower", LESS),
        ({"lowerCutoffVolts": 4.19}, 5, "at or below the lower cut-off of 4.19 V", "lower", LESS),
        ({"initialStateOfCharge": 1.0}, -5, "at or above the upper cut-off of 4.2 V", "upper", MORE),
        (COLD, 0.001, "at or above the upper cut-off of 4.18 V", "upper", MORE),
    ],
    ids=["empty", "cut-off of one's own", "full", "above the cut-off"],
)
def test_a_protocol_that_cannot_start(cell: Json, amperes: float, past: str, side: str, current: str) -> None:
    with pytest.raises(InfeasibleError) as caught:
        solve(spec_of(model={"family": "SPM"}, cell=cell, protocol=constant_current(amperes, 600)))

    assert str(caught.value) == (
        f"at time 0 the voltage is {past}, so the protocol cannot start: use {current} current, "
        f"another spec.cell.initialStateOfCharge, or spec.cutOffPolicy.{side}: Ignore"
    )


def test_what_could_not_start_goes_on_when_the_cut_off_is_ignored() -> None:
    trace = solve(
        spec_of(
            model={"family": "SPM"},
            cell={"lowerCutoffVolts": 4.19},
            protocol=constant_current(5, 60),
            cutOffPolicy={"lower": "Ignore"},
        )
    )

    assert trace.end_reason == "DurationReached"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("cell", "amperes"),
    [
        ({}, 20),
        ({}, 150),
        ({"parameters": {"Electrode height [m]": 0.0}}, 5),
        ({"parameters": {"Negative particle radius [m]": 0.0}}, 5),
        ({"parameters": {"Initial concentration in negative electrode [mol.m-3]": 1e9}}, 5),
        ({"parameters": {"Cation transference number": 1e300}, "initialStateOfCharge": 0.5}, 5),
        (
            {"parameters": {"Number of electrodes connected in parallel to make a cell": 0.0}},
            5,
        ),
    ],
    ids=["empties the cell", "monstrous", "no area", "no radius", "too full", "absurd", "no electrodes"],
)
def test_what_cannot_be_solved(cell: Json, amperes: float) -> None:
    with pytest.raises(
        SolverFailedError, match=r"check spec\.cell\.parameters|use a smaller current"
    ) as caught:
        solve(
            unchecked_spec_of(
                cell=cell, protocol=constant_current(amperes, 3600), cutOffPolicy={"lower": "Ignore"}
            )
        )

    assert len(str(caught.value)) < 1024
    assert "\n" not in str(caught.value)


def test_a_failure_on_the_way_says_where_the_run_had_come_to() -> None:
    with pytest.raises(
        SolverFailedError, match=r"It had come to 5\.\d+ s, 2\.\d+ V, a state of charge of 97"
    ):
        solve(
            spec_of(
                cell={"initialStateOfCharge": 1.0},
                protocol=constant_current(100, 3600),
                cutOffPolicy={"lower": "Ignore", "upper": "Ignore"},
            )
        )
