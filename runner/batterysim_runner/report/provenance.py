"""What a result was made with, so that anyone can make it again."""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from typing import Protocol

from batterysim.contract import Contract
from batterysim.results import Provenance, SolvedFrom
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.version import VERSION


class Origin(Contract):
    """What decides the numbers of a run."""

    spec_sha256: str
    """Hash of the physics part of the spec."""
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


def provenance(spec: BatterySimulationSpec, place: Place, solved_from: SolvedFrom) -> Provenance:
    """Return the versions, the image and the spec's hash, and where the equations came from."""
    return Provenance(
        image=place.image, pod_name=place.pod_name, solved_from=solved_from, **origin(spec).model_dump()
    )


def origin(spec: BatterySimulationSpec) -> Origin:
    """Return what decides the numbers: the versions and the spec's hash."""
    canonical = json.dumps(spec.physics(), sort_keys=True, separators=(",", ":"))
    return Origin(
        **versions(),
        spec_sha256=hashlib.sha256(canonical.encode()).hexdigest(),
    )


def versions() -> dict[str, str]:
    """Return the versions of what solves, by the names of Origin."""
    return {"pybamm_version": _pybamm_version(), "runner_version": VERSION}


@cache
def _pybamm_version() -> str:
    """Return PyBaMM's version without importing it. Compiled equations are of the same one."""
    return version("pybamm")
