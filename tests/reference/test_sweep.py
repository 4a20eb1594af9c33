"""Every row of a sweep is its own BatterySimulation: the same numbers, the same end."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from batterysim.problem import InvalidSpecError
from batterysim.results import SolvedFrom
from batterysim.sweep.checks import NUMBERS_OF_SUMMARY, parse_sweep
from batterysim.sweep.points import axes
from batterysim.sweep.values import with_values
from batterysim_cli import run
from batterysim_runner.errors import RunError, SolverFailedError
from batterysim_runner.sweep.design import Points
from tests.builders import Json, bpx_document
from tests.sweeps import solve_sweep

CHEN: Json = {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0}
ONE_HOUR: Json = {"constantCurrent": {"cRate": 1, "durationSeconds": 3600}}
RELATIVE, VOLTS = 1e-6, 1e-6


def sweep(csv: str, **simulation: Any) -> Json:
    """Return a sweep over the lines of a table."""
    given = {"cell": CHEN, "protocol": ONE_HOUR, "model": {"family": "SPM"}} | simulation
    return {"simulation": given, "design": {"table": {"csv": csv}}}


NUMBERS = """\
protocol.constantCurrent.cRate,cell.ambientTemperatureCelsius,cell.initialStateOfCharge,cell.lowerCutoffVolts,\
Positive particle radius [m],Negative electrode diffusivity [m2.s-1]
0.5,25,1,2.5,5.22e-6,3.3e-14
1,10,1,2.5,5.22e-6,3.3e-14
1.5,40,0.8,3.0,4.9e-6,2.5e-14
2,0,0.9,2.8,5.6e-6,4.0e-14
-0.5,25,0.2,2.5,5.22e-6,3.3e-14
""".replace("Negative electrode diffusivity", "Negative particle diffusivity")

THICKNESSES = """\
Negative electrode thickness [m],protocol.constantCurrent.cRate
8.0e-5,0.5
8.0e-5,1
8.0e-5,2
8.0e-5,1.5
9.0e-5,1
8.52e-5,1
8.52e-5,2
8.52e-5,0.5
"""

UPPER_CUT_OFFS = """\
cell.upperCutoffVolts,cell.initialStateOfCharge
4.1,0.5
4.2,0.7
4.05,0.6
"""
CHARGE: Json = {"constantCurrent": {"cRate": -1, "durationSeconds": 3600}}
WARMING: Json = {"family": "SPMe", "options": {"thermal": "lumped"}}
TEMPERATURES = "cell.ambientTemperatureCelsius,protocol.constantCurrent.cRate\n-5,1\n25,2\n45,3\n60,0.5\n"
SCALES = "protocol.driveCycle.scale\n0.8\n1.0\n0.5\n0.9\n"
STEPS = "protocol.experiment.structuredSteps.0.cRate,cell.ambientTemperatureCelsius\n0.5,25\n1,10\n2,40\n"
EXPERIMENT: Json = {
    "experiment": {
        "structuredSteps": [
            {"cRate": 1, "untilVolts": 3.2},
            {"rest": True, "durationSeconds": 600},
            {"cRate": -0.5, "durationSeconds": 1800},
        ]
    }
}
OPTIONS = (
    "model.options['thermal'],protocol.constantCurrent.cRate\nlumped,1\nisothermal,1\nlumped,2\nlumped,0.5\n"
)


def bpx_cell() -> Json:
    return {"bpx": {"document": json.dumps(bpx_document())}}


SWEEPS = {
    "numbers of an SPM": sweep(NUMBERS),
    "numbers of a DFN": sweep(NUMBERS, model={"family": "DFN"}),
    "thicknesses": sweep(THICKNESSES),
    "thicknesses of a DFN": sweep(THICKNESSES, model={"family": "DFN"}),
    "upper cut-offs": sweep(UPPER_CUT_OFFS, protocol=CHARGE),
    "temperatures of a cell that warms up": sweep(TEMPERATURES, model=WARMING),
    "scales of a drive cycle": sweep(SCALES, protocol={"driveCycle": {"name": "US06"}}),
    "steps of an experiment": sweep(STEPS, protocol=EXPERIMENT),
    "options": sweep(OPTIONS),
    "a BPX cell": sweep(
        "protocol.constantCurrent.cRate,cell.initialStateOfCharge\n0.5,1\n1,0.8\n", cell=bpx_cell()
    ),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_every_row_is_its_own_simulation(name: str, tmp_path: Path) -> None:
    raw = SWEEPS[name]
    spec = parse_sweep(raw)
    points = Points(spec).values(0, Points(spec).count)

    table = solve_sweep(raw, tmp_path).table

    assert list(table.status) == ["Succeeded"] * len(points)
    assert len(points) > 1
    for number, values in enumerate(points):
        own = run(with_values(spec.simulation.to_json_dict(), [axis.path for axis in axes(spec)], values))
        assert own.metadata.provenance.solved_from is SolvedFrom.MODEL
        same_as(table.iloc[number], own.summary.to_json_dict())


def test_the_sweeps_end_in_each_way_that_a_cell_can_end(tmp_path: Path) -> None:
    names = "numbers of an SPM", "upper cut-offs", "steps of an experiment"

    ends = {reason for name in names for reason in solve_sweep(SWEEPS[name], tmp_path).table.endReason}

    assert ends == {"DurationReached", "LowerCutOff", "UpperCutOff", "StepsFinished"}


BAD = """\
protocol.constantCurrent.cRate,cell.initialStateOfCharge,Positive electrode active material volume fraction
1,0,0.665
1,1,1.5
40,1,0.665
"""


def test_a_point_that_fails_fails_as_its_own_simulation_does(tmp_path: Path) -> None:
    raw = sweep(BAD)
    spec = parse_sweep(raw)
    points = Points(spec).values(0, 3)
    paths = [axis.path for axis in axes(spec)]

    table = solve_sweep(raw, tmp_path).table

    assert list(table.reason) == ["Infeasible", "InvalidSpec", "InvalidSpec"]
    for number, values in enumerate(points):
        with pytest.raises((InvalidSpecError, RunError)) as own:
            run(with_values(spec.simulation.to_json_dict(), paths, values))
        assert table.message[number] == str(own.value)


def test_a_point_that_the_solver_gives_up_fails_as_its_own_simulation_does(tmp_path: Path) -> None:
    csv = "protocol.constantCurrent.cRate,cell.ambientTemperatureCelsius\n1,25\n29,-50\n1,20\n1,15\n"
    raw = sweep(csv, model={"family": "DFN"})
    simulation = parse_sweep(raw).simulation.to_json_dict()
    cold = with_values(simulation, [axis.path for axis in axes(parse_sweep(raw))], (29.0, -50.0))

    table = solve_sweep(raw, tmp_path).table

    assert list(table.status) == ["Succeeded", "Failed", "Succeeded", "Succeeded"]
    assert table.reason[1] == "SolverFailed"
    with pytest.raises(SolverFailedError) as own:
        run(cold)
    assert table.message[1] == str(own.value)


def same_as(row: "pd.Series[Any]", summary: dict[str, object]) -> None:
    assert row.endReason == summary["endReason"]
    assert bool(row.partial) == summary["partial"]
    for column in NUMBERS_OF_SUMMARY:
        expected = summary.get(column)
        if expected is None:
            assert pd.isna(row[column]), column
        else:
            closest = VOLTS if column.endswith("Volts") else 1e-9
            assert row[column] == pytest.approx(expected, rel=RELATIVE, abs=closest), column
