"""What users call to create, find, read and delete sweeps."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from batterysim import names
from batterysim_bridge.api.checked_body import read_checked
from batterysim_bridge.api.creation import Creation, create_once
from batterysim_bridge.api.lists.query import CurrentPortion, SweepFilter, answer_of
from batterysim_bridge.api.openapi import operation, sweep_operations, tags
from batterysim_bridge.api.submission import read_idempotency_key
from batterysim_bridge.api.sweeps.found import find_sweep
from batterysim_bridge.api.sweeps.submission import sweep_manifest, sweep_submission_of
from batterysim_bridge.bridge import (
    CurrentBridge,
    CurrentTarget,
    OptionalNamespace,
    OptionalToken,
    require_served,
)
from batterysim_bridge.cluster.simulation import manifest
from batterysim_bridge.http.problem import no_such_sweep
from batterysim_bridge.http.request_body import JSON_TYPE
from batterysim_formats.compact_json import to_json

PATH = names.sweep_path("{namespace}", "{name}")

router = APIRouter(tags=[tags.SWEEPS])


@router.post(names.SWEEPS_PATH, **sweep_operations.CREATE)
async def create_sweep(
    bridge: CurrentBridge,
    token: OptionalToken,
    request: Request,
    namespace: OptionalNamespace = None,
    idempotency_key: Annotated[str | None, Header(description=operation.IDEMPOTENCY_KEY)] = None,
) -> Response:
    """Create a sweep: a short form or a whole manifest, as JSON or YAML.

    The answer does not wait for the points: read the sweep for its progress, and `/points` for its table. The
    same request with the same `Idempotency-Key`, or with the same name, gets the same sweep.
    """
    key = read_idempotency_key(idempotency_key)
    submission = await read_checked(bridge, token, request, namespace, sweep_submission_of)
    user = await bridge.access.require(token, "create", submission.namespace, None, names.SWEEP_PLURAL)
    username = user.username if user else ""
    creation = Creation(
        submission.namespace,
        submission.request_hash,
        lambda hashed_key: sweep_manifest(submission, hashed_key, username),
    )
    created = await create_once(bridge.sweeps, creation, key)
    location = names.sweep_path(submission.namespace, created["metadata"]["name"])
    return Response(to_json(manifest(created, names.SWEEP_KIND)), 202, {"Location": location}, JSON_TYPE)


@router.get(names.SWEEPS_PATH, **sweep_operations.LIST)
async def list_sweeps(
    bridge: CurrentBridge,
    token: OptionalToken,
    request: Request,
    wanted: SweepFilter,
    portion: CurrentPortion,
    namespace: OptionalNamespace = None,
) -> Response:
    """List sweeps, the newest first, without their specs. Without a namespace: of all namespaces.

    Pages stay put: what is created or deleted meanwhile moves nothing from one page to another.
    """
    if namespace is not None:
        require_served(bridge, namespace)
    await bridge.access.require(token, "list", namespace, None, names.SWEEP_PLURAL)
    return answer_of(request, names.SWEEPS_PATH, bridge.known_sweeps, namespace, wanted, portion)


@router.get(PATH, **sweep_operations.READ)
async def get_sweep(bridge: CurrentBridge, target: CurrentTarget, token: OptionalToken) -> Response:
    """Return a sweep with its spec and status, as it is at this moment."""
    found = await find_sweep(bridge, target, token)
    return Response(to_json(manifest(found, names.SWEEP_KIND)), media_type=JSON_TYPE)


@router.delete(PATH, status_code=204, response_class=Response, **sweep_operations.DELETE)
async def delete_sweep(bridge: CurrentBridge, target: CurrentTarget, token: OptionalToken) -> None:
    """Cancel a sweep: delete the object, and with it its pods and its table."""
    await bridge.access.require(token, "delete", *target, names.SWEEP_PLURAL)
    if not await bridge.sweeps.delete(*target):
        raise no_such_sweep(*target)
