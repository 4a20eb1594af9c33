"""A result as the Job Manager wants it, and what the bridge's JSON says before the numbers.

The iterator blocks: it is for a thread.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from batterysim import results
from batterysim.results import Column
from batterysim_bridge.store.store import ResultRecord
from batterysim_formats.compact_json import to_json
from batterysim_formats.document import head_of
from batterysim_formats.nulls import without_nans
from batterysim_formats.rendering import json_elements
from batterysim_formats.series import Series

JOB_MANAGER_COLUMNS: dict[str, Column] = {
    "time": results.TIME,
    "voltage": results.VOLTAGE,
    "current": results.CURRENT,
    "dcap": results.DISCHARGE_CAPACITY,
}


def job_manager_pieces(series: Series, identifier: str) -> Iterator[bytes]:
    """Yield `{"id", "result": [{"time", "voltage", "current", "dcap"}]}` in s, V, A and A.h.

    A point that lacks one of the four is left out: the Job Manager would read a null as 0.
    """
    yield b'{"id":' + to_json(identifier) + b',"result":['
    yield from json_elements(job_manager_points(series))
    yield b"]}"


def job_manager_points(series: Series) -> Iterator[list[dict[str, float]]]:
    """Yield the points `{"time", "voltage", "current", "dcap"}` that have all four, batch by batch."""
    wanted = [column.name for column in JOB_MANAGER_COLUMNS.values()]
    for batch in series.batches(wanted):
        renamed = without_nans(batch.rename_columns(list(JOB_MANAGER_COLUMNS)))
        yield pa.Table.from_batches([renamed]).drop_null().to_pylist()


def head(record: ResultRecord) -> dict[str, Any]:
    """Return what a JSON document says before its numbers."""
    identity = {"namespace": record.namespace, "name": record.name, "uid": record.uid}
    return head_of(identity, record.metadata)
