"""What users get wrong: each mistake ends with its field named, the right exit code, and no traceback.

Run as a user would, through `batterysim run`. What is found before PyBaMM is loaded is marked EARLY: in a
cluster, it costs no pod.
"""

import copy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from batterysim.failure import ExitCode
from batterysim_cli.__main__ import app
from tests.builders import Json
from tests.unit.cli.builders import manifest, write

EARLY = True
LATE = False
PROTOCOL = "protocol"
MINUTE = {"durationSeconds": 60}
ROWS = "0,1\n60,1\n"


class Case(NamedTuple):
    """A mistake: what is set in a good spec, which field is named, what is said about it, and when."""

    changes: Json
    field: str
    said: str
    early: bool = EARLY
    code: ExitCode = ExitCode.INVALID_SPEC


def only(**protocol: Any) -> Json:
    """Return the change that makes this the protocol."""
    return {PROTOCOL: protocol}


def profile(csv: str, quantity: str = "Current", **fields: Any) -> Json:
    return only(profile={"quantity": quantity, "csv": csv, **fields})


def steps(*texts: str) -> Json:
    return only(experiment={"steps": list(texts)})


def structured(**step: Any) -> Json:
    return only(experiment={"structuredSteps": [step]})


def parameter(name: str, value: object = 1.0) -> Json:
    return {"cell.parameters": {name: value}}


