"""What users call to suspend a sweep and to go on with it."""

from fastapi import APIRouter, Request, Response
from pydantic import StrictBool, ValidationError

from batterysim import names
from batterysim.contract import Contract
from batterysim_bridge.api.creation import REFUSALS
from batterysim_bridge.api.openapi import sweep_operations, tags
from batterysim_bridge.bridge import CurrentBridge, CurrentTarget, OptionalToken
from batterysim_bridge.cluster.cluster import RefusedError
from batterysim_bridge.cluster.simulation import manifest
from batterysim_bridge.http.problem import BAD_REQUEST, ProblemError, describe_fields, no_such_sweep
from batterysim_bridge.http.request_body import JSON_TYPE, read_content
from batterysim_formats.compact_json import to_json

MAX_BYTES = 1024


class RunChange(Contract):
    """The part of spec.run that can be changed over HTTP."""

    suspend: StrictBool
    """Whether the sweep's pods end, until it is false again. Stored points are kept."""


class SpecChange(Contract):
    """The part of the spec that can be changed over HTTP."""

    run: RunChange
    """How the sweep is run."""


class SweepChange(Contract):
    """A change of a sweep: {"spec": {"run": {"suspend": true}}}."""

    spec: SpecChange
    """The changed part of the spec."""


router = APIRouter(tags=[tags.SWEEPS])


@router.patch(names.sweep_path("{namespace}", "{name}"), **sweep_operations.CHANGE)
async def change_sweep(
    bridge: CurrentBridge, target: CurrentTarget, token: OptionalToken, request: Request
) -> Response:
    """Suspend a sweep, or go on with it: `{"spec": {"run": {"suspend": true}}}`. Nothing else is changed."""
    await bridge.access.require(token, "patch", *target, names.SWEEP_PLURAL)
    try:
        change = SweepChange.model_validate_json(await read_content(request, MAX_BYTES))
    except ValidationError as error:
        raise ProblemError(BAD_REQUEST, describe_fields(error.errors())) from error
    try:
        changed = await bridge.sweeps.suspend(*target, suspended=change.spec.run.suspend)
    except RefusedError as error:
        raise ProblemError(REFUSALS[error.status], f"the API server says: {error}") from error
    if changed is None:
        raise no_such_sweep(*target)
    return Response(to_json(manifest(changed, names.SWEEP_KIND)), media_type=JSON_TYPE)
