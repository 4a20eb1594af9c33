"""Changes of a Job that exists: those that its user has made in spec.run, and those after its end. Pure.

Kubernetes lets a Job's deadline, retries and lifetime be changed at any time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from batterysim.spec.run_policy import Run
from batterysim.status import Phase
from batterysim_operator.reconcile.observation import Manifest, is_true

DEFAULTS = Run()

BACKSTOP_SECONDS = 86_400
"""A Job whose end was not recorded stays for this long, so that an operator that was away finds it and
does not create it again."""

LEFT_OVER_SECONDS = 60
"""After this time, anything that still runs for an ended simulation is stopped: a solver, or a sidecar."""


def edit(simulation: Manifest, job: Manifest) -> dict[str, Any] | None:
    """Return the change after which a Job follows spec.run as it is now; None: it does already."""
    run, status = _run(simulation), simulation.get("status") or {}
    if status.get("observedGeneration") == simulation["metadata"]["generation"]:
        return None
    deadline = int(run.get("deadlineSeconds", DEFAULTS.deadline_seconds))
    wanted = {
        "activeDeadlineSeconds": max(1, deadline - _waited_seconds(status, job)),
        "backoffLimit": int(run.get("retries", DEFAULTS.retries)),
    }
    return change(job, wanted)


def tidy(simulation: Manifest, job: Manifest, now: datetime, end: Phase | None) -> dict[str, Any] | None:
    """Return the change after which the Job of an ended run is soon removed; None: it needs none."""
    ttl = int(_run(simulation).get("ttlSecondsAfterFinished", DEFAULTS.ttl_seconds_after_finished))
    wanted = {"ttlSecondsAfterFinished": ttl}
    status = job.get("status") or {}
    is_over = has_ended(job)
    if end is Phase.FAILED and not is_over:
        wanted["backoffLimit"] = 0  # no try follows
    if "startTime" in status and not is_over:
        ran = now - datetime.fromisoformat(status["startTime"])
        soon = int(ran.total_seconds()) + LEFT_OVER_SECONDS
        if soon < job["spec"].get("activeDeadlineSeconds", soon + 1):
            wanted["activeDeadlineSeconds"] = soon
    return change(job, wanted)


def has_ended(job: Manifest) -> bool:
    """Tell whether Kubernetes has nothing more to do for a Job."""
    conditions = (job.get("status") or {}).get("conditions")
    return is_true(conditions, "Complete") or is_true(conditions, "Failed")


def change(job: Manifest, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the change after which a Job's spec has these fields; None: it has them."""
    spec = job.get("spec") or {}
    different = {name: value for name, value in wanted.items() if spec.get(name) != value}
    return {"spec": different} if different else None


def _run(simulation: Manifest) -> Manifest:
    run: Manifest = simulation["spec"].get("run") or {}
    return run


def _waited_seconds(status: Manifest, job: Manifest) -> int:
    """Return for how long a simulation had waited when its Job was created."""
    created = datetime.fromisoformat(job["metadata"]["creationTimestamp"])
    start = status.get("startTime")
    return 0 if start is None else max(0, int((created - datetime.fromisoformat(start)).total_seconds()))
