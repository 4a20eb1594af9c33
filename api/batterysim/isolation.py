"""Which way a simulation is run: in a Job, or in a process of a shared runner. Pure.

Operator and bridge both ask here, so that one makes no Job for what the other hands out.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from batterysim.spec.documents.contents import references
from batterysim.spec.run_policy import Isolation


class Way(NamedTuple):
    """How a simulation is run.

    isolation: None: not at all, which `reason` explains.
    reason: why no shared runner takes it, of one that asks for a Process; else empty.
    """

    isolation: Isolation | None
    reason: str = ""


def way_to_run(raw_spec: Mapping[str, Any], *, has_shared_runners: bool) -> Way:
    """Return which way a spec is run, in a namespace that has shared runners or has not."""
    run = _part(raw_spec, "run")
    if run.get("isolation", "Job") != "Process":
        return Way("Job")
    objection = _objection(raw_spec, run) if has_shared_runners else "the namespace has no shared runners"
    if objection is None:
        return Way("Process")
    return Way(None if run.get("isolationFallback") == "Fail" else "Job", objection)


def _objection(raw_spec: Mapping[str, Any], run: Mapping[str, Any]) -> str | None:
    """Return why a shared runner cannot take a simulation."""
    resources = _part(run, "resources")
    if any(_part(resources, kind) for kind in ("requests", "limits")):
        return (
            "spec.run.resources asks for resources of its own, but all runs on a shared runner have the same"
        )
    if run.get("queueName") is not None:
        return "spec.run.queueName is for Jobs: Kueue does not admit processes"
    if references(raw_spec):
        return "a shared runner may not read the ConfigMap that the spec refers to"
    if "initialState" in _part(raw_spec, "cell"):
        return "a shared runner does not wait for the earlier result in spec.cell.initialState"
    return None


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}
