"""The rights of a token's user, for clients that offer only what is allowed."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from batterysim import names
from batterysim_bridge.api.documents import Rights
from batterysim_bridge.api.openapi import tags
from batterysim_bridge.api.openapi.operation import answer, operation, problems
from batterysim_bridge.bridge import (
    Bridge,
    CurrentBridge,
    OptionalName,
    OptionalNamespace,
    OptionalToken,
    require_served,
)
from batterysim_bridge.cluster.access import READ_VERBS
from batterysim_bridge.http.request_body import JSON_TYPE
from batterysim_formats.compact_json import to_json

VERBS = ("create", "delete", "get", "list", "watch")

VERBS_OF_SWEEPS = (*VERBS, "patch")

Resource = Literal["batterysimulations", "batterysweeps"]


router = APIRouter(tags=[tags.SIMULATIONS])


@router.get(
    "/v1/rights",
    **operation(
        "getRights",
        "Read one's own rights",
        {200: answer(Rights), **problems(400, 401, 404, 503)},
    ),
)
async def get_rights(
    bridge: CurrentBridge,
    token: OptionalToken,
    namespace: OptionalNamespace = None,
    name: OptionalName = None,
    resource: Annotated[
        Resource, Query(description="The kind of object that the rights are to.")
    ] = "batterysimulations",
) -> Response:
    """Return what the token's user may do. Without a token: what everyone may do.

    Without a namespace: in all namespaces at once. With a name: to this simulation or sweep.
    """
    if namespace is not None:
        require_served(bridge, namespace)
    rights = await _rights(bridge, token, namespace, name, resource)
    return Response(to_json(rights.to_json_dict()), media_type=JSON_TYPE)


async def _rights(
    bridge: Bridge, token: str | None, namespace: str | None, name: str | None, resource: Resource
) -> Rights:
    asked = VERBS if resource == names.PLURAL else VERBS_OF_SWEEPS
    if token is None:
        verbs = [verb for verb in asked if bridge.settings.api.anonymous_read and verb in READ_VERBS]
        return Rights(username=None, namespace=namespace, verbs=verbs)
    user = await bridge.access.authenticate(token)
    allowed = await asyncio.gather(
        *(bridge.cluster.may(user, verb, namespace, name, resource) for verb in asked)
    )
    verbs = [verb for verb, may in zip(asked, allowed, strict=True) if may]
    return Rights(username=user.username, namespace=namespace, verbs=verbs)
