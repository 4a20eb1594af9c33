"""What shared runners call: they ask for work, say what they are at, and how an attempt ended."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field, ValidationError

from batterysim import names
from batterysim.contract import Report
from batterysim.failure import MESSAGE_MAX_LENGTH
from batterysim.kubernetes_names import ObjectName
from batterysim.status import Outcome
from batterysim_bridge.bridge import (
    Bridge,
    CallerAddress,
    CurrentBridge,
    CurrentTarget,
    Namespace,
    Token,
    require_served,
)
from batterysim_bridge.cluster.claimed import CREDENTIAL_PREFIX
from batterysim_bridge.http.problem import BAD_REQUEST, NOT_THE_RUNNER, ProblemError, describe_fields
from batterysim_bridge.http.request_body import read_content
from batterysim_bridge.runners.identity import identify
from batterysim_bridge.shared.claims import Host
from batterysim_bridge.shared.desk import Attempt, Work

MAX_BODY_BYTES = 64 * 1024
LONGEST_WAIT_SECONDS = 30.0

router = APIRouter()
Body = TypeVar("Body", bound=Report)


class WorkRequest(Report):
    """A process of a shared runner has room for one more simulation."""

    process: Annotated[str, Field(pattern="^[0-9a-f]{1,32}$")]
    """Which process it is, by a random number."""
    wait_seconds: Annotated[float, Field(ge=0, le=LONGEST_WAIT_SECONDS)] = LONGEST_WAIT_SECONDS
    """How long it waits for one."""


class AttemptAtHand(Report):
    """An attempt that a runner has."""

    name: ObjectName
    """The simulation's name."""
    uid: Annotated[str, Field(max_length=63)]
    """Its UID."""
    attempt: Annotated[int, Field(ge=1, le=2**31)]
    """The attempt's number."""


class Heartbeat(Report):
    """A process of a shared runner is there, and has these attempts."""

    process: Annotated[str, Field(pattern="^[0-9a-f]{1,32}$")]
    """Which process it is."""
    attempts: Annotated[list[AttemptAtHand], Field(max_length=256)]
    """What it is at."""


class Ending(Report):
    """An attempt has ended without a result."""

    exit_code: Annotated[int, Field(ge=1, le=255)]
    """As the runner of a Job would have ended."""
    reason: Annotated[str, Field(max_length=60)]
    """A failure's reason, or HandedBack."""
    message: Annotated[str, Field(max_length=MESSAGE_MAX_LENGTH)]
    """What happened, for a person."""


@router.post(names.work_path("{namespace}"))
async def post_work(bridge: CurrentBridge, namespace: Namespace, token: Token, request: Request) -> Response:
    """Answer with the next simulation, which is the caller's from then on; 204: none came in time."""
    pod, pod_uid = await _pod(bridge, namespace, token)
    wanted = await _read(WorkRequest, request)
    host = Host(pod, pod_uid, wanted.process)
    work = await _unless_gone(request, bridge.desk.take(namespace, host, wanted.wait_seconds))
    return Response(status_code=204) if work is None else JSONResponse(_document(work))


@router.post(names.heartbeat_path("{namespace}"))
async def post_heartbeat(
    bridge: CurrentBridge, namespace: Namespace, token: Token, request: Request
) -> dict[str, object]:
    """Take note that a runner is there; answer with the attempts that it is to stop."""
    pod, pod_uid = await _pod(bridge, namespace, token)
    beat = await _read(Heartbeat, request)
    attempts = [Attempt(item.name, item.uid, item.attempt) for item in beat.attempts]
    stop = await bridge.desk.beat(namespace, Host(pod, pod_uid, beat.process), attempts)
    return {"stop": [{"uid": item.uid, "attempt": item.number} for item in stop]}


@router.put(names.outcome_path("{namespace}", "{name}"), status_code=204, response_class=Response)
async def put_outcome(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, address: CallerAddress, request: Request
) -> None:
    """Take note of how an attempt ended."""
    if not token.startswith(CREDENTIAL_PREFIX):
        raise ProblemError(NOT_THE_RUNNER, "this is for shared runners: show the attempt's credential")
    simulation = await identify(bridge, token, target, address)
    ending = await _read(Ending, request)
    outcome = Outcome(
        exit_code=ending.exit_code, reason=ending.reason, message=ending.message, time=bridge.clock()
    )
    await bridge.desk.end(token, simulation, outcome)


async def _pod(bridge: Bridge, namespace: str, token: str) -> tuple[str, str]:
    """Return name and UID of the shared runner that calls.

    Raises:
        ProblemError: it is none of this namespace.
    """
    require_served(bridge, namespace)
    user = await bridge.access.authenticate(token)
    account = f"system:serviceaccount:{namespace}:{bridge.settings.shared_runners.account}"
    if namespace not in bridge.settings.shared_runners.namespaces or user.username != account:
        raise ProblemError(NOT_THE_RUNNER, f"{user.username} is no shared runner of namespace {namespace!r}")
    if user.pod_name is None or user.pod_uid is None:
        raise ProblemError(NOT_THE_RUNNER, "the token is not bound to a pod")
    return user.pod_name, user.pod_uid


async def _read(kind: type[Body], request: Request) -> Body:
    try:
        return kind.model_validate_json(await read_content(request, MAX_BODY_BYTES))
    except ValidationError as error:
        raise ProblemError(BAD_REQUEST, describe_fields(error.errors())) from error


async def _unless_gone(request: Request, taking: Coroutine[None, None, Work | None]) -> Work | None:
    """Wait for work as long as somebody waits for the answer: what is handed out to nobody is lost."""
    take = asyncio.ensure_future(taking)
    gone = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait({take, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not take.done():
            take.cancel()
            await asyncio.wait({take})
            return None
        return take.result()
    finally:
        gone.cancel()
        take.cancel()


def _document(work: Work) -> dict[str, object]:
    return {
        "namespace": work.namespace,
        "name": work.name,
        "uid": work.uid,
        "attempt": work.attempt,
        "credential": work.credential,
        "spec": work.spec,
        "secondsLeft": work.seconds_left,
    }
