"""The check of simulations and sweeps, in the OpenAPI document."""

from batterysim_bridge.api.documents import SweepValidation, Validation
from batterysim_bridge.api.openapi.operation import answer, operation, problems
from batterysim_bridge.api.openapi.simulation_operations import EXAMPLES, body_of
from batterysim_bridge.api.openapi.sweep_operations import EXAMPLE

SWEEP_EXAMPLE = {
    "summary": "A sweep, as `kubectl apply` takes it",
    "value": {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "BatterySweep",
        "metadata": {"name": EXAMPLE["name"]},
        "spec": EXAMPLE["spec"],
    },
}
VALIDATE = operation(
    "validateSimulation",
    "Check a simulation or a sweep",
    {200: answer(Validation, SweepValidation), **problems(400, 401, 404, 413, 415, 422)},
) | {
    "openapi_extra": body_of(
        ("ShortForm", "WholeManifest", "SweepShortForm", "SweepManifest"), EXAMPLES | {"sweep": SWEEP_EXAMPLE}
    )
}
