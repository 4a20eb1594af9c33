"""What the CustomResourceDefinition of a BatterySweep consists of; `batterysim.crd` puts it together."""

from typing import Any

from batterysim.contract import Contract
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.status import BatterySweepStatus

SPEC: type[Contract] = BatterySweepSpec
STATUS: type[Contract] = BatterySweepStatus
DESCRIPTION = "One simulation of a battery cell with many values, solved with PyBaMM: one table."

PRINTER_COLUMNS: tuple[tuple[str, str, str, int], ...] = (
    ("Phase", "string", ".status.phase", 0),
    ("Points", "integer", ".status.design.points", 0),
    ("Done", "integer", ".status.progress.done", 0),
    ("Failed", "integer", ".status.progress.failed", 0),
    ("Points/s", "number", ".status.progress.pointsPerSecond", 0),
    ("ETA s", "integer", ".status.progress.etaSeconds", 0),
    ("Best", "number", ".status.best[0].value", 0),
    ("Age", "date", ".metadata.creationTimestamp", 0),
    ("Model", "string", ".spec.simulation.model.family", 1),
    ("Job", "string", ".status.jobName", 1),
    ("Message", "string", '.status.conditions[?(@.type=="Succeeded")].message', 1),
)

LOCKED = ("simulation", "vary", "design", "metrics", "objective", "series")
"""Fields that cannot change once the sweep has started."""


def is_locked(unchanged: str) -> dict[str, Any]:
    """Return the rule that the locked fields stay as they are.

    unchanged: that they are as they were, in CEL.
    """
    names = ", ".join(f"spec.{name}" for name in LOCKED)
    return {
        "rule": f"!has(oldSelf.status) || !has(oldSelf.status.jobName) || ({unchanged})",
        "message": f"{names} cannot change once the sweep has started: create another BatterySweep instead",
    }
