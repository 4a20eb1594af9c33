"""Cycle by cycle gives what PyBaMM gives in one go, and can be ended in between."""

import gc
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.results import EndReason
from batterysim.status import Progress
from batterysim_runner.experiment.checkpointing import Checkpointer
from batterysim_runner.report.provenance import origin
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import spec_of

CCCV = ["Discharge at 1C until 3.0 V", "Charge at 1C until 4.1 V", "Hold at 4.1 V until 50 mA"]
COLUMNS = ("Time [s]", "Voltage [V]", "Current [A]", "Discharge capacity [A.h]")


def run(steps: list[str], cycles: int, report: Any = lambda _: None, clock: Any = None, **spec: Any) -> Trace:
    """Solve an experiment with an SPM. The clock goes on by a second whenever it is looked at."""
    parsed = spec_of(
        model={"family": spec.pop("family", "SPM")},
        protocol={"experiment": {"steps": steps, "cycles": cycles}},
        **spec,
    )
    return solve(parsed, report, clock or itertools.count().__next__)


class EvictedError(Exception):
    """The pod is gone."""


class Shelf:
    """Keeps a checkpoint, and has the pod evicted once it has been given `survives` of them."""

    def __init__(self, survives: int) -> None:
        self._left = survives
        self.content: bytes | None = None

    def load_checkpoint(self) -> bytes | None:
        return self.content

    def discard_checkpoint(self) -> None:
        raise AssertionError

    def save_checkpoint(self, content: bytes, cycle: int) -> None:
        self.content = content
        self._left -= 1
        if self._left == 0:
            raise EvictedError


