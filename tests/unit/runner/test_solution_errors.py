"""A run that cannot be solved says why, and what to change."""

import pytest

from batterysim_runner.errors import InfeasibleError, SolverFailedError
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of, unchecked_spec_of


@pytest.mark.parametrize(
    ("cell", "amperes", "past", "side"),
    [
        ({"initialStateOfCharge": 0.0}, 5, "at or below the lower cut-off of 2.5 V", "lower"),
        ({"lowerCutoffVolts": 4.19}, 5, "at or below the lower cut-off of 4.19 V", "lower"),
        ({"initialStateOfCharge": 1.0}, -5, "at or above the upper cut-off of 4.2 V", "upper"),
    ],
    ids=["empty", "cut-off of one's own", "full"],
)
def test_a_protocol_that_cannot_start(cell: Json, amperes: float, past: str, side: str) -> None:
    with pytest.raises(InfeasibleError) as caught:
        solve(spec_of(model={"family": "SPM"}, cell=cell, protocol=constant_current(amperes, 600)))

    assert str(caught.value) == (
        f"at time 0 the voltage is {past}, so the protocol cannot start: use a smaller current, "
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
