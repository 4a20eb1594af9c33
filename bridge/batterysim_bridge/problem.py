"""Errors as HTTP clients see them: problem details after RFC 9457.

A runner tries again when `retryable` is true in the answer, when the status is 5xx and the answer is no
problem document (a proxy's, say), and when there is no answer. Every other refusal is final.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from starlette.responses import JSONResponse

PROBLEM_MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5


class ProblemType(NamedTuple):
    """A kind of problem: its status, its name, its one-line title, and whether another try can help."""

    status: int
    slug: str
    title: str
    retryable: bool = False


BAD_REQUEST = ProblemType(400, "bad-request", "The request is malformed")
CONTENT_DAMAGED = ProblemType(
    400, "content-damaged", "What arrived is not what was announced", retryable=True
)
NOT_AUTHENTICATED = ProblemType(401, "not-authenticated", "The bearer token was not accepted")
ACCESS_DENIED = ProblemType(403, "access-denied", "You may not read this simulation")
NOT_THE_RUNNER = ProblemType(403, "not-the-runner", "The token is not that of this simulation's runner")
NOT_FOUND = ProblemType(404, "not-found", "There is no such simulation")
NO_RESULT = ProblemType(404, "no-result", "The simulation has no result")
NOT_ACCEPTABLE = ProblemType(406, "not-acceptable", "The result is not offered in this format")
STALLED = ProblemType(408, "stalled", "The content stopped arriving", retryable=True)
REPLACED = ProblemType(409, "replaced", "The simulation was deleted and created again")
ENDED = ProblemType(409, "ended", "The simulation has ended without this result")
LENGTH_REQUIRED = ProblemType(411, "length-required", "The request has no Content-Length")
TOO_LARGE = ProblemType(413, "too-large", "The content is too large")
UNSUPPORTED_TYPE = ProblemType(415, "unsupported-type", "The content's type is not supported")
NOT_A_RESULT = ProblemType(422, "not-a-result", "The content is not a simulation result")
INTERNAL = ProblemType(500, "internal", "The bridge failed", retryable=True)
CLUSTER_UNAVAILABLE = ProblemType(
    503, "cluster-unavailable", "The Kubernetes API server did not answer as needed", retryable=True
)
STORE_UNAVAILABLE = ProblemType(503, "store-unavailable", "The result store is not well", retryable=True)
STORE_FULL = ProblemType(507, "store-full", "The result store is full", retryable=True)


class ProblemError(Exception):
    """A problem to answer a request with. The detail is for the client: what is wrong, what to do."""

    def __init__(self, kind: ProblemType, detail: str) -> None:
        self.kind = kind
        self.detail = detail
        super().__init__(f"{kind.slug}: {detail}")


def problem_response(
    kind: ProblemType, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the answer for a problem."""
    all_headers = dict(headers or {})
    if kind.retryable:
        all_headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if kind.status == NOT_AUTHENTICATED.status:
        all_headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        {
            "type": f"urn:batterysim:problem:{kind.slug}",
            "title": kind.title,
            "status": kind.status,
            "detail": detail,
            "retryable": kind.retryable,
        },
        status_code=kind.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=all_headers,
    )


def describe_fields(errors: Iterable[Mapping[str, Any]]) -> str:
    """Return pydantic's errors as one line that names each field."""
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in errors)
