"""What users call to create, find, read and cancel simulations."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from batterysim import names
from batterysim.spec.protocol_text import describe_protocol
from batterysim.status import Phase
from batterysim_bridge.api import openapi
from batterysim_bridge.api.checked_body import read_checked
from batterysim_bridge.api.creation import Creation, create_once
from batterysim_bridge.api.label_selector import SelectorError, parse_selector
from batterysim_bridge.api.listing import Cursor, Filter, Page, page_of, read_cursor
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
from batterysim_bridge.cluster.simulation import PROTOCOLS, manifest
from batterysim_bridge.http.problem import (
    BAD_REQUEST,
    NOT_FILLED,
    FieldError,
    ProblemError,
    no_such_simulation,
    wrong_fields,
)
from batterysim_bridge.http.request_body import JSON_TYPE
from batterysim_formats.compact_json import to_json

PATH = names.simulation_path("{namespace}", "{name}")
MAX_LIMIT = 500
DEFAULT_LIMIT = 100

router = APIRouter(tags=[openapi.SIMULATIONS])


@router.post(names.SIMULATIONS_PATH, **openapi.CREATE)
async def create_simulation(
    bridge: CurrentBridge,
    token: OptionalToken,
    request: Request,
    namespace: OptionalNamespace = None,
    idempotency_key: Annotated[str | None, Header(description=openapi.IDEMPOTENCY_KEY)] = None,
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


@router.post("/v1/validate", **openapi.VALIDATE)
async def validate_simulation(
    bridge: CurrentBridge, token: OptionalToken, request: Request, namespace: OptionalNamespace = None
) -> Response:
    """Check a simulation without creating it, and show it with all defaults.

    What cannot be run is answered as the creation would be, with each wrong field.
    """
    submission = await read_checked(bridge, token, request, namespace, submission_of)
    answer = {
        "valid": True,
        "namespace": submission.namespace,
        "protocol": describe_protocol(submission.spec),
        "spec": submission.spec.to_json_dict(),
    }
    return Response(to_json(answer), media_type=JSON_TYPE)


async def _filter(
    phase: Annotated[list[Phase] | None, Query(description="Only in one of these phases.")] = None,
    protocol: Annotated[
        list[str] | None, Query(description=f"Only with one of these protocols: {', '.join(PROTOCOLS)}.")
    ] = None,
    label: Annotated[
        str, Query(description="Label selector, as for `kubectl get -l`.", max_length=1000)
    ] = "",
    q: Annotated[str, Query(description="Only names that contain this.", max_length=253)] = "",
) -> Filter:
    for asked in protocol or ():
        if asked not in PROTOCOLS:
            message = f"is {asked!r}: ask for {', '.join(PROTOCOLS)}"
            raise wrong_fields(BAD_REQUEST, [FieldError("query.protocol", message)])
    try:
        labels = parse_selector(label)
    except SelectorError as error:
        raise wrong_fields(BAD_REQUEST, [FieldError("query.label", str(error))]) from error
    return Filter(tuple(phase or ()), tuple(protocol or ()), labels, q)


async def _cursor(
    cursor: Annotated[
        str | None, Query(description="`nextCursor` of the previous page.", max_length=1000)
    ] = None,
) -> Cursor | None:
    try:
        return None if cursor is None else read_cursor(cursor)
    except ValueError as error:
        raise wrong_fields(BAD_REQUEST, [FieldError("query.cursor", str(error))]) from error


@router.get(names.SIMULATIONS_PATH, **openapi.LIST)
async def list_simulations(
    bridge: CurrentBridge,
    token: OptionalToken,
    request: Request,
    wanted: Annotated[Filter, Depends(_filter)],
    after: Annotated[Cursor | None, Depends(_cursor)],
    namespace: OptionalNamespace = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Response:
    """List simulations, the newest first, without their specs. Without a namespace: of all namespaces.

    Pages stay put: what is created or deleted meanwhile moves nothing from one page to another.
    """
    if namespace is not None:
        require_served(bridge, namespace)
    await bridge.access.require(token, "list", namespace)
    simulations = bridge.simulations
    if not simulations.is_filled:
        raise ProblemError(NOT_FILLED, "try again in a moment")
    page = page_of(simulations.in_namespace(namespace), wanted, after, limit)
    headers = {}
    if page.next_cursor is not None:
        query = [item for item in request.query_params.multi_items() if item[0] != "cursor"]
        following = urlencode([*query, ("cursor", page.next_cursor)])
        headers["Link"] = f'<{names.SIMULATIONS_PATH}?{following}>; rel="next"'
    return Response(_page_json(page, simulations.version), headers=headers, media_type=JSON_TYPE)


def _page_json(page: Page, version: int) -> bytes:
    """Return a page as JSON. Its simulations are JSON already."""
    head = {"resourceVersion": str(version), "total": page.total}
    if page.next_cursor is not None:
        head["nextCursor"] = page.next_cursor
    items = b",".join(simulation.document for simulation in page.simulations)
    return to_json(head).removesuffix(b"}") + b',"items":[' + items + b"]}"


@router.get(PATH, **openapi.READ)
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


@router.delete(PATH, status_code=204, response_class=Response, **openapi.DELETE)
async def delete_simulation(bridge: CurrentBridge, target: CurrentTarget, token: OptionalToken) -> None:
    """Cancel a simulation: delete the object, and with it the run and the result."""
    await bridge.access.require(token, "delete", *target)
    if not await bridge.cluster.delete(*target):
        raise no_such_simulation(*target)
