"""A sweep's table: a row for each point, with units, as Arrow and Parquet."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from batterysim.names import SWEEP_KIND
from batterysim.results import PARQUET_METADATA_KEY, UNIT_METADATA_KEY
from batterysim.status import Phase
from batterysim.sweep.checks import NUMBERS_OF_SUMMARY
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.units import unit_of
from batterysim_runner.report.provenance import versions
from batterysim_runner.sweep.design import Point, Points
from batterysim_runner.sweep.row import Row

COMPRESSION = "zstd"


class SweepTable:
    """The columns of one sweep's table, and rows in it.

    with_hash: whether it says what the hash of all points' values is, which takes a while for many.
    """

    def __init__(self, spec: BatterySweepSpec, points: Points, *, with_hash: bool = True) -> None:
        self._points = points
        self._objective = None if spec.objective is None else spec.objective.metric
        self._metrics = [metric.name for metric in spec.metrics]
        self._words = [_has_words(spec, points, place) for place in range(len(points.axes))]
        # A metric's unit is that of its column.
        self._units = {metric.name: unit_of(metric.column) for metric in spec.metrics}
        self.sha256 = points.sha256() if with_hash else None
        hashed = {"sha256": self.sha256} if with_hash else {}
        self.about: Mapping[str, Any] = {
            "kind": SWEEP_KIND,
            "spec": {name: value for name, value in spec.to_json_dict().items() if name != "run"},
            "design": {"points": points.count, **hashed},
            "provenance": versions(),
        }
        self.schema = pa.schema(self._fields(), metadata={PARQUET_METADATA_KEY: json.dumps(self.about)})

    def of_rows(self, rows: Sequence[Row]) -> pa.Table:
        """Return rows as Arrow, in their order."""
        values = self._points.of([row.number for row in rows])
        records = [self._record(row, values[row.number]) for row in rows]
        return pa.Table.from_pylist(records, schema=self.schema)

    def rows(self, table: pa.Table) -> list[Row]:
        """Return the rows of a table as far as a tally needs them: a failure, or the objective's value."""
        wanted = ["point", "reason", "message", *([self._objective] if self._objective else [])]
        return [
            Row(
                record["point"],
                record["reason"],
                record["message"],
                metrics={name: record[name] for name in wanted[3:]},
            )
            for record in table.select(wanted).to_pylist()
        ]

    def whole(self, tables: Sequence[pa.Table]) -> pa.Table:
        """Return all rows in the order of their points."""
        return pa.concat_tables([self.schema.empty_table(), *tables]).sort_by("point")

    def _fields(self) -> list[pa.Field]:
        varied = [
            _field(axis.name, pa.string() if has_words else pa.float64())
            for axis, has_words in zip(self._points.axes, self._words, strict=True)
        ]
        texts = [_field(name, pa.string()) for name in ("status", "reason", "message", "endReason")]
        rest = [_field("partial", pa.bool_()), _field("limitingCell", pa.string())]
        numbers = [_field(name, pa.float64()) for name in NUMBERS_OF_SUMMARY]
        metrics = [_field(name, pa.float64(), self._units[name]) for name in self._metrics]
        return [_field("point", pa.int64()), *varied, *texts, *rest, *numbers, *metrics]

    def _record(self, row: Row, point: Point) -> dict[str, Any]:
        varied = {
            axis.name: str(value) if has_words else value
            for axis, value, has_words in zip(self._points.axes, point, self._words, strict=True)
        }
        return {
            "point": row.number,
            **varied,
            "status": Phase.FAILED if row.has_failed else Phase.SUCCEEDED,
            "reason": row.reason,
            "message": row.message,
            **(row.summary or {}),
            **(row.metrics or {}),
        }


def write_parquet(table: pa.Table) -> bytes:
    """Return a table as a Parquet file's bytes."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression=COMPRESSION)
    return buffer.getvalue()


def _field(name: str, kind: pa.DataType, unit: str | None = None) -> pa.Field:
    if kind != pa.float64():
        return pa.field(name, kind)
    return pa.field(name, kind, metadata={UNIT_METADATA_KEY: unit or unit_of(name)})


def _has_words(spec: BatterySweepSpec, points: Points, place: int) -> bool:
    if spec.design.table is None:
        return spec.vary[place].words is not None
    return any(isinstance(point[place], str) for point in points.values(0, points.count))
