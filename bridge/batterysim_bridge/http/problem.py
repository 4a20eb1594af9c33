"""Errors as HTTP clients see them: problem details after RFC 9457.

A runner tries again when `retryable` is true in the answer, when the status is 5xx and the answer is no
problem document (a proxy's, say), and when there is no answer. Every other refusal is final.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from starlette.responses import JSONResponse

from batterysim import names
from batterysim.failure import shorten
from batterysim.problem import Problem
from batterysim.validation_words import validation_messages

PROBLEM_MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
# A request of a megabyte may be wrong in 100,000 places, and each message repeats what is wrong.
MAX_ERRORS = 50


class ProblemType(NamedTuple):
    """A kind of problem: its status, its name, its one-line title, and whether another attempt can help."""

    status: int
    slug: str
    title: str
    retryable: bool = False


BAD_REQUEST = ProblemType(400, "bad-request", "The request is malformed")
CONTENT_DAMAGED = ProblemType(
    400, "content-damaged", "The content does not match its headers", retryable=True
)
NOT_AUTHENTICATED = ProblemType(401, "not-authenticated", "The bearer token was not accepted")
ACCESS_DENIED = ProblemType(403, "access-denied", "You are not allowed to do this")
NOT_THE_RUNNER = ProblemType(403, "not-the-runner", "The token does not belong to this simulation's runner")
REFUSED = ProblemType(403, "refused", "The API server rejected it")
NOT_FOUND = ProblemType(404, "not-found", "There is no such simulation")
NO_SWEEP = ProblemType(404, "no-sweep", "There is no such sweep")
NO_POINTS = ProblemType(404, "no-points", "The sweep has no points yet")
NO_NAMESPACE = ProblemType(404, "no-namespace", "There is no such namespace")
NO_RESULT = ProblemType(404, "no-result", "The simulation has no result")
NO_PLOT = ProblemType(404, "no-plot", "The result cannot be drawn")
NO_CHECKPOINT = ProblemType(404, "no-checkpoint", "The run has no checkpoint")
NO_INITIAL_STATE = ProblemType(404, "no-initial-state", "There is no earlier state to go on from")
NOT_ACCEPTABLE = ProblemType(406, "not-acceptable", "The result is not offered in this format")
REMOVED = ProblemType(410, "removed", "The result was removed by retention")
STALLED = ProblemType(408, "stalled", "The content stopped arriving", retryable=True)
HEAD_STALLED = ProblemType(408, "head-stalled", "The headers did not arrive", retryable=True)
REPLACED = ProblemType(409, "replaced", "The simulation was deleted and created again")
ENDED = ProblemType(409, "ended", "The simulation has ended without this result")
PART_TAKEN = ProblemType(409, "part-taken", "Another part of the table is stored in its place")
EXISTS = ProblemType(409, "exists", "Another simulation has this name")
KEY_REUSED = ProblemType(409, "key-reused", "The Idempotency-Key was used for another request")
LENGTH_REQUIRED = ProblemType(411, "length-required", "The request has no Content-Length")
LATER_CHECKPOINT = ProblemType(412, "later-checkpoint", "A checkpoint of a later cycle is kept")
TOO_LARGE = ProblemType(413, "too-large", "The content is too large")
RANGE_NOT_SATISFIABLE = ProblemType(
    416, "range-not-satisfiable", "The file does not have the requested bytes"
)
UNSUPPORTED_TYPE = ProblemType(415, "unsupported-type", "The content's type is not supported")
MISDIRECTED = ProblemType(421, "misdirected", "The bridge has another name")
INVALID = ProblemType(422, "invalid", "The simulation is invalid")
HEAD_TOO_LARGE = ProblemType(431, "head-too-large", "The headers are too large")
NOT_A_RESULT = ProblemType(422, "not-a-result", "The content is not a simulation result")
TOO_MANY_REFUSALS = ProblemType(
    429, "too-many-refusals", "Too many tokens from this address were not accepted", retryable=True
)
INTERNAL = ProblemType(500, "internal", "The bridge failed", retryable=True)
STILL_RUNNING = ProblemType(503, "still-running", "The simulation is under way", retryable=True)
NOT_ADMITTED = ProblemType(503, "not-admitted", "The API server does not accept it now", retryable=True)
CLUSTER_UNAVAILABLE = ProblemType(
    503, "cluster-unavailable", "A request to the Kubernetes API server failed", retryable=True
)
NOT_FILLED = ProblemType(
    503, "not-filled", "The bridge has just started and does not know the simulations yet", retryable=True
)
OVER_BUDGET = ProblemType(422, "over-budget", "It takes too long to check or to draw")
BUSY = ProblemType(503, "busy", "Too much is being checked or drawn", retryable=True)
STORE_UNAVAILABLE = ProblemType(503, "store-unavailable", "The result store is unavailable", retryable=True)
SHARE_USED = ProblemType(507, "share-used", "The namespace has used its share of the store", retryable=True)
STORE_FULL = ProblemType(507, "store-full", "The result store is full", retryable=True)


class FieldError(NamedTuple):
    """A problem with one field of a request."""

    field: str
    message: str


class ProblemError(Exception):
    """A problem to answer a request with. The detail is for the client: what is wrong, what to do."""

    def __init__(self, kind: ProblemType, detail: str, errors: Sequence[FieldError] = ()) -> None:
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        super().__init__(f"{kind.slug}: {detail}")

    def __reduce__(self) -> tuple[type["ProblemError"], tuple[ProblemType, str, tuple[FieldError, ...]]]:
        """Go whole from one process to another."""
        return type(self), (self.kind, self.detail, self.errors)


def no_such_simulation(namespace: str, name: str) -> ProblemError:
    """Return the problem of an object that is not there."""
    return ProblemError(
        NOT_FOUND, f"no {names.KIND} {name!r} in namespace {namespace!r}; it may have been deleted"
    )


def no_such_sweep(namespace: str, name: str) -> ProblemError:
    """Return the problem of a sweep that is not there."""
    return ProblemError(
        NO_SWEEP, f"no {names.SWEEP_KIND} {name!r} in namespace {namespace!r}; it may have been deleted"
    )


def invalid(problems: Iterable[Problem]) -> ProblemError:
    """Return the problem of a simulation that cannot be run, with everything that is wrong with it."""
    errors = [FieldError(problem.field, problem.message) for problem in problems]
    return wrong_fields(INVALID, errors)


def wrong_fields(kind: ProblemType, errors: Sequence[FieldError]) -> ProblemError:
    """Return the problem of wrong fields; of very many, the first ones."""
    shown = [FieldError(shorten(field), shorten(message)) for field, message in errors[:MAX_ERRORS]]
    more = [f"and {len(errors) - len(shown)} more"] if len(errors) > len(shown) else []
    return ProblemError(kind, "; ".join([*(f"{field}: {message}" for field, message in shown), *more]), shown)


def problem_response(
    kind: ProblemType,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] = (),
) -> JSONResponse:
    """Return the answer for a problem. `errors` names each wrong field of the request."""
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
            **({"errors": [error._asdict() for error in errors]} if errors else {}),
        },
        status_code=kind.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=all_headers,
    )


def describe_fields(errors: Iterable[Mapping[str, Any]]) -> str:
    """Return pydantic's errors as one line that names each field."""
    return "; ".join(f"{error.field}: {error.message}" for error in field_errors(errors))


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """Return pydantic's errors, one for each field."""
    return [FieldError(place, message) for place, message in validation_messages(errors)]
