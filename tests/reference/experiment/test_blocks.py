"""Blocks with repetitions give what PyBaMM gives for the same steps written one after the other."""

import itertools
from typing import Any

import numpy as np
import pybamm
import pytest
import yaml

from batterysim.checks.validation import parse_spec
from batterysim.results import EndReason
from batterysim.status import Progress
from batterysim_runner.experiment.checkpointing import Checkpointer
from batterysim_runner.report.provenance import origin
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import spec_of
from tests.reference.experiment.test_cycling import EvictedError, Shelf, a_cycle_takes_long
from tests.unit.cli.builders import EXAMPLES

COLUMNS = ("Time [s]", "Voltage [V]", "Current [A]", "Discharge capacity [A.h]")
FORMATION = ["Discharge at 1C for 20 minutes", "Rest for 10 minutes"]
CYCLE = ["Discharge at 1C for 10 minutes", "Charge at C/2 for 15 minutes", "Rest for 5 minutes"]
TEST = ["Discharge at C/20 for 30 minutes", "Charge at C/3 for 5 minutes"]
BLOCKS = [
    {"name": "formation", "steps": FORMATION, "toCycle": 1},
    {"name": "ageing", "steps": CYCLE, "repeat": 2},
    {"name": "reference test", "steps": TEST, "fromCycle": 2, "everyCycles": 2},
]
CYCLES = [FORMATION + CYCLE * 2, CYCLE * 2 + TEST, CYCLE * 2, CYCLE * 2 + TEST]
"""The same four cycles, step by step."""


def run(family: str = "SPM", **experiment: Any) -> Trace:
    return solve(
        spec_of(
            model={"family": family},
            protocol={"experiment": {"blocks": BLOCKS, "cycles": 4, **experiment}},
        )
    )


def by_pybamm(family: str) -> pybamm.Solution:
    return pybamm.Simulation(
        getattr(pybamm.lithium_ion, family)(),
        parameter_values=pybamm.ParameterValues("Chen2020"),
        experiment=pybamm.Experiment([tuple(steps) for steps in CYCLES]),
    ).solve(calc_esoh=False)


@pytest.mark.parametrize("family", ["SPM", "DFN"])
def test_blocks_equal_the_same_steps_in_pybamm(family: str) -> None:
    trace, alone = run(family), by_pybamm(family)

    for column in COLUMNS:
        np.testing.assert_allclose(trace.values[column], alone[column].entries, rtol=1e-9, atol=1e-9)


def test_records_say_block_and_repetition() -> None:
    trace = run()

    assert trace.end_reason is EndReason.STEPS_FINISHED
    assert [len(steps) for steps in CYCLES] == [
        sum(1 for record in trace.steps or [] if record.cycle == cycle) for cycle in (1, 2, 3, 4)
    ]
    first, *_, last = trace.steps or []
    assert (first.step, first.block, first.repetition) == (1, "formation", 1)
    assert (last.step, last.block, last.repetition) == (7, "reference test", 1)
    third = [r for r in trace.steps or [] if r.cycle == 3]
    assert [(r.step, r.block, r.repetition) for r in third[2:4]] == [(5, "ageing", 1), (3, "ageing", 2)]
    assert set(trace.values["Step number"]) == {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0}


def test_the_charge_of_a_cycle_is_that_of_its_blocks() -> None:
    second = (run().cycles or [])[1]

    assert second.discharge_capacity_ampere_hours == pytest.approx(2 * 5 / 6 + 5 / 20 / 2, rel=1e-6)
    assert second.charge_capacity_ampere_hours == pytest.approx(2 * 2.5 / 4 + 5 / 3 / 12, rel=1e-6)


def test_an_interrupted_run_goes_on_in_the_right_cycle() -> None:
    """The pod is lost after each cycle, and each process does one: all cycles are those of one process."""
    whole, shelf, trace = run(), Shelf(survives=1), None
    spec = spec_of(
        model={"family": "SPM"},
        protocol={"experiment": {"blocks": BLOCKS, "cycles": 4}},
    )
    for _ in range(4):
        shelf._left = 1
        checkpointer = Checkpointer(shelf, origin(spec), lambda _: None, a_cycle_takes_long().__next__)
        try:
            trace = solve(spec, clock=itertools.count().__next__, checkpointer=checkpointer)
        except EvictedError:
            continue

    assert trace is not None
    np.testing.assert_array_equal(trace.values["Voltage [V]"], whole.values["Voltage [V]"])
    assert trace.steps == whole.steps


def test_progress_counts_the_steps_of_all_cycles() -> None:
    told: list[Progress] = []
    spec = spec_of(
        model={"family": "SPM"},
        protocol={"experiment": {"blocks": BLOCKS, "cycles": 4}},
    )

    solve(spec, told.append, itertools.count(0, 2).__next__)

    done = list(itertools.accumulate(len(steps) for steps in CYCLES))
    assert [p.percent for p in told if p.step == p.steps] == [int(100 * n / done[-1]) for n in done]
    assert {p.steps for p in told if p.cycle == 2} == {8}


def test_a_pulse_test_of_114_steps() -> None:
    raw = yaml.safe_load((EXAMPLES / "hppc.yaml").read_text(encoding="utf-8"))["spec"]

    trace = solve(parse_spec(raw))

    records = trace.steps or []
    assert len(records) == 114
    assert records[-1].repetition == 19
    assert trace.end_reason is EndReason.STEPS_FINISHED
