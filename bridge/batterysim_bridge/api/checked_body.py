"""A request's body, read and checked in a worker."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from fastapi import Request

from batterysim.process.worker_pool import OverBudgetError
from batterysim_bridge.bridge import Bridge, require_served
from batterysim_bridge.http.problem import INVALID, FieldError, wrong_fields
from batterysim_bridge.http.request_body import Body, read_body


class _Placed(Protocol):
    @property
    def namespace(self) -> str:
        """Where it is to be created."""


P = TypeVar("P", bound=_Placed)


async def read_checked(
    bridge: Bridge,
    token: str | None,
    request: Request,
    namespace: str | None,
    read: Callable[[Body, str | None, str], P],
) -> P:
    """Return what a body asks for, in a namespace that is served.

    read: is given the body, the query's namespace and the one that is used without any.

    Raises:
        ProblemError: nobody may ask so, it is malformed, takes too long to check, or is for elsewhere.
    """
    user = await bridge.access.authenticate(token)
    body = await read_body(request, bridge.settings.api.max_request_bytes)
    try:
        wanted = await bridge.work.run(
            user.tenant, read, body, namespace, bridge.settings.api.default_namespace
        )
    except OverBudgetError as error:
        message = f"it takes {error} to check, with {len(body.content)} bytes: shorten it"
        raise wrong_fields(INVALID, [FieldError("body", message)]) from error
    require_served(bridge, wanted.namespace)
    return wanted
