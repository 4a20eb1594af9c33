"""What PyBaMM says of runs that the solver gives up with compiled equations, and what either costs.

PYTHONPATH=hack python -m evidence.given_up [POINTS [SEED]]

Discharges of a DFN at random rates, temperatures, states of charge and diffusivities. Many cannot be
solved. In addition the largest rate that allows a first step, by either way: how near they are says how much
rounding decides there (docs/decisions/161-runs-that-cannot-begin.md).
"""

import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bench.sweep import PARAMETERS

from batterysim.checks.validation import parse_spec
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.endings import NO_STEP
from batterysim_runner.compiled.equations import UnsolvedError
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.run import CompiledRun, compiled_run
from batterysim_runner.compiled.shape import CONTROLS, Shape
from batterysim_runner.engine import modelled
from batterysim_runner.errors import RunError
from batterysim_runner.report.trace import Trace
from batterysim_runner.sweep.environment import ENVIRONMENT

POINTS, SEED = 100, 1
EDGES = 1
HALVINGS = 36
DIFFUSIVITIES = (4e-15, 3.3e-14)


class GivenUp(NamedTuple):
    """A run that the solver gave up with compiled equations.

    words: its own. pybamm: those of PyBaMM; None: it solved the run.
    compiled_seconds, pybamm_seconds: CPU time of either.
    """

    words: str
    pybamm: str | None
    compiled_seconds: float
    pybamm_seconds: float


def spec_at(rate: float, celsius: float, charge: float, factors: Sequence[float]) -> BatterySimulationSpec:
    """Return a discharge. factors: on the diffusivities."""
    values = (value * factor for value, factor in zip(DIFFUSIVITIES, factors, strict=True))
    return parse_spec(
        {
            "model": {"family": "DFN"},
            "cell": {
                "parameterSet": "Chen2020",
                "initialStateOfCharge": charge,
                "ambientTemperatureCelsius": celsius,
                "parameters": dict(zip(PARAMETERS, values, strict=True)),
            },
            "protocol": {"constantCurrent": {"cRate": rate, "durationSeconds": 3600}},
        }
    )


def any_spec(chance: random.Random) -> BatterySimulationSpec:
    """Return a discharge that may well be impossible."""
    factors = [10 ** chance.uniform(-1.5, 1) for _ in DIFFUSIVITIES]
    return spec_at(chance.uniform(1, 30), chance.uniform(-60, 10), chance.uniform(0.3, 1), factors)


def given_up(library: Library, count: int, seed: int) -> Iterator[GivenUp]:
    """Yield runs that the solver gives up."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for _ in range(count):
        spec = any_spec(chance)
        run = _run(spec, library)
        found, compiled_seconds = _timed(run.solve)
        if isinstance(found, UnsolvedError):
            answer, pybamm_seconds = _timed(modelled(spec).solve)
            said = str(answer) if isinstance(answer, Exception) else None
            yield GivenUp(str(found), said, compiled_seconds, pybamm_seconds)


def largest_rate(begins: Callable[[float], bool]) -> float:
    """Return the largest C-rate that allows a first step, between 0.01 and 30."""
    low, high = 0.01, 30.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if begins(middle) else (low, middle)
    return low


def lines(count: int, seed: int) -> Iterator[str]:
    """Yield tables of both."""
    library = Library(None)
    from batterysim_runner.lean_pybamm import import_pybamm  # noqa: PLC0415 - before what imports it

    import_pybamm()
    from batterysim_runner.compiled.compilation import compile_shape  # noqa: PLC0415

    library.add(compile_shape(Shape("DFN", (), "Chen2020", CONTROLS[0]))).get_ready((1e-4, 1e-6))
    groups = defaultdict(list)
    for one in given_up(library, count, seed):
        groups["no first step" if NO_STEP in one.words else "later"].append(one)
    yield f"of {count} runs | given up | PyBaMM solves | in the same words | compiled, CPU s | PyBaMM, CPU s"
    for kind, members in groups.items():
        solved = sum(one.pybamm is None for one in members)
        same = sum(one.words in (one.pybamm or "") for one in members)
        costs = (
            sum(getattr(one, name) for one in members) / len(members)
            for name in ("compiled_seconds", "pybamm_seconds")
        )
        yield f"{kind} | {len(members)} | {solved} | {same} | {' | '.join(f'{cost:.2f}' for cost in costs)}"
    yield "degC | largest C-rate, compiled | PyBaMM | relative difference"
    chance = random.Random(seed)  # noqa: S311 - as above
    for _ in range(EDGES):
        celsius, charge = chance.uniform(-60, -30), chance.uniform(0.5, 1)

        def runs(rate: float, celsius: float = celsius, charge: float = charge) -> BatterySimulationSpec:
            return spec_at(rate, celsius, charge, (1, 1))

        compiled = largest_rate(lambda rate: _begins(_run(runs(rate), library).solve))
        pybamm = largest_rate(lambda rate: _begins(modelled(runs(rate)).solve))
        yield f"{celsius:.1f} | {compiled:.9f} | {pybamm:.9f} | {abs(compiled / pybamm - 1):.1e}"


def _run(spec: BatterySimulationSpec, library: Library) -> CompiledRun:
    run = compiled_run(spec, library)
    if run is None:
        raise RuntimeError("the equations do not fit")
    return run


def _begins(solve: Callable[[], Trace]) -> bool:
    try:
        solve()
    except (UnsolvedError, RunError) as error:
        return NO_STEP not in str(error)
    return True


def _timed(solve: Callable[[], Trace]) -> tuple[Trace | Exception, float]:
    before = time.process_time()
    found: Trace | Exception
    try:
        found = solve()
    except (UnsolvedError, RunError) as error:
        found = error
    return found, time.process_time() - before


if __name__ == "__main__":
    os.environ.update(ENVIRONMENT)
    for line in lines(*(list(map(int, sys.argv[1:])) + [POINTS, SEED][len(sys.argv) - 1 :])):
        print(line, flush=True)
