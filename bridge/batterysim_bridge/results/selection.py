"""Which part of a result a client wants: some columns, a window of time, every n-th point, or the shape."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from batterysim.catalogue.nearest_names import nearest_names
from batterysim.results import TIME
from batterysim_bridge.http.problem import BAD_REQUEST, FieldError, wrong_fields
from batterysim_bridge.results.downsampling import downsample
from batterysim_formats.series import Series


class Selection(NamedTuple):
    """The requested part; each field may be absent."""

    variables: tuple[str, ...] = ()
    """Columns, in this order. Empty: all."""
    every: int | None = None
    """Every n-th point of the window, including the first one."""
    start_seconds: float | None = None
    end_seconds: float | None = None
    """The window of time, both ends included."""
    points: int | None = None
    """At most this many points, including the highest and lowest."""

    @property
    def is_everything(self) -> bool:
        """Whether the whole result is wanted."""
        return self == Selection()


def select(series: Series, selection: Selection) -> Series:
    """Return the wanted part.

    Raises:
        ProblemError: names what the result does not have.
    """
    names = _columns(series.names, selection.variables)
    selected = Series(series.schema, series.read)
    if selection.start_seconds is not None or selection.end_seconds is not None:
        selected = _in_window(selected, selection.start_seconds, selection.end_seconds)
    if selection.every is not None:
        selected = _every(selected, selection.every)
    fields = [series.schema.field(name) for name in names]
    selected = Series(pa.schema(fields, metadata=series.schema.metadata), selected.read)
    return selected if selection.points is None else downsample(selected, selection.points)


def _columns(known: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Return the columns asked for. One parameter may have several names, separated by commas."""
    names = [part for text in asked for part in ([text] if text in known else _split(text))]
    if unknown := [name for name in dict.fromkeys(names) if name not in known]:
        near = nearest_names(unknown, known, cutoff=0.4)
        errors = [FieldError("query.variables", _unknown(name, known, near.get(name))) for name in unknown]
        raise wrong_fields(BAD_REQUEST, errors)
    # Once each, however often it was asked for.
    return list(dict.fromkeys(names)) or list(known)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _unknown(name: str, known: Sequence[str], near: Sequence[str] | None) -> str:
    if near is None:
        return f"the result has no {name!r}"
    advice = (
        f"did you mean {' or '.join(map(repr, near))}?" if near else f"it has {', '.join(map(repr, known))}"
    )
    return f"the result has no {name!r}; {advice}"


def _in_window(series: Series, start: float | None, end: float | None) -> Series:
    if TIME.name not in series.names:
        message = "the result is not over time: leave out from and to"
        raise wrong_fields(BAD_REQUEST, [FieldError("query.from", message)])

    def read(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for batch in series.read(_with_time(names)):
            time = batch.column(TIME.name)
            inside = pc.is_finite(time)
            if start is not None:
                inside = pc.and_(inside, pc.greater_equal(time, start))
            if end is not None:
                inside = pc.and_(inside, pc.less_equal(time, end))
            yield batch.filter(inside)

    return Series(series.schema, read)


def _every(series: Series, step: int) -> Series:
    def read(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        skip = 0
        for batch in series.read(names):
            rows = range(skip, batch.num_rows, step)
            yield batch.take(pa.array(rows, pa.int64()))
            skip = (skip - batch.num_rows) % step

    return Series(series.schema, read)


def _with_time(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*names, TIME.name]))
