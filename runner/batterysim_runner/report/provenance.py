"""What a result was made with, so that anyone can make it again."""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from typing import Protocol

from batterysim.contract import Contract
from batterysim.results import Provenance
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.version import VERSION
from batterysim_runner.continuation.final_state import FinalState
from batterysim_runner.report.trace import Trace


class Origin(Contract):
    """What decides the numbers of a run."""

    spec_sha256: str
    """Hash of the physics part of the spec."""
    initial_state_sha256: str | None = None
    """Hash of the earlier state that the run goes on from."""
    pybamm_version: str
    """Version of PyBaMM."""
    runner_version: str
    """Version of the runner."""


class Place(Protocol):
    """Where a result is made: a pod, or a person's own machine."""

    @property
    def image(self) -> str:
        """Image of the container."""

    @property
    def pod_name(self) -> str:
        """Name of the pod."""


def provenance(spec: BatterySimulationSpec, place: Place, trace: Trace) -> Provenance:
    """Return the versions, the image and the spec's hash, and where the equations and the state came from."""
    return Provenance(
        image=place.image,
        pod_name=place.pod_name,
        solved_from=trace.solved_from,
        final_state=None if trace.state is None else trace.state.key,
        **origin(spec, trace.began_from).model_dump(),
    )


def origin(spec: BatterySimulationSpec, start: FinalState | None = None) -> Origin:
    """Return what decides the numbers: the versions, the spec's hash, and that of an earlier state.

    start: the state of an earlier run that this one goes on from.
    """
    canonical = json.dumps(spec.physics(), sort_keys=True, separators=(",", ":"))
    return Origin(
        **versions(),
        spec_sha256=hashlib.sha256(canonical.encode()).hexdigest(),
        initial_state_sha256=None if start is None else start.sha256,
    )


def versions() -> dict[str, str]:
    """Return the versions of what solves, by the names of Origin."""
    return {"pybamm_version": _pybamm_version(), "runner_version": VERSION}


@cache
def _pybamm_version() -> str:
    """Return PyBaMM's version without importing it. Compiled equations are of the same one."""
    return version("pybamm")
