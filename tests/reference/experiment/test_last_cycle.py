"""The last complete cycle is recorded, however many are planned and however the experiment ends."""

import itertools

import pybamm
import pytest

from batterysim.results import EndReason
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.experiment.checkpointing import Checkpointer
from batterysim_runner.experiment.stepper import Done, State, Stepper
from batterysim_runner.report.provenance import origin
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import PartlySolvedError, Trace
from batterysim_runner.solution import solve
from tests.builders import Json, spec_of
from tests.reference.experiment.test_ageing import FAST, SEI
from tests.reference.experiment.test_cycling import EvictedError, Shelf, a_cycle_takes_long

BACK_AND_FORTH = ["Discharge at 1C for 6 minutes", "Charge at 1C for 5 minutes"]
PLANNED = 10_000
"""Every 20th of so many is recorded: the first one, and the 21st."""


def planned(cycles: int, wall_clock_seconds: float = 100_000, **experiment: Json) -> BatterySimulationSpec:
    return spec_of(
        model={"family": "SPM", "options": SEI},
        cell={"parameterSet": "Mohtat2020", "initialStateOfCharge": 0.9, "parameters": FAST},
        protocol={"experiment": {"steps": BACK_AND_FORTH, "cycles": cycles} | experiment},
        solver={"wallClockLimitSeconds": wall_clock_seconds},
    )


def assert_same_records(of_many: Trace, of_few: Trace, complete: int) -> None:
    """Compare with an experiment of which each cycle is recorded."""
    assert of_many.end_reason == of_few.end_reason
    all_cycles, all_steps = of_few.cycles or [], of_few.steps or []
    assert [record.cycle for record in all_cycles] == [*range(1, complete + 1)]
    first, last = of_many.cycles or []
    for found, wanted in ((first, all_cycles[0]), (last, all_cycles[-1])):
        assert found.model_dump(exclude={"ageing"}) == wanted.model_dump(exclude={"ageing"})
        assert found.ageing is not None
        assert wanted.ageing is not None
        # PyBaMM's eSOH begins its search where the last one ended, which shows in the last digit
        assert found.ageing.model_dump() == pytest.approx(wanted.ageing.model_dump(), rel=1e-9)
    of_both = (1, all_steps[-1].cycle)
    assert of_many.steps == [record for record in all_steps if record.cycle in of_both]
    assert summarise(of_many).state_of_health == pytest.approx(
        summarise(of_few).state_of_health or 0, rel=1e-9
    )
    assert summarise(of_many).state_of_health != 1


def by_the_clock(cycles: int, seconds: float = 12) -> Trace:
    """End by the wall clock, which goes on by a second whenever it is looked at."""
    return solve(planned(cycles, seconds), clock=itertools.count().__next__)


def test_a_wall_clock_limit_leaves_the_last_complete_cycle() -> None:
    of_few = by_the_clock(20)

    assert of_few.end_reason is EndReason.WALL_CLOCK_LIMIT
    assert_same_records(by_the_clock(PLANNED), of_few, complete=len(of_few.cycles or []))


@pytest.mark.parametrize(
    ("end_reason", "experiment"),
    [
        (EndReason.CONDITION_REACHED, {"until": [{"variable": "Discharge capacity [A.h]", "above": 2.0}]}),
        (EndReason.CONDITION_REACHED, {"untilCapacityFraction": 0.995}),
        (
            EndReason.INFEASIBLE_STEP,
            {"steps": ["Discharge at 1C for 10 minutes", "Discharge at 2C for 3 minutes"]},
        ),
    ],
)
def test_an_early_end_leaves_the_last_complete_cycle(
    end_reason: EndReason, experiment: dict[str, Json]
) -> None:
    of_few = solve(planned(20, **experiment))

    assert of_few.end_reason is end_reason
    assert_same_records(solve(planned(PLANNED, **experiment)), of_few, complete=len(of_few.cycles or []))


def test_a_failure_leaves_the_last_complete_cycle(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    do = Stepper.do

    def fails_in_the_fourth_cycle(
        stepper: Stepper, index: int, state: State | None, charge: float = 0.0
    ) -> Done:
        done.append(index)
        if len(done) == 8:
            raise pybamm.SolverError("it does not converge")
        return do(stepper, index, state, charge)

    def failed(cycles: int) -> Trace:
        done.clear()
        with pytest.raises(PartlySolvedError) as raised:
            solve(planned(cycles))
        return raised.value.partial

    monkeypatch.setattr(Stepper, "do", fails_in_the_fourth_cycle)

    assert_same_records(failed(PLANNED), failed(20), complete=3)


def test_one_that_goes_on_from_a_checkpoint_and_ends_at_once_has_the_cycle_before_it() -> None:
    """The time is up before the fourth cycle: all there is to say of the third one is in the checkpoint."""
    shelf, spec = Shelf(survives=3), planned(PLANNED, wall_clock_seconds=30)

    def attempt(seconds_a_look: int) -> Trace:
        clock = itertools.count(step=seconds_a_look).__next__
        saves = Checkpointer(shelf, origin(spec), print, a_cycle_takes_long().__next__)
        return solve(spec, clock=clock, checkpointer=saves)

    with pytest.raises(EvictedError):
        attempt(1)
    resumed = attempt(100)

    assert resumed.end_reason is EndReason.WALL_CLOCK_LIMIT
    assert [record.cycle for record in resumed.cycles or []] == [1, 3]
    assert [(record.cycle, record.step) for record in resumed.steps or []] == [(1, 1), (1, 2), (3, 1), (3, 2)]
    whole = solve(planned(3))
    assert summarise(resumed).state_of_health == pytest.approx(
        summarise(whole).state_of_health or 0, rel=1e-9
    )
    assert (resumed.cycles or [])[-1].end_time_seconds == (whole.cycles or [])[-1].end_time_seconds


def test_the_last_planned_cycle_is_recorded_between_two_regular_ones() -> None:
    """Every second one of 502 is: the last of these is the 501st."""
    spec = spec_of(
        model={"family": "SPM"}, protocol={"experiment": {"steps": ["Rest for 1 minute"], "cycles": 502}}
    )

    trace = solve(spec)

    assert trace.end_reason is EndReason.STEPS_FINISHED
    for records in (trace.cycles or [], trace.steps or []):
        assert [record.cycle for record in records] == [*range(1, 502, 2), 502]
