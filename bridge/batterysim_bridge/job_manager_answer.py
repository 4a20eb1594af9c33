"""What the Job Manager is answered, to the letter: its database refuses any further field, and any NaN."""

import functools
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from batterysim import results
from batterysim_bridge.job_manager_request import JobManagerRequest, SimulationType

POINT_COLUMNS = {
    "time": results.TIME.name,
    "voltage": results.VOLTAGE.name,
    "current": results.CURRENT.name,
    "dcap": results.DISCHARGE_CAPACITY.name,
}
"""A point's fields, in s, V, A and A.h. Positive current discharges."""


def failure(simulation_type: SimulationType) -> dict[str, Any]:
    """Return the answer that ends a request for good without a result."""
    return {"jobStarted": False, "simulationType": simulation_type.value, "simulationResults": None}


def success(request: JobManagerRequest, batches: Iterable[pa.RecordBatch]) -> dict[str, Any]:
    """Return the answer with a result's points. A point that lacks one of its four numbers is left out."""
    points = [point for batch in batches for point in _points(batch)]
    if not points or not request.starts_within(points[0]["voltage"]):
        return failure(request.simulation_type)
    return {
        "jobStarted": True,
        "simulationType": request.simulation_type.value,
        "simulationResults": points,
    }


def _points(batch: pa.RecordBatch) -> list[dict[str, float]]:
    table = pa.table({field: batch.column(name) for field, name in POINT_COLUMNS.items()})
    complete = functools.reduce(pc.and_, map(pc.is_finite, table.columns))
    points: list[dict[str, float]] = table.filter(complete).to_pylist()
    return points
