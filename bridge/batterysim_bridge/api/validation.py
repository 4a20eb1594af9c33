"""What users call to check a simulation or a sweep without creating it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response

from batterysim import names
from batterysim.spec.protocol_text import describe_protocol
from batterysim.sweep.points import count_points
from batterysim.sweep.spec import BatterySweepSpec
from batterysim_bridge.api.checked_body import read_checked
from batterysim_bridge.api.openapi import tags, validation_operation
from batterysim_bridge.api.submission import read_submission
from batterysim_bridge.api.sweeps.submission import read_sweep_submission
from batterysim_bridge.bridge import CurrentBridge, OptionalNamespace, OptionalToken
from batterysim_bridge.http.request_body import JSON_TYPE, Body, parse_document
from batterysim_formats.compact_json import to_json

router = APIRouter(tags=[tags.SIMULATIONS])


class Checked(NamedTuple):
    """A simulation or a sweep that can be run.

    answer: its facts, as JSON.
    """

    namespace: str
    answer: bytes


@router.post("/v1/validate", **validation_operation.VALIDATE)
async def validate(
    bridge: CurrentBridge, token: OptionalToken, request: Request, namespace: OptionalNamespace = None
) -> Response:
    """Check a simulation or a sweep, without creating it, and show it with all defaults.

    What cannot be run is answered as the creation would be, with each wrong field.
    """
    checked = await read_checked(bridge, token, request, namespace, check)
    return Response(checked.answer, media_type=JSON_TYPE)


def check(body: Body, query_namespace: str | None, default_namespace: str) -> Checked:
    """Read a request's body as the creation of what it is would, which may take long: in a worker.

    Raises:
        ProblemError: it is malformed, or names every wrong field.
    """
    document = parse_document(body)
    if _is_sweep(document):
        sweep = read_sweep_submission(document, query_namespace, default_namespace)
        return _checked(sweep.namespace, sweep.spec.to_json_dict(), _number_of_points(sweep.spec))
    simulation = read_submission(document, query_namespace, default_namespace)
    protocol = {"protocol": describe_protocol(simulation.spec)}
    return _checked(simulation.namespace, simulation.spec.to_json_dict(), protocol)


def _is_sweep(document: Mapping[str, Any]) -> bool:
    """Whether it is meant as a sweep. The short forms have no kind, but only sweeps are of a simulation."""
    if "kind" in document:
        return bool(document["kind"] == names.SWEEP_KIND)
    spec = document.get("spec")
    return isinstance(spec, Mapping) and "simulation" in spec


def _number_of_points(spec: BatterySweepSpec) -> dict[str, int]:
    """Return how many points a sweep has, unless only a ConfigMap knows."""
    table = spec.design.table
    return {} if table is not None and table.csv is None else {"points": count_points(spec)}


def _checked(namespace: str, spec: Mapping[str, Any], facts: Mapping[str, Any]) -> Checked:
    return Checked(namespace, to_json({"valid": True, "namespace": namespace, **facts, "spec": spec}))
