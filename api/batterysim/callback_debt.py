"""Whether the receiver of a callback is still owed something. Pure.

Operator and bridge both ask here, so that one removes nothing that the other has still to deliver.
"""

from collections.abc import Mapping
from typing import Any

from batterysim.results import is_of_failed_run
from batterysim.status import ConditionType


def is_undelivered(simulation: Mapping[str, Any]) -> bool:
    """Tell whether a simulation that has ended has a callback that is neither delivered nor given up."""
    callback = (simulation.get("spec") or {}).get("callback")
    status = simulation.get("status") or {}
    if callback is None:
        return False
    has_failed = "results" not in status or is_of_failed_run(status)
    if has_failed and callback.get("format") == "jobManager":
        return False  # that format has no way to tell of a failure
    delivered = find_delivered(status)
    if delivered is None or delivered["status"] == "Unknown":
        return True
    # A receiver that was given up is tried again when the spec has been corrected since.
    return delivered["status"] == "False" and is_outdated(simulation)


def is_outdated(simulation: Mapping[str, Any]) -> bool:
    """Tell whether the last outcome of a callback is about an earlier spec."""
    delivered = find_delivered(simulation.get("status") or {})
    generation = simulation["metadata"].get("generation", 0)
    return delivered is not None and bool(delivered.get("observedGeneration", generation) < generation)


def find_delivered(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the condition that says how the delivery went; None if it was never tried."""
    conditions = status.get("conditions") or ()
    return next((item for item in conditions if item["type"] == ConditionType.CALLBACK_DELIVERED), None)
