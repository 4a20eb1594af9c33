"""The CPU time of a sweep's point with compiled equations, in one process, by what it is spent on.

PYTHONPATH=hack python -m evidence.point_cost [FAMILY POINTS]...

The points are those of bench.sweep. CPU time holds on a machine that does other work, too, but for what that
takes of its caches.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from bench.sweep import sweep_spec

from batterysim.checks.validation import parse_spec
from batterysim.sweep.checks import parse_sweep
from batterysim.sweep.values import with_values
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.run import CompiledRun, compiled_run
from batterysim_runner.compiled.shape import CONTROLS, Shape
from batterysim_runner.report.summary import summarise
from batterysim_runner.sweep.design import Points
from batterysim_runner.sweep.environment import ENVIRONMENT

Given = TypeVar("Given")
Made = TypeVar("Made")

CASES = (("SPM", 300), ("DFN", 100))


def costs(family: str, count: int) -> dict[str, float]:
    """Return the milliseconds of CPU time of each part of a point's work."""
    spec = parse_sweep(sweep_spec(family, count))
    library = _library(
        family, (spec.simulation.solver.relative_tolerance, spec.simulation.solver.absolute_tolerance)
    )
    design, base = Points(spec), spec.simulation.to_json_dict()
    paths = [axis.path for axis in design.axes]
    points = design.values(0, count)
    found: dict[str, float] = {}

    def timed(part: str, given: Sequence[Given], make: Callable[[Given], Made]) -> list[Made]:
        make(given[0])  # what is made once for all
        before = time.process_time()
        made = [make(one) for one in given]
        found[part] = 1000 * (time.process_time() - before) / count
        return made

    specs = timed("spec", points, lambda values: parse_spec(with_values(base, paths, values)))
    runs = timed("numbers", specs, lambda spec: compiled_run(spec, library))
    fitting = [run for run in runs if run is not None]
    solved = timed("solve", fitting, CompiledRun.solve)
    timed("steps", fitting, solve_for_the_end)
    found["points of time"] = found.pop("solve") - found["steps"]
    timed("summary", solved, summarise)
    return found


def solve_for_the_end(run: CompiledRun) -> None:
    """Solve without the points of time in between, over which energy is integrated."""
    solver, ends = run.spec.solver, np.array([0.0, run.prescription.duration_seconds])
    run.equations.solve(run.bound.inputs, ends, ends, (solver.relative_tolerance, solver.absolute_tolerance))


def _library(family: str, tolerances: tuple[float, float]) -> Library:
    from batterysim_runner.lean_pybamm import import_pybamm  # noqa: PLC0415 - before what imports it

    import_pybamm()
    from batterysim_runner.compiled.compilation import compile_shape  # noqa: PLC0415

    library = Library(None)
    library.add(compile_shape(Shape(family, (), "Chen2020", CONTROLS[0]))).get_ready(tolerances)
    return library


def main(arguments: Sequence[str]) -> None:
    """Print a table of the cases."""
    cases = [(family, int(count)) for family, count in zip(arguments[::2], arguments[1::2], strict=True)]
    for family, count in cases or CASES:
        found = costs(family, count)
        parts = ", ".join(f"{part} {milliseconds:.2f}" for part, milliseconds in found.items())
        print(f"{family}: {sum(found.values()):.2f} ms a point: {parts}")


if __name__ == "__main__":
    os.environ.update(ENVIRONMENT)
    main(sys.argv[1:])
