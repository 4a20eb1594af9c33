"""What the Job Manager is answered, to the letter: its database refuses any further field, and any NaN."""

from collections.abc import Iterable
from typing import Any

from batterysim_bridge.job_manager.request import JobManagerRequest, SimulationType


def failure(simulation_type: SimulationType) -> dict[str, Any]:
    """Return the answer that ends a request for good without a result."""
    return {"jobStarted": False, "simulationType": simulation_type.value, "simulationResults": None}


def success(request: JobManagerRequest, batches: Iterable[list[dict[str, float]]]) -> dict[str, Any]:
    """Return the answer with a result's points, each with time, voltage, current and dcap."""
    points = [point for batch in batches for point in batch]
    if not points or not request.starts_within(points[0]["voltage"]):
        return failure(request.simulation_type)
    return {
        "jobStarted": True,
        "simulationType": request.simulation_type.value,
        "simulationResults": points,
    }