def a_cycle_takes_long() -> Iterator[float]:
    """Give the times at which a checkpointer looks at its clock: 20 s from cycle to cycle, 0 s for saving."""
    return (20.0 * ((look + 1) // 2) for look in itertools.count())


def in_one_go(steps: list[str], cycles: int, model: pybamm.BaseModel) -> pybamm.Solution:
    simulation = pybamm.Simulation(
        model,
        parameter_values=pybamm.ParameterValues("Chen2020"),
        experiment=pybamm.Experiment([tuple(steps)] * cycles),
    )
    return simulation.solve(calc_esoh=False)


@pytest.mark.parametrize(("family", "cycles"), [("SPM", 5), ("DFN", 2)])
def test_it_equals_pybamm_in_one_go(family: str, cycles: int) -> None:
    trace = run(CCCV, cycles, family=family)
    solution = in_one_go(CCCV, cycles, getattr(pybamm.lithium_ion, family)())

    for column in COLUMNS:
        np.testing.assert_allclose(trace.values[column], solution[column].entries, rtol=1e-9, atol=1e-12)


def test_it_equals_pybamm_where_a_step_is_skipped() -> None:
    """The second discharge has nothing to do, so that the state goes from the first to the charge."""
    steps = ["Discharge at 1C until 3.0 V", "Discharge at 2C until 3.1 V", "Charge at 1C until 4.1 V"]

    trace = run(steps, cycles=3)

    solution = in_one_go(steps, 3, pybamm.lithium_ion.SPM())
    assert [record.ended_by for record in trace.steps or []].count(
        "Event exceeded in initial conditions"
    ) == 3
    for column in COLUMNS:
        np.testing.assert_allclose(trace.values[column], solution[column].entries, rtol=1e-9, atol=1e-12)


def test_nothing_of_what_is_behind_is_kept_but_the_points() -> None:
    alive: list[int] = []

    def count(_: Progress) -> None:
        gc.collect()
        alive.append(sum(type(thing) is pybamm.Solution for thing in gc.get_objects()))

    run(["Discharge at 1C for 1 minute"], cycles=6, report=count)

    assert len(alive) == 6
    assert alive[5] == alive[2]


def test_progress_says_cycle_and_step() -> None:
    reports: list[Progress] = []

    run(["Rest for 1 minute", "Rest for 2 minutes"], cycles=2, report=reports.append)

    assert [(report.percent, report.cycle, report.step) for report in reports] == [
        (25, 1, 1),
        (50, 1, 2),
        (75, 2, 1),
        (100, 2, 2),
    ]
    assert [report.simulated_seconds for report in reports] == [60, 180, 240, 360]
    assert {(report.cycles, report.steps) for report in reports} == {(2, 2)}


def test_a_wall_clock_limit_keeps_what_is_solved_so_far() -> None:
    whole = run(CCCV, cycles=5)

    trace = run(CCCV, cycles=5, solver={"wallClockLimitSeconds": 20})

    count = len(trace.values["Time [s]"])
    assert trace.end_reason is EndReason.WALL_CLOCK_LIMIT
    assert 0 < count < len(whole.values["Time [s]"])
    for column in COLUMNS:
        assert np.array_equal(trace.values[column], whole.values[column][:count])
    assert summarise(trace).end_time_seconds == (trace.steps or [])[-1].end_time_seconds


def test_a_wall_clock_limit_that_is_too_short_for_anything_gives_the_first_step() -> None:
    trace = run(CCCV, cycles=5, solver={"wallClockLimitSeconds": 0.001})

    assert len(trace.steps or []) == 1
    assert trace.end_reason is EndReason.WALL_CLOCK_LIMIT


def test_a_cycle_that_can_no_longer_begin_ends_the_run_with_what_came_before() -> None:
    trace = run(["Discharge at 1C for 40 minutes"], cycles=5)

    assert trace.end_reason is EndReason.INFEASIBLE_STEP
    assert [(record.cycle, record.ended_by) for record in trace.steps or []] == [
        (1, "final time"),
        (2, "event: Voltage < 2.5 [V] [experiment]"),
        (3, "Event exceeded in initial conditions"),
    ]
    assert trace.values["Voltage [V]"][-1] == pytest.approx(2.5, abs=1e-6)


def test_a_run_that_goes_on_from_a_checkpoint_gives_the_very_same_result() -> None:
    spec = spec_of(
        model={"family": "SPM"},
        protocol={"experiment": {"steps": CCCV, "cycles": 5}},
        output={"periodSeconds": 600},
    )
    shelf, said = Shelf(survives=3), []

    def attempt() -> Trace:
        return solve(
            spec, checkpointer=Checkpointer(shelf, origin(spec), said.append, a_cycle_takes_long().__next__)
        )

    with pytest.raises(EvictedError):
        attempt()
    resumed, whole = attempt(), solve(spec)

    assert said == ["continues from cycle 4, after a checkpoint"]
    assert list(resumed.values) == list(whole.values)
    for name, values in whole.values.items():
        assert np.array_equal(resumed.values[name], values), name
    assert np.array_equal(resumed.in_output, whole.in_output)
    assert resumed.steps == whole.steps
    # PyBaMM's eSOH begins its search where the last one ended, which shows in the last digit
    for record, other in zip(resumed.cycles or [], whole.cycles or [], strict=True):
        assert record.model_dump(exclude={"ageing"}) == other.model_dump(exclude={"ageing"})
        assert record.ageing
        assert other.ageing
        assert record.ageing.model_dump() == pytest.approx(other.ageing.model_dump(), rel=1e-12)
    assert summarise(resumed).model_dump(exclude={"state_of_health"}) == summarise(whole).model_dump(
        exclude={"state_of_health"}
    )


def test_the_wall_clock_limit_counts_all_pods() -> None:
    spec = spec_of(
        model={"family": "SPM"},
        protocol={"experiment": {"steps": ["Rest for 1 minute"], "cycles": 100}},
        solver={"wallClockLimitSeconds": 5000},
    )
    shelf = Shelf(survives=1)

    def attempt() -> Trace:
        clock = itertools.count(step=100).__next__
        return solve(spec, clock=clock, checkpointer=Checkpointer(shelf, origin(spec), print, clock))

    with pytest.raises(EvictedError):
        attempt()

    resumed, whole = attempt(), solve(spec, clock=itertools.count(step=100).__next__)
    assert resumed.end_reason is EndReason.WALL_CLOCK_LIMIT
    assert len(resumed.steps or []) < len(whole.steps or []) < 100


def test_a_single_cycle_asks_for_no_checkpoint() -> None:
    class Untouched:
        def load_checkpoint(self) -> bytes | None:
            raise AssertionError

        save_checkpoint = discard_checkpoint = None

    spec = spec_of(model={"family": "SPM"}, protocol={"experiment": {"steps": ["Rest for 1 minute"]}})
    clock = itertools.count(step=100).__next__

    solve(spec, clock=clock, checkpointer=Checkpointer(Untouched(), origin(spec), print, clock))
