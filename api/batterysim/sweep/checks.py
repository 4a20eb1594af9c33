"""From what a user wrote to a sweep, or to everything that can be known to be wrong before a pod starts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from batterysim.catalogue.measured_csv import read_measured
from batterysim.catalogue.nearest_names import nearest_names
from batterysim.catalogue.profile_csv import ProfileError
from batterysim.checks.validation import parse_spec, problems_of
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.results import DEFAULT_COLUMNS, IMPEDANCE_COLUMNS, Summary
from batterysim.spec.documents.api_server_form import with_bpx_as_text
from batterysim.spec.documents.contents import Reader, resolve, size_problems
from batterysim.spec.documents.depth import MAX_DEPTH, is_deeper
from batterysim.spec.measured import MEASURED_COLUMNS
from batterysim.sweep.contents import resolve_sweep
from batterysim.sweep.corners import corners
from batterysim.sweep.design import MAX_POINTS
from batterysim.sweep.field_path import PathError
from batterysim.sweep.metric import Metric
from batterysim.sweep.points import axes, count_points
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.table import TableError, read_table
from batterysim.sweep.values import Value, own_value, path_of, with_values
from batterysim.sweep.variation import Variation

TABLE_COLUMNS = ("point", "status", "reason", "message")
"""Columns of every sweep's table in addition to the varied values, the summary and the metrics."""

MEASURABLE = {columns.simulated.name: quantity for quantity, columns in MEASURED_COLUMNS.items()}
"""Columns with which measured data can be compared, and the quantity of such data."""

NUMBERS_OF_SUMMARY = tuple(
    str(field.alias)
    for name, field in Summary.model_fields.items()
    if name not in ("end_reason", "partial", "failure_message", "limiting_cell", "comparison")
    # A sweep compares by its metrics, which say nothing of a run that is shorter than the data.
    and not name.startswith(("rms_error", "max_error"))
)
SUMMARY_COLUMNS = tuple(str(field.alias) for field in Summary.model_fields.values())


def parse_sweep(raw: Mapping[str, Any], read: Reader | None = None) -> BatterySweepSpec:
    """Read the spec of a sweep as written by a user.

    read: reads the contents that it refers to, which then are in it; None: the references stay.

    Raises:
        InvalidSpecError: names every wrong field, its value, what was expected and what to do.
    """
    if is_deeper(raw, MAX_DEPTH):
        raise InvalidSpecError([_problem("spec", f"more than {MAX_DEPTH} levels deep: a spec has some ten")])
    # A spec that has no fields at all is left to the model, as one of a simulation is.
    simulation = raw.get("simulation") if isinstance(raw, Mapping) else None
    if isinstance(simulation, Mapping):
        raw = {**raw, "simulation": with_bpx_as_text(simulation)}
        if problems := size_problems(raw["simulation"]):
            raise InvalidSpecError(list(_of_simulation(problems)))
        if read is not None:
            raw = resolve_sweep({**raw, "simulation": _resolved(raw["simulation"], read)}, read)
    try:
        spec = BatterySweepSpec.model_validate(raw)
    except ValidationError as error:
        raise InvalidSpecError(problems_of(error, BatterySweepSpec)) from error
    if problems := list(_problems(spec)):
        raise InvalidSpecError(problems)
    return spec


def _resolved(simulation: Mapping[str, Any], read: Reader) -> Mapping[str, Any]:
    try:
        return resolve(simulation, read)
    except InvalidSpecError as error:
        raise InvalidSpecError(list(_of_simulation(error.problems))) from error


def _problems(spec: BatterySweepSpec) -> list[Problem]:
    """Return what is wrong, each kind only where the kinds before it are right."""
    for look in (
        _simulation_problems,
        _measured_problems,
        _design_problems,
        _corner_problems,
        _metric_problems,
    ):
        if problems := list(look(spec)):
            return problems
    return []


def _simulation_problems(spec: BatterySweepSpec) -> Iterator[Problem]:
    if spec.simulation.cell.initial_state is not None:
        message = "points of a sweep do not go on from an earlier result: set initialStateOfCharge instead"
        yield _problem("spec.simulation.cell.initialState", message)
        return
    try:
        parse_spec(spec.simulation.to_json_dict())
    except InvalidSpecError as error:
        yield from _of_simulation(error.problems)


def _measured_problems(spec: BatterySweepSpec) -> Iterator[Problem]:
    if spec.simulation.output.measured is not None:
        yield _problem(
            "spec.simulation.output.measured",
            "is for one simulation: give the data to a metric of the sweep, as spec.metrics[].against",
        )


def _of_simulation(problems: list[Problem]) -> Iterator[Problem]:
    for problem in problems:
        yield problem._replace(field=problem.field.replace("spec", "spec.simulation", 1))


def _design_problems(spec: BatterySweepSpec) -> Iterator[Problem]:
    table = spec.design.table
    if table is not None:
        if table.csv is not None:
            try:
                read_table(table.csv)
            except TableError as error:
                yield _problem("spec.design.table.csv", str(error))
        return
    wrong = [
        problem
        for number, variation in enumerate(spec.vary)
        for problem in _variation_problems(f"spec.vary.{number}", variation, spec)
    ]
    counts = Counter(path_of(variation) for variation in spec.vary) if not wrong else Counter()
    wrong += [
        _problem("spec.vary", f"{path[-1]!r} varies twice: remove one")
        for path, count in counts.items()
        if count > 1
    ]
    yield from wrong
    if not wrong:
        yield from _size_problems(spec)


