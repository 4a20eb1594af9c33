"""Which numbers of a cell change PyBaMM's results when they are inputs of its equations.

They should not, but PyBaMM simplifies formulas of numbers that it leaves as they are for inputs: an average
over the cell, or a root that it otherwise keeps from zero. Those numbers stay built into compiled simulations
(`batterysim_runner.compiled.compilation`). For each family and cell, each number alone becomes an input.

python -m evidence.inputs [--processes N] [--only TEXT]
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

from batterysim.catalogue.parameter_names import LOWER_CUT_OFF, NOMINAL_CAPACITY, UPPER_CUT_OFF
from batterysim.checks.validation import parse_spec
from batterysim.results import VOLTAGE
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.names import INITIAL_CONCENTRATIONS
from batterysim_runner.compiled.run import compiled_run
from batterysim_runner.compiled.shape import CONTROLS, FAMILIES, LUMPED, PARAMETER_SETS, Shape, catalogue

MOST_VOLTS = 1e-10
NEEDED = frozenset(
    {
        NOMINAL_CAPACITY,
        LOWER_CUT_OFF,
        UPPER_CUT_OFF,
        *INITIAL_CONCENTRATIONS,
    }
)
"""A compiled simulation cannot do without these as inputs."""


def changing(shape: Shape) -> dict[str, float]:
    """Return the numbers that change the voltage when they are inputs, and by how many V at most."""
    from batterysim_runner.lean_pybamm import import_pybamm  # noqa: PLC0415

    import_pybamm()
    from batterysim_runner.compiled.compilation import compile_shape  # noqa: PLC0415
    from batterysim_runner.solution import solve  # noqa: PLC0415

    spec = parse_spec(
        {
            "model": {"family": shape.family, "options": dict(shape.options)},
            "cell": {"parameterSet": shape.parameter_set, "initialStateOfCharge": 0.5},
            "protocol": {"constantCurrent": {"cRate": 0.7, "durationSeconds": 100}},
        }
    )
    theirs = solve(spec).values[VOLTAGE.name]

    names = frozenset(compile_shape(shape, frozenset()).description.inputs.defaults) - NEEDED

    def difference(inputs: frozenset[str]) -> float:
        library = Library(None)
        library.add(compile_shape(shape, names - inputs))
        run = compiled_run(spec, library)
        assert run is not None  # noqa: S101 - the spec is of this shape
        return float(abs(run.solve().values[VOLTAGE.name] - theirs).max())

    return dict(_search(sorted(names), difference))


def _search(names: list[str], difference: Callable[[frozenset[str]], float]) -> Iterator[tuple[str, float]]:
    """Return those of the names that make a difference: half and half again, where both together make one."""
    most = difference(frozenset(names))
    if most <= MOST_VOLTS:
        return
    if len(names) == 1:
        yield names[0], most
        return
    middle = len(names) // 2
    yield from _search(names[:middle], difference)
    yield from _search(names[middle:], difference)


def main(arguments: list[str]) -> int:
    """Show them all."""
    parser = argparse.ArgumentParser(prog="evidence.inputs", description=__doc__)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="only those whose name has this in it")
    given = parser.parse_args(arguments)
    known = set(catalogue())
    lumped = [Shape(family, LUMPED, name, CONTROLS[0]) for name in PARAMETER_SETS for family in FAMILIES]
    shapes = [shape if shape in known else shape._replace(options=()) for shape in lumped]
    shapes = [shape for shape in shapes if given.only in shape.name]
    with ProcessPoolExecutor(given.processes) as pool:
        for shape, found in zip(shapes, pool.map(changing, shapes), strict=True):
            print(shape.name, json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
