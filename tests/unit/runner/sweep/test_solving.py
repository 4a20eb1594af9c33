"""What a sweep's process does before its children solve points."""

from pathlib import Path

from evidence.many_points import compile_equations, sweep_spec

from batterysim.sweep.checks import parse_sweep
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.run import compiled_run
from batterysim_runner.sweep.solving import Study, load_equations
from tests.builders import spec_of


def test_installed_equations_are_loaded_before_children_are_forked(tmp_path: Path) -> None:
    compile_equations(tmp_path)
    base = parse_sweep(sweep_spec(4)).simulation.to_json_dict()
    library = Library(tmp_path)

    load_equations(Study(base, (1e-4, 1e-6), [], []), library)

    for file in tmp_path.iterdir():
        file.unlink()
    assert compiled_run(spec_of(**base), library) is not None


def test_a_sweep_without_installed_equations_loads_none(tmp_path: Path) -> None:
    base = parse_sweep(sweep_spec(4)).simulation.to_json_dict()
    library = Library(tmp_path)

    load_equations(Study(base, (1e-4, 1e-6), [], []), library)

    assert compiled_run(spec_of(**base), library) is None
