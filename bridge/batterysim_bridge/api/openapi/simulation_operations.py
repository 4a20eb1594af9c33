"""Operations with simulations, in the OpenAPI document."""

from collections.abc import Mapping, Sequence
from typing import Any

from batterysim_bridge.api.documents import SimulationObject, SimulationPage
from batterysim_bridge.api.openapi.operation import BODY_PROBLEMS, EVENT_STREAM, answer, operation, problems
from batterysim_bridge.http.request_body import JSON_TYPE, YAML_TYPE

SPEC = {
    "model": {"family": "DFN"},
    "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0},
    "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}},
}
DRIVE_CYCLE = {"cell": {"parameterSet": "Chen2020"}, "protocol": {"driveCycle": {"name": "US06"}}}
EXPERIMENT = {
    "cell": {"parameterSet": "Chen2020"},
    "protocol": {
        "experiment": {"steps": ["Discharge at 1C until 2.5 V", "Charge at C/2 until 4.2 V"], "cycles": 2}
    },
}
EXAMPLES = {
    "discharge": {
        "summary": "A discharge at 5 A, in the short form",
        "value": {"name": "cell-discharge", "labels": {"campaign": "spring"}, "spec": SPEC},
    },
    "drive-cycle": {
        "summary": "A drive cycle, with a name derived from the Idempotency-Key",
        "value": {"spec": DRIVE_CYCLE},
    },
    "manifest": {
        "summary": "An experiment, as `kubectl apply` takes it",
        "value": {
            "apiVersion": "batterysim.dev/v1alpha1",
            "kind": "BatterySimulation",
            "metadata": {"name": "two-cycles", "namespace": "default"},
            "spec": EXPERIMENT,
        },
    },
}
YAML_EXAMPLE = """\
name: rest-after-discharge
spec:
  cell: {parameterSet: Chen2020}
  protocol:
    experiment:
      steps: [Discharge at 1C for 10 minutes, Rest for 1 hour]
"""


def any_of(forms: Sequence[str]) -> dict[str, Any]:
    """Return the schema of a body that has one of these forms, by the names of their schemas."""
    return {"anyOf": [{"$ref": f"#/components/schemas/{form}"} for form in forms]}


def body_of(forms: Sequence[str], examples: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a body that has one of these forms, by the names of their schemas."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                JSON_TYPE: {"schema": any_of(forms), "examples": examples},
                YAML_TYPE: {"schema": {"type": "string"}, "example": YAML_EXAMPLE},
            },
        }
    }


CREATE = operation(
    "createSimulation",
    "Create a simulation",
    {
        202: answer(SimulationObject, description="Created now, or before by the same request"),
        **BODY_PROBLEMS,
    },
) | {"status_code": 202, "openapi_extra": body_of(("ShortForm", "WholeManifest"), EXAMPLES)}
LIST = operation(
    "listSimulations",
    "List simulations",
    {200: answer(SimulationPage), **problems(400, 401, 403, 404, 503)},
)
READ = operation(
    "getSimulation",
    "Read a simulation",
    {200: answer(SimulationObject), **problems(400, 401, 403, 404, 503)},
)
DELETE = operation("deleteSimulation", "Cancel a simulation", problems(400, 401, 403, 404, 503))
WATCH = operation(
    "watchSimulation",
    "Follow a simulation",
    {
        200: EVENT_STREAM,
        204: {"description": "It has ended, and nothing has changed"},
        **problems(400, 401, 403, 404, 503),
    },
)
WATCH_ALL = operation(
    "watchSimulations",
    "Follow many simulations",
    {200: EVENT_STREAM, **problems(400, 401, 403, 404, 503)},
)