def _variation_problems(field: str, variation: Variation, spec: BatterySweepSpec) -> Iterator[Problem]:
    try:
        path_of(variation)
    except PathError as error:
        yield _problem(f"{field}.field", str(error))
        return
    is_listed = not spec.design.is_sampled
    if is_listed and variation.distribution is not None:
        yield _problem(
            f"{field}.distribution",
            "grid and zip take written values: write values or a range, or use a design such as sobol",
        )
    elif is_listed and variation.interval is not None and variation.interval.points is None:
        place = "factors" if variation.range is None else "range"
        yield _problem(f"{field}.{place}.points", "required for grid and zip, but absent: add it")
    if spec.design.morris is not None and variation.interval is None:
        kind = next(name for name in ("values", "words", "distribution") if getattr(variation, name))
        yield _problem(f"{field}.{kind}", "morris goes in steps through a range: write range or factors")
    if variation.factors is not None and own_value(variation, spec.simulation) is None:
        yield _problem(
            f"{field}.factors",
            f"the value of {variation.name!r} by itself is not a known number: write values or a range",
        )


def _size_problems(spec: BatterySweepSpec) -> Iterator[Problem]:
    design = spec.design
    if design.zip is not None:
        lengths = {variation.name: _length(variation) for variation in spec.vary}
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{name!r} has {length}" for name, length in lengths.items())
            yield _problem("spec.vary", f"zip needs the same number of values of each: {shown}")
            return
    if design.saltelli is not None and design.saltelli.base_samples & (design.saltelli.base_samples - 1):
        given = design.saltelli.base_samples
        near = 1 << given.bit_length()
        yield _problem(
            "spec.design.saltelli.baseSamples", f"{given} is no power of two: use {near // 2} or {near}"
        )
    if (count := count_points(spec)) > MAX_POINTS:
        yield _problem("spec.design", f"gives {count} points, more than {MAX_POINTS}: use fewer values")


def _length(variation: Variation) -> int:
    if variation.interval is not None:
        return variation.interval.points or 0
    return len(variation.values or variation.words or ())


def _corner_problems(spec: BatterySweepSpec) -> list[Problem]:
    """Return what is wrong with the first corner that is no valid simulation."""
    columns = axes(spec)
    base = spec.simulation.to_json_dict()
    for corner in corners(spec) if columns else ():
        try:
            parse_spec(with_values(base, [axis.path for axis in columns], corner))
        except PathError as error:
            return [_problem("spec.vary", str(error))]
        except InvalidSpecError as error:
            names = [axis.name for axis in columns]
            return [_at_corner(problem, names, corner) for problem in error.problems]
    return []


def _at_corner(problem: Problem, names: list[str], corner: tuple[Value, ...]) -> Problem:
    shown = ", ".join(f"{name} = {value}" for name, value in zip(names[:4], corner, strict=False))
    rest = ", …" if len(names) > 4 else ""
    return Problem(problem.reason, "spec.vary", f"the point {shown}{rest} is not valid: {problem}")


def _metric_problems(spec: BatterySweepSpec) -> Iterator[Problem]:
    taken = {*TABLE_COLUMNS, *SUMMARY_COLUMNS, *(axis.name for axis in axes(spec))}
    for number, metric in enumerate(spec.metrics):
        field = f"spec.metrics.{number}"
        if metric.name in taken:
            yield _problem(
                f"{field}.name", f"the table already has a column {metric.name!r}: use another name"
            )
        taken.add(metric.name)
        yield from _column_problems(field, metric, spec)
    if spec.objective is not None:
        known = [metric.name for metric in spec.metrics] + list(NUMBERS_OF_SUMMARY)
        name = spec.objective.metric
        if name not in known:
            near = " or ".join(map(repr, nearest_names([name], known)[name])) or "the name of a metric"
            yield _problem(
                "spec.objective.metric", f"{name!r} is no metric and no number of the summary: use {near}"
            )


def _column_problems(field: str, metric: Metric, spec: BatterySweepSpec) -> Iterator[Problem]:
    is_impedance = spec.simulation.protocol.impedance is not None
    default = IMPEDANCE_COLUMNS if is_impedance else DEFAULT_COLUMNS
    known = [column.name for column in default] + list(spec.simulation.output.variables)
    if is_impedance and metric.at_seconds is not None:
        yield _problem(f"{field}.atSeconds", "an impedance has no time: use a statistic")
    if metric.column not in known:
        near = nearest_names([metric.column], known)[metric.column]
        hint = " or ".join(map(repr, near)) or "a column of the result"
        yield _problem(
            f"{field}.column",
            f"{metric.column!r} is no column of the result: use {hint}, or add it to "
            "spec.simulation.output.variables",
        )
    if metric.against is None:
        return
    if metric.column not in MEASURABLE:
        names = " or ".join(map(repr, MEASURABLE))
        yield _problem(f"{field}.against", f"data can be compared with {names}, not with {metric.column!r}")
    elif metric.against.csv is not None:
        try:
            read_measured(metric.against.csv, MEASURABLE[metric.column])
        except ProfileError as error:
            yield _problem(f"{field}.against.csv", str(error))


def _problem(field: str, message: str) -> Problem:
    return Problem(FailureReason.INVALID_SPEC, field, message)
