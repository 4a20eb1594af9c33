"""A run whose time is limited is solved in pieces, which give the same within the tolerances."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from batterysim.results import EndReason
from batterysim.status import Progress
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import constant_current, spec_of, us06

LONG = 1e6


def run(
    protocol: dict[str, Any],
    limit_seconds: float | None,
    report: Any = lambda _: None,
    clock: Iterator[int] | None = None,
) -> Trace:
    """Solve with an SPM. The clock goes on by a second whenever it is looked at."""
    solver = {} if limit_seconds is None else {"wallClockLimitSeconds": limit_seconds}
    spec = spec_of(
        model={"family": "SPM"}, protocol=protocol, solver=solver, cell={"initialStateOfCharge": 0.9}
    )
    return solve(spec, report, (clock or itertools.count()).__next__)


@pytest.mark.parametrize("protocol", [us06(), constant_current(5, 3000), constant_current(5, 7200)])
def test_pieces_give_the_same_points_and_the_same_numbers_within_the_tolerance(protocol: Any) -> None:
    whole, pieces = run(protocol, None), run(protocol, LONG)

    assert pieces.end_reason is whole.end_reason
    # all but the last point, which is a cut-off's own
    np.testing.assert_allclose(pieces.output()["Time [s]"][:-1], whole.output()["Time [s]"][:-1], rtol=1e-6)
    # of a run that ends early, the points depend on its end
    assert len(pieces.values["Time [s]"]) == pytest.approx(len(whole.values["Time [s]"]), abs=2)
    # the solver's relative tolerance is 1e-4, of 4 V
    np.testing.assert_allclose(pieces.output()["Voltage [V]"], whole.output()["Voltage [V]"], rtol=1e-4)
    assert summarise(pieces).discharge_energy_watt_hours == pytest.approx(
        summarise(whole).discharge_energy_watt_hours, rel=1e-4
    )


def test_the_limit_keeps_what_is_solved_so_far() -> None:
    trace = run(constant_current(5, 3000), 20)

    output = trace.output()
    assert trace.end_reason is EndReason.WALL_CLOCK_LIMIT
    assert 0 < output["Time [s]"][-1] < 3000
    assert output["Discharge capacity [A.h]"][-1] == pytest.approx(
        5 * output["Time [s]"][-1] / 3600, rel=1e-4
    )


def test_a_limit_that_is_too_short_for_anything_gives_the_first_piece() -> None:
    trace = run(constant_current(5, 3000), 0.001)

    assert trace.values["Time [s]"][-1] == pytest.approx(3000 / 50, rel=0.05)


def test_a_limit_that_passes_in_the_last_piece_takes_nothing_away() -> None:
    clock = itertools.count()
    run(constant_current(5, 3000), LONG, clock=clock)
    last_look = next(clock) - 1

    trace = run(constant_current(5, 3000), last_look)

    assert trace.end_reason is EndReason.DURATION_REACHED


def test_progress_is_known_between_pieces() -> None:
    reports: list[Progress] = []

    run(constant_current(5, 3000), LONG, reports.append)

    assert len(reports) == 50
    assert (reports[24].percent, reports[24].simulated_seconds) == (50, 1500)
