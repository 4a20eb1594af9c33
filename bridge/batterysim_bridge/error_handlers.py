"""From exceptions to answers. Clients never see a traceback; the log has it."""

import errno
import logging
from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from batterysim.failure import shorten
from batterysim.process.worker_pool import BusyError, OverBudgetError
from batterysim_bridge.cluster.cluster import ClusterError
from batterysim_bridge.http import problem
from batterysim_bridge.http.problem import (
    FieldError,
    ProblemError,
    ProblemType,
    describe_fields,
    field_errors,
    problem_response,
)

# nginx's code for a client that went away; nobody is there to read it.
CLIENT_CLOSED_REQUEST = 499
METHOD_NOT_ALLOWED = 405
METHODS = ("GET", "POST", "PUT", "DELETE")
# Of each in the log: a head may have 64 KiB.
MOST_OF_A_PATH = 200

logger = logging.getLogger(__name__)


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error with a problem document."""

    @app.exception_handler(ProblemError)
    async def on_problem(request: Request, error: ProblemError) -> Response:
        return _answer(request, error.kind, error.detail, error.errors)

    @app.exception_handler(ClusterError)
    async def on_cluster_error(request: Request, error: ClusterError) -> Response:
        return _answer(request, problem.CLUSTER_UNAVAILABLE, str(error))

    @app.exception_handler(OverBudgetError)
    async def on_over_budget(request: Request, error: OverBudgetError) -> Response:
        return _answer(request, problem.OVER_BUDGET, f"it takes {error}: ask for less")

    @app.exception_handler(BusyError)
    async def on_busy(request: Request, error: BusyError) -> Response:
        return _answer(request, problem.BUSY, str(error))

    @app.exception_handler(OSError)
    async def on_store_error(request: Request, error: OSError) -> Response:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _answer(request, problem.STORE_FULL, "enlarge the store's volume, or delete simulations")
        return _answer(request, problem.STORE_UNAVAILABLE, str(error))

    @app.exception_handler(RequestValidationError)
    async def on_invalid_request(request: Request, error: RequestValidationError) -> Response:
        errors = error.errors()
        return _answer(request, problem.BAD_REQUEST, describe_fields(errors), field_errors(errors))

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        """Answer for the framework's own refusals: no such path, wrong method."""
        headers = dict(error.headers or {})
        if error.status_code == METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_allowed_methods(request))
        return problem_response(ProblemType(error.status_code, "http", error.detail), error.detail, headers)

    @app.exception_handler(ClientDisconnect)
    async def on_disconnect(request: Request, _error: ClientDisconnect) -> Response:
        logger.info("the client disconnected before its content arrived", extra=_about(request))
        return Response(status_code=CLIENT_CLOSED_REQUEST)

    @app.exception_handler(Exception)
    async def on_error(_request: Request, _error: Exception) -> Response:
        return problem_response(problem.INTERNAL, "see the bridge's log")


def _allowed_methods(request: Request) -> list[str]:
    """Return the methods of a path. The framework names those of the first of its routes only."""
    routes = request.app.router.routes
    allowed = [
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return [*allowed, "HEAD"] if "GET" in allowed else allowed  # see edge.head


def _answer(request: Request, kind: ProblemType, detail: str, errors: Sequence[FieldError] = ()) -> Response:
    logger.warning(
        "%s %s: %d %s",
        request.method,
        request.url.path[:MOST_OF_A_PATH],
        kind.status,
        shorten(detail),
        extra=_about(request),
    )
    return problem_response(kind, detail, errors=errors)


def _about(request: Request) -> dict[str, object]:
    return {"object": {name: str(value)[:MOST_OF_A_PATH] for name, value in request.path_params.items()}}
