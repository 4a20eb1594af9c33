"""What a result was made with, so that anyone can make it again."""

import hashlib
import json

import pybamm

import batterysim
from batterysim.results import Provenance
from batterysim.spec import BatterySimulationSpec
from batterysim_runner.inputs import Inputs


def provenance(spec: BatterySimulationSpec, inputs: Inputs) -> Provenance:
    """Return the versions, the image and the spec's hash."""
    canonical = json.dumps(spec.physics(), sort_keys=True, separators=(",", ":"))
    return Provenance(
        pybamm_version=pybamm.__version__,
        runner_version=batterysim.__version__,
        image=inputs.image,
        spec_sha256=hashlib.sha256(canonical.encode()).hexdigest(),
        pod_name=inputs.pod_name,
    )
