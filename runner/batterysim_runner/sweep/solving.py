"""A child's work: point after point, or a build of equations for points to come."""

import pickle
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from batterysim.catalogue.prescription import prescription
from batterysim.checks.validation import parse_spec
from batterysim.sweep.field_path import Path as FieldPath
from batterysim.sweep.values import with_values
from batterysim_runner.child.ends import Surroundings
from batterysim_runner.child.last_words import last_words
from batterysim_runner.child.memory import limited
from batterysim_runner.child.messages import Sender
from batterysim_runner.compiled.equations import UnsolvedError
from batterysim_runner.compiled.file import CompiledFile
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.run import CompiledRun, compiled_run
from batterysim_runner.compiled.shape import shape_of
from batterysim_runner.engine import modelled, solve_compiled
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.sweep.design import Point
from batterysim_runner.sweep.measures import Measure, read_between
from batterysim_runner.sweep.need import Need, need_of
from batterysim_runner.sweep.row import Row, failed, solved
from batterysim_runner.sweep.series import keep_series


class Study(NamedTuple):
    """What all points of a sweep have in common.

    base: the simulation's spec. paths: where the values of a point go.
    tolerances: of the simulation, the relative and the absolute one.
    series: where each point's result is kept whole; None: nowhere.
    """

    base: Mapping[str, Any]
    tolerances: tuple[float, float]
    paths: Sequence[FieldPath]
    measures: Sequence[Measure]
    series: Path | None = None


def solve_points(
    study: Study,
    points: Mapping[int, Point],
    library: Library,
    surroundings: Surroundings,
    *,
    may_build: bool,
) -> bytes:
    """Solve points one by one, and report each at once: `begin` with its number, then its `row`.

    points: their values, by number.
    may_build: whether PyBaMM solves them, those for which no equations are compiled and those that the solver
        has given up with these. Otherwise they are reported as `unfit`, with their need; None: PyBaMM.
    """
    with limited(surroundings.memory_bytes):
        for number, values in points.items():
            surroundings.sender.send(begin=number)
            _solve_point(study, number, values, library, surroundings, may_build)
    return b""


def load_equations(study: Study, library: Library) -> None:
    """Load the compiled equations of the simulation itself, if there are any, and make their solver.

    Children that are forked from this process later have both, and need not make them for each chunk.
    """
    spec = parse_spec(study.base)
    shape = shape_of(spec, prescription(spec.protocol))
    if shape is not None and (equations := library.find(shape)) is not None:
        equations.get_ready(study.tolerances)


def build(needs: Sequence[Need], _: Surroundings) -> bytes:
    """Return the compiled equations for each of the needs, None for those that cannot be compiled."""
    from batterysim_runner.lean_pybamm import import_pybamm  # noqa: PLC0415 - only this child needs it

    import_pybamm()
    return pickle.dumps([_compiled(need) for need in needs])


def read_built(content: bytes) -> list[CompiledFile | None]:
    """Return what `build` has made in a child of this process."""
    found: list[CompiledFile | None] = pickle.loads(content)  # noqa: S301 - of our own child
    return found


def _solve_point(
    study: Study,
    number: int,
    values: Point,
    library: Library,
    surroundings: Surroundings,
    may_build: bool,
) -> None:
    sender = surroundings.sender
    try:
        started_time = datetime.now(UTC)
        spec = parse_spec(with_values(study.base, study.paths, values))
        if may_build:
            trace = modelled(spec, finer=read_between(study.measures)).solve()
        else:
            run = compiled_run(spec, library)
            found = None if run is None else _solved(run)
            if found is None:
                sender.send(unfit=number, need=need_of(spec, library) if run is None else None)
                return
            trace = found
        metrics = {measure.metric.name: measure.of(trace) for measure in study.measures}
        if study.series is not None:
            keep_series(study.series, number, spec, started_time, trace)
        row = solved(number, summarise(trace), metrics)
    except Exception as error:
        row = failed(number, last_words(error, surroundings.memory_bytes))
    _send(sender, row)


def _solved(run: CompiledRun) -> Trace | None:
    """Return a solved run; None: PyBaMM has to solve it, imported once for several points of this kind."""
    try:
        return solve_compiled(run)
    except UnsolvedError:
        return None


def _send(sender: Sender, row: Row) -> None:
    """Send a row, its metrics apart: a line must not be too long."""
    if row.metrics:
        names = list(row.metrics)
        for start in range(0, len(names), 20):
            sender.send(metrics={name: row.metrics[name] for name in names[start : start + 20]})
    sender.send(row=row.number, reason=row.reason, message=row.message, summary=row.summary)


def _compiled(need: Need) -> CompiledFile | None:
    from batterysim_runner.compiled.compilation import compile_shape  # noqa: PLC0415 - imports PyBaMM

    try:
        return compile_shape(need.shape, fixed=dict(need.fixed))
    except Exception as error:
        # PyBaMM solves these points one by one then, and says of each what is wrong with it.
        print(f"{need.shape.name} cannot be compiled ({error}): PyBaMM builds each point", flush=True)
        return None
