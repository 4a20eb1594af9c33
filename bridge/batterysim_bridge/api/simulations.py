"""What users call to create, find, read and cancel simulations."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from batterysim import names
from batterysim_bridge.api.checked_body import read_checked
from batterysim_bridge.api.creation import Creation, create_once
from batterysim_bridge.api.lists.query import CurrentPortion, SimulationFilter, answer_of
from batterysim_bridge.api.openapi import operation, simulation_operations, tags
from batterysim_bridge.api.submission import (
    read_idempotency_key,
    submission_of,
    to_manifest,
)
from batterysim_bridge.bridge import (
    CurrentBridge,
    CurrentTarget,
    OptionalNamespace,
    OptionalToken,
    require_served,
)
from batterysim_bridge.cluster.access import unauthenticated
from batterysim_bridge.cluster.simulation import manifest
from batterysim_bridge.http.problem import no_such_simulation
from batterysim_bridge.http.request_body import JSON_TYPE
from batterysim_formats.compact_json import to_json

PATH = names.simulation_path("{namespace}", "{name}")

router = APIRouter(tags=[tags.SIMULATIONS])


@router.post(names.SIMULATIONS_PATH, **simulation_operations.CREATE)
async def create_simulation(
    bridge: CurrentBridge,
    token: OptionalToken,
    request: Request,
    namespace: OptionalNamespace = None,
    idempotency_key: Annotated[str | None, Header(description=operation.IDEMPOTENCY_KEY)] = None,
) -> Response:
    """Create a simulation: a short form or a whole manifest, as JSON or YAML.

    The answer does not wait for the run: follow it with `/events`, then fetch `/result`. The same request
    with the same `Idempotency-Key`, or with the same name, gets the same simulation.
    """
    key = read_idempotency_key(idempotency_key)
    submission = await read_checked(bridge, token, request, namespace, submission_of)
    user = await bridge.access.require(token, "create", submission.namespace)
    username = user.username if user else ""
    isolation = bridge.settings.isolation_over_http(submission.namespace)
    creation = Creation(
        submission.namespace,
        submission.request_hash,
        lambda hashed_key: to_manifest(submission, hashed_key, username, isolation),
    )
    created = await create_once(bridge.cluster, creation, key)
    bridge.desk.offer(created)
    location = names.simulation_path(submission.namespace, created["metadata"]["name"])
    return Response(to_json(manifest(created)), 202, {"Location": location}, JSON_TYPE)


@router.get(names.SIMULATIONS_PATH, **simulation_operations.LIST)
async def list_simulations(
    bridge: CurrentBridge,
    token: OptionalToken,
    request: Request,
    wanted: SimulationFilter,
    portion: CurrentPortion,
    namespace: OptionalNamespace = None,
) -> Response:
    """List simulations, the newest first, without their specs. Without a namespace: of all namespaces.

    Pages stay put: what is created or deleted meanwhile moves nothing from one page to another.
    """
    if namespace is not None:
        require_served(bridge, namespace)
    await bridge.access.require(token, "list", namespace)
    return answer_of(request, names.SIMULATIONS_PATH, bridge.simulations, namespace, wanted, portion)


@router.get(PATH, **simulation_operations.READ)
async def get_simulation(bridge: CurrentBridge, target: CurrentTarget, token: OptionalToken) -> Response:
    """Return a simulation with its spec and status, as it is at this moment."""
    if token is None and not bridge.settings.api.anonymous_read:
        raise unauthenticated()  # before anything is read for whoever it is
    _, found = await asyncio.gather(
        bridge.access.require(token, "get", *target), bridge.cluster.manifest(*target)
    )
    if found is None:
        raise no_such_simulation(*target)
    return Response(to_json(manifest(found)), media_type=JSON_TYPE)


@router.delete(PATH, status_code=204, response_class=Response, **simulation_operations.DELETE)
async def delete_simulation(bridge: CurrentBridge, target: CurrentTarget, token: OptionalToken) -> None:
    """Cancel a simulation: delete the object, and with it the run and the result."""
    await bridge.access.require(token, "delete", *target)
    if not await bridge.cluster.delete(*target):
        raise no_such_simulation(*target)
