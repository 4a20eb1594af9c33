"""What a result was made with, so that anyone can make it again."""

import hashlib
import json
from typing import Protocol

import pybamm

import batterysim
from batterysim.results import Provenance
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.experiment.checkpoint import Origin


class Place(Protocol):
    """Where a result is made: a pod, or a person's own machine."""

    @property
    def image(self) -> str:
        """Image of the container."""

    @property
    def pod_name(self) -> str:
        """Name of the pod."""


def provenance(spec: BatterySimulationSpec, place: Place) -> Provenance:
    """Return the versions, the image and the spec's hash."""
    return Provenance(image=place.image, pod_name=place.pod_name, **origin(spec).model_dump())


def origin(spec: BatterySimulationSpec) -> Origin:
    """Return what decides the numbers: the versions and the spec's hash."""
    canonical = json.dumps(spec.physics(), sort_keys=True, separators=(",", ":"))
    return Origin(
        pybamm_version=pybamm.__version__,
        runner_version=batterysim.__version__,
        spec_sha256=hashlib.sha256(canonical.encode()).hexdigest(),
    )
