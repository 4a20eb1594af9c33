"""What a sweep's process does before its children solve points."""

import json
import os
from pathlib import Path

import pytest
from evidence.many_points import compile_equations, sweep_spec

from batterysim.sweep.checks import parse_sweep
from batterysim_runner.child.ends import Surroundings
from batterysim_runner.child.messages import Sender
from batterysim_runner.compiled.equations import Equations, UnsolvedError
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.run import compiled_run
from batterysim_runner.engine import Modelled
from batterysim_runner.errors import SolverFailedError
from batterysim_runner.sweep.solving import Study, load_equations, solve_points
from tests.builders import spec_of


def test_installed_equations_are_loaded_before_children_are_forked(tmp_path: Path) -> None:
    compile_equations(tmp_path)
    sweep = parse_sweep(sweep_spec(4))
    base = sweep.simulation.to_json_dict()
    library = Library(tmp_path)

    load_equations(Study(base, (1e-4, 1e-6), [], []), library)

    for file in tmp_path.iterdir():
        file.unlink()
    assert compiled_run(spec_of(**base), library) is not None


def test_a_sweep_without_installed_equations_loads_none(tmp_path: Path) -> None:
    sweep = parse_sweep(sweep_spec(4))
    base = sweep.simulation.to_json_dict()
    library = Library(tmp_path)

    load_equations(Study(base, (1e-4, 1e-6), [], []), library)

    assert compiled_run(spec_of(**base), library) is None


def test_equations_that_have_given_a_point_up_are_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def give_up(*_: object) -> None:
        asked.append("equations")
        raise UnsolvedError("IDA_ERR_FAIL")

    def fail(*_: object) -> None:
        asked.append("PyBaMM")
        raise SolverFailedError("it cannot be solved")

    monkeypatch.setattr(Equations, "solve", give_up)
    monkeypatch.setattr(Modelled, "solve", fail)
    compile_equations(tmp_path)
    study = Study(parse_sweep(sweep_spec(4)).simulation.to_json_dict(), (1e-4, 1e-6), [], [])
    hears, tells = os.pipe()
    for may_build in (False, True):
        surroundings = Surroundings(Sender(tells), orders=-1, memory_bytes=None)
        solve_points(study, {7: ()}, Library(tmp_path), surroundings, may_build=may_build)
    os.close(tells)
    with os.fdopen(hears) as reader:
        messages = [json.loads(line) for line in reader]

    assert asked == ["equations", "PyBaMM"]
    assert messages[:3] == [{"begin": 7}, {"unfit": 7, "need": None}, {"begin": 7}]
    assert (messages[3]["row"], messages[3]["reason"]) == (7, "SolverFailed")