CASES = {
    # the shape of the spec
    "unknown field": Case({"cell.colour": "red"}, "spec.cell.colour", "unknown field"),
    "no cell": Case({"cell": None}, "spec.cell", "required, but absent"),
    "a list for a number": Case(
        {"protocol.constantCurrent.currentAmperes": [5]}, "currentAmperes", "must be a number"
    ),
    "text for a number": Case(
        {"cell.initialStateOfCharge": "full"}, "spec.cell.initialStateOfCharge", "number"
    ),
    "NaN": Case({"protocol.constantCurrent.currentAmperes": float("nan")}, "currentAmperes", "finite"),
    "infinity": Case({"cell.upperCutoffVolts": float("inf")}, "spec.cell.upperCutoffVolts", "finite"),
    # the model
    "unknown model": Case({"model.family": "SPMX"}, "spec.model.family", "'DFN'"),
    "unknown option": Case({"model.options": {"termal": "lumped"}}, "spec.model.options", "thermal"),
    "impossible value of an option": Case(
        {"model.options": {"thermal": "hot"}}, "spec.model.options", "lumped"
    ),
    "option that has a field of its own": Case(
        {"model.options": {"operating mode": "power"}}, "spec.model.options", "spec.protocol"
    ),
    "options that exclude each other": Case(
        {"model.options": {"SEI on cracks": "true"}}, "spec.model.options", "", LATE
    ),
    "option whose parameters the cell lacks": Case(
        {"model": {"family": "SPM", "options": {"lithium plating": "reversible"}}}, "plating", "", LATE
    ),
    "circuit model with an electrochemical cell": Case(
        {"model.family": "Thevenin"}, "spec.model.family", "docs/cells.md has the cells for Thevenin"
    ),
    "electrochemical model with a circuit's cell": Case(
        {"cell.parameterSet": "ECM_Example"}, "ECM_Example", "Thevenin"
    ),
    "mesh of a half point": Case(
        {"solver.mesh": {"separatorPoints": 2.5}}, "separatorPoints", "whole number"
    ),
    "mesh of one point": Case({"solver.mesh": {"separatorPoints": 1}}, "separatorPoints", "3"),
    "tolerance of zero": Case({"solver.relativeTolerance": 0}, "relativeTolerance", "at least"),
    # the cell
    "unknown parameter set": Case({"cell.parameterSet": "Chen2021"}, "spec.cell.parameterSet", "'Chen2020'"),
    "unknown preset": Case({"cell": {"preset": "LGM5"}}, "spec.cell.preset", "'LGM50'"),
    "two cells": Case({"cell.preset": "LGM50"}, "spec.cell", "exactly one of parameterSet, preset and bpx"),
    "no origin": Case({"cell": {"initialStateOfCharge": 1}}, "spec.cell", "exactly one of parameterSet"),
    "BPX that is none": Case(
        {"cell": {"bpx": {"inline": {"Header": {}}}}}, "spec.cell.bpx", "Parameterisation"
    ),
    "BPX with a wrong value": Case(
        {"cell": {"bpx": {"inline": {"Header": {"BPX": "1.0.0", "Model": "DFN"}, "Parameterisation": {}}}}},
        "spec.cell.bpx",
        "",
        LATE,
    ),
    "BPX in a ConfigMap that is not there": Case(
        {"cell": {"bpx": {"configMapKeyRef": {"name": "cells", "key": "mine.json"}}}},
        "spec.cell.bpx.configMapKeyRef",
        "cells",
    ),
    "misspelt parameter": Case(
        parameter("Negative electrode thicknes [m]", 1e-4),
        "Negative electrode thicknes [m]",
        "Negative electrode thickness [m]",
    ),
    "parameter without its unit": Case(
        parameter("Negative electrode thickness", 1e-4), "Negative electrode thickness", "[m]"
    ),
    "function that is no expression": Case(
        {"cell.functions": {"Electrolyte conductivity [S.m-1]": {"expression": "x +"}}},
        "spec.cell.functions['Electrolyte conductivity [S.m-1]'].expression",
        "'x +' is no expression",
    ),
    "parameter that has a field": Case(
        parameter("Upper voltage cut-off [V]", 4.1), "Upper voltage cut-off [V]", "spec.cell.upperCutoffVolts"
    ),
    "text for a parameter": Case(parameter("Separator porosity", "half"), "spec.cell.parameters", "number"),
    "cut-offs crossed": Case(
        {"cell.lowerCutoffVolts": 4.3, "cell.upperCutoffVolts": 4.2}, "lowerCutoffVolts", "swap them"
    ),
    "cut-off past the set's own": Case({"cell.lowerCutoffVolts": 4.5}, "spec.cell.lowerCutoffVolts", "4.2 V"),
    "state of charge in percent": Case(
        {"cell.initialStateOfCharge": 80}, "spec.cell.initialStateOfCharge", "at most 1"
    ),
    "two initial states": Case(
        {"cell.initialStateOfCharge": 0.5, "cell.initialVolts": 3.7}, "spec.cell", "at most one of"
    ),
    "initial voltage that the cell cannot rest at": Case(
        {"cell.initialVolts": 4.9}, "spec.cell.initialVolts", "4.2", LATE
    ),
    "stoichiometry of more than one": Case(
        {"cell.initialStoichiometry": {"negative": 1.2, "positive": 0.3}}, "negative", "less than 1"
    ),
    "ambient temperature in kelvin": Case(
        {"cell.ambientTemperatureCelsius": 298.15}, "spec.cell.ambientTemperatureCelsius", "120"
    ),
    # the protocol
    "no protocol": Case(only(), "spec.protocol", "exactly one of"),
    "two protocols": Case({"protocol.rest": MINUTE}, "spec.protocol", "exactly one of"),
    "current and C-rate": Case(
        {"protocol.constantCurrent.cRate": 1}, "spec.protocol.constantCurrent", "currentAmperes and cRate"
    ),
    "duration of zero": Case(
        {"protocol.constantCurrent.durationSeconds": 0}, "durationSeconds", "greater than 0"
    ),
    "current of 200 A": Case(
        {"protocol.constantCurrent.currentAmperes": 200},
        "spec.protocol.constantCurrent.currentAmperes",
        "200 A is 40 C for a cell of 5 A.h",
    ),
    "profile in milliamperes": Case(profile("0,0\n60,2000\n"), "spec.protocol.profile", "at most 30 C"),
    "discharge of an empty cell": Case(
        {"protocol.constantCurrent.currentAmperes": 5, "cell.initialStateOfCharge": 0},
        "at time 0",
        "lower cut-off of 2.5 V",
        LATE,
        ExitCode.INFEASIBLE,
    ),
    "charge of a full cell": Case(
        {"protocol.constantCurrent.currentAmperes": -5, "cell.initialStateOfCharge": 1},
        "at time 0",
        "upper cut-off of 4.2 V",
        LATE,
        ExitCode.INFEASIBLE,
    ),
    "power that no cell gives": Case(
        only(constantPower={"powerWatts": 5000, **MINUTE}),
        "spec.protocol.constantPower.powerWatts",
        "is 238 C for a cell of 5 A.h",
    ),
    "hold past the upper cut-off": Case(
        only(constantVoltage={"volts": 4.4, **MINUTE}), "spec.protocol.constantVoltage.volts", "4.2"
    ),
    "CCCV past the upper cut-off": Case(
        only(cccv={"chargeCRate": 0.5, "volts": 4.4}), "spec.protocol.cccv.volts", "4.2"
    ),
    "CCCV with a negative current": Case(
        only(cccv={"chargeCurrentAmperes": -2}), "chargeCurrentAmperes", "greater than 0"
    ),
    "unknown cycle": Case(only(driveCycle={"name": "US07"}), "spec.protocol.driveCycle.name", "'US06'"),
    "WLTC of a whole vehicle": Case(only(driveCycle={"name": "WLTC"}), "spec.protocol.driveCycle", "scale"),
    "cycle driven no time": Case(only(driveCycle={"name": "US06", "repeat": 0}), "repeat", "1"),
    "profile with NaN": Case(profile("0,1\n1,nan\n2,1\n"), "spec.protocol.profile.csv", "line 2"),
    "profile that goes back in time": Case(profile("0,1\n2,1\n1,1\n"), "spec.protocol.profile.csv", "line 3"),
    "profile with a time twice": Case(profile("0,1\n1,1\n1,2\n"), "spec.protocol.profile.csv", "line 3"),
    "profile with text": Case(profile("0,1\n1,one\n2,1\n"), "spec.protocol.profile.csv", "one"),
    "profile with one column": Case(profile("0\n1\n2\n"), "spec.protocol.profile.csv", "two columns"),
    "profile of one row": Case(profile("0,1\n"), "spec.protocol.profile.csv", "two"),
    "profile that begins late": Case(profile("5,1\n6,1\n"), "spec.protocol.profile.csv", "0"),
    "profile of an unknown quantity": Case(
        profile(ROWS, "Resistance"), "spec.protocol.profile.quantity", "'Current'"
    ),
    "profile in a ConfigMap that is not there": Case(
        only(profile={"quantity": "Current", "configMapKeyRef": {"name": "drives", "key": "a.csv"}}),
        "spec.protocol.profile.configMapKeyRef",
        "drives",
    ),
    "experiment without steps": Case(steps(), "spec.protocol.experiment.steps", "at least 1"),
    "step that is no sentence": Case(
        steps("Discharge quickly"), "spec.protocol.experiment.steps[0]", "'Discharge quickly': 'quickly'"
    ),
    "step whose end has no unit": Case(
        steps("Rest for 1 hour", "Charge at 1C until 4.2"),
        "spec.protocol.experiment.steps[1]",
        "'4.2' (character 20): it has no unit",
    ),
    "step with a sign that its verb has already": Case(
        steps("Charge at -1C for 10 minutes"), "spec.protocol.experiment.steps[0]", 'write "Charge at 1C" or'
    ),
    "charge at a voltage": Case(
        steps("Charge at 4.1 V until 50 mA"), "spec.protocol.experiment.steps[0]", 'write "Hold at 4.1 V'
    ),
    "discharge to the upper cut-off": Case(
        structured(cRate=0.5, untilVolts=4.2),
        "spec.protocol.experiment.structuredSteps[0]",
        "a discharge cannot end at 4.2 V",
    ),
    "step past a cut-off": Case(
        steps("Hold at 4.4 V for 1 minute"), "spec.protocol.experiment.steps[0]", "past a cut-off"
    ),
    "step without an end": Case(structured(currentAmperes=1), "structuredSteps", "durationSeconds"),
    "step that does two things": Case(
        structured(currentAmperes=1, rest=True, durationSeconds=60), "structuredSteps", "exactly one of"
    ),
    "step that holds no voltage past a cut-off": Case(
        structured(volts=4.4, durationSeconds=60),
        "spec.protocol.experiment.structuredSteps[0]",
        "cut-off",
        LATE,
    ),
    "no cycles": Case({PROTOCOL: {"experiment": {"steps": ["Rest for 1 hour"], "cycles": 0}}}, "cycles", "1"),
    "frequencies the wrong way round": Case(
        only(impedance={"frequencyRange": {"lowestHertz": 10, "highestHertz": 1}}),
        "spec.protocol.impedance.frequencyRange",
        "below highestHertz",
    ),
    # the output
    "points and a period": Case(
        {"output": {"points": 10, "periodSeconds": 1}}, "spec.output", "at most one of points"
    ),
    "one point": Case({"output.points": 1}, "spec.output.points", "2"),
    "points of an experiment": Case(
        {**steps("Rest for 1 minute"), "output.points": 10}, "output.points", "periodSeconds"
    ),
    "too many points": Case(
        {"protocol.constantCurrent.durationSeconds": 1e7, "output.periodSeconds": 1},
        "spec.output.periodSeconds",
        "longer period",
    ),
    "misspelt variable": Case(
        {"output.variables": ["Terminal voltage (V)"]}, "spec.output.variables[0]", "use 'Voltage [V]'"
    ),
    "variable that varies in space": Case(
        {"output.variables": ["Negative particle concentration [mol.m-3]"]},
        "spec.output.variables[0]",
        "verage",
        LATE,
    ),
    "wall-clock limit of zero": Case(
        {"solver.wallClockLimitSeconds": 0}, "spec.solver.wallClockLimitSeconds", "greater than 0"
    ),
}


def changed(changes: Json) -> Json:
    """Return a good manifest with these paths of its spec set."""
    spec = copy.deepcopy(manifest()["spec"])
    for path, value in changes.items():
        *parents, last = path.split(".")
        target = spec
        for name in parents:
            target = target.setdefault(name, {})
        target[last] = value
        if value is None:
            del target[last]
    return manifest() | {"spec": spec}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_mistake_names_its_field_and_what_to_do(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "2000")
    file = write(tmp_path / "a.yaml", changed(case.changes))

    result = CliRunner().invoke(app, ["run", str(file), "--no-plot", "--output", str(tmp_path / "out")])

    assert (result.exit_code, case.field in result.output, case.said in result.output) == (
        case.code,
        True,
        True,
    ), result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.glob("out/*.parquet"))


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.early], ids=lambda case: case.field)
def test_what_can_be_known_early_is(case: Case, tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", changed(case.changes))

    result = CliRunner().invoke(app, ["validate", str(file)])

    assert result.exit_code == ExitCode.INVALID_SPEC, result.output
    assert "Traceback" not in result.output


def test_there_are_at_least_forty() -> None:
    assert len(CASES) >= 40
