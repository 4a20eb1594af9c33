"""What the Job Manager calls, instead of the service that it was written for.

It repeats requests that are not answered with a 2xx, immediately and forever, and gives up waiting after 60
s. So what has failed for good is answered with 200 and no points, and a run that takes longer than the budget
with 503: the repetition then joins the run that is under way, because equal requests have the same
simulation.
"""

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from batterysim import names
from batterysim.failure import FailureReason
from batterysim.process.worker_pool import BusyError, OverBudgetError
from batterysim.results import is_of_failed_run
from batterysim.status import Phase
from batterysim_bridge.bridge import Bridge, CurrentBridge
from batterysim_bridge.cluster.cluster import ClusterError, ExistsError, RefusedError
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_bridge.cluster.turns import caller
from batterysim_bridge.http.host import require_own_host
from batterysim_bridge.http.problem import (
    CLUSTER_UNAVAILABLE,
    NOT_ADMITTED,
    STILL_RUNNING,
    STORE_UNAVAILABLE,
    TOO_LARGE,
    ProblemError,
)
from batterysim_bridge.http.request_body import JSON_TYPE, read_content
from batterysim_bridge.job_manager import answer
from batterysim_bridge.job_manager.request import (
    NAME_PREFIX,
    JobManagerRequest,
    SimulationType,
    is_same_spec,
    read_request,
)
from batterysim_bridge.job_manager.settings import JobManagerSettings
from batterysim_bridge.results.rendering import job_manager_points
from batterysim_bridge.store.content import open_series
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.threads import read_store

MAX_BODY_BYTES = 64 * 1024
TENANT = "job-manager"
# Another try of these would end the same way, whoever asks.
LASTING_FAILURES = frozenset(
    {
        FailureReason.INVALID_SPEC,
        FailureReason.UNKNOWN_PARAMETER,
        FailureReason.INFEASIBLE,
        FailureReason.SOLVER_FAILED,
    }
)
# What is wrong with the object itself; a quota or an absent namespace may be over soon.
LASTING_REFUSALS = (400, 413, 422)
# A request that comes later than this after a failure of the cluster's is another request, not an echo.
FAILURE_ECHO = timedelta(minutes=1)


class NotNowError(Exception):
    """It cannot be done now, and may be done when the request is repeated."""


router = APIRouter(tags=["Job Manager"])


@router.post("/cell/simulate")
async def simulate_cell(bridge: CurrentBridge, request: Request) -> JSONResponse:
    """Discharge or charge a cell at a constant current, as the original service did."""
    return await _simulate(bridge, request, SimulationType.CELL)


@router.post("/drivecycle/simulate")
async def simulate_drive_cycle(bridge: CurrentBridge, request: Request) -> JSONResponse:
    """Drive a cell through US06, as the original service did."""
    return await _simulate(bridge, request, SimulationType.DRIVE_CYCLE)


async def _simulate(bridge: Bridge, request: Request, simulation_type: SimulationType) -> JSONResponse:
    settings = bridge.settings.job_manager
    assert settings is not None  # noqa: S101 - this router is there with them only
    require_own_host(request.headers.get("host"), bridge.settings.own_hosts)
    caller.set(TENANT)
    body = await _body(request)
    wanted = None if body is None else await _read_request(bridge, settings, simulation_type, body)
    if wanted is None:
        return JSONResponse(answer.failure(simulation_type))
    try:
        return await _answer_in_time(bridge, settings, wanted)
    except RefusedError as error:
        if error.status in LASTING_REFUSALS:
            return JSONResponse(answer.failure(simulation_type))
        await asyncio.sleep(settings.pause_seconds)
        raise ProblemError(NOT_ADMITTED, str(error)) from error
    except NotNowError as error:
        await asyncio.sleep(settings.pause_seconds)
        raise ProblemError(NOT_ADMITTED, str(error)) from error
    except (ClusterError, OSError, BusyError):
        # It will be asked again within milliseconds, by everyone at once.
        await asyncio.sleep(settings.pause_seconds)
        raise


async def _read_request(
    bridge: Bridge, settings: JobManagerSettings, simulation_type: SimulationType, body: bytes
) -> JobManagerRequest | None:
    try:
        return await bridge.work.run(TENANT, read_request, simulation_type, body, settings.post_back_url)
    except OverBudgetError:
        return None


async def _body(request: Request) -> bytes | None:
    """Return the body; None if it cannot be the Job Manager's: too large, or not JSON.

    A page of another site can have a browser send any body, but not say that it is JSON.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON_TYPE:
        return None
    try:
        return await read_content(request, MAX_BODY_BYTES)
    except ProblemError as error:
        if error.kind is TOO_LARGE:
            return None
        raise


async def _answer_in_time(
    bridge: Bridge, settings: JobManagerSettings, wanted: JobManagerRequest
) -> JSONResponse:
    simulation = await _find_or_create(bridge, settings.namespace, wanted)
    try:
        async with asyncio.timeout(settings.budget_seconds):
            ended = await bridge.simulations.until(simulation, _can_be_answered)
    except TimeoutError:
        ended = None
    if ended is None:
        raise ProblemError(
            STILL_RUNNING, f"{simulation.name!r} is running: repeat the request to wait for it"
        )
    return await _answer(bridge, wanted, ended)


def _can_be_answered(simulation: ObjectState) -> bool:
    """Tell whether the answer is certain: a stored result is an end, which the operator has yet to write."""
    return simulation.has_result or simulation.has_ended


async def _find_or_create(bridge: Bridge, namespace: str, wanted: JobManagerRequest) -> ObjectState:
    if bridge.simulations.get(namespace, wanted.name) is None:
        # Most requests are new, and need no look before.
        with contextlib.suppress(ExistsError):
            return await _create(bridge, namespace, wanted)
    found = await bridge.cluster.manifest(namespace, wanted.name)
    if found is not None:
        await _require_same(bridge, found, wanted)
    if found is not None and _is_stale(found, bridge.clock()):
        await bridge.cluster.delete(namespace, wanted.name, found["metadata"]["uid"])
        found = None
    if found is not None:
        return to_simulation(found)
    try:
        return await _create(bridge, namespace, wanted)
    except ExistsError:
        # An equal request was quicker, here or at another replica; or the old one is not gone yet.
        found = await bridge.cluster.manifest(namespace, wanted.name)
        if found is None:
            raise ProblemError(
                CLUSTER_UNAVAILABLE, f"{wanted.name!r} was deleted meanwhile: repeat the request"
            ) from None
        await _require_same(bridge, found, wanted)
        return to_simulation(found)


async def _require_same(bridge: Bridge, found: dict[str, Any], wanted: JobManagerRequest) -> None:
    """Return if a simulation is the requested one: anyone could predict its name, and take it in advance.

    Raises:
        NotNowError: it is another one.
    """
    try:
        is_same = await bridge.work.run(TENANT, is_same_spec, found.get("spec"), wanted.spec)
    except OverBudgetError:
        is_same = False
    if not is_same:
        raise NotNowError(f"{wanted.name!r} is another simulation, not the Job Manager's: delete it")


def _require_room(bridge: Bridge, namespace: str, most: int) -> None:
    """Return if one more simulation may be begun.

    Raises:
        NotNowError: too many are unfinished.
    """
    unfinished = sum(
        not simulation.has_ended and simulation.labels.get(names.LABEL_CREATED_BY) == NAME_PREFIX
        for simulation in bridge.simulations.in_namespace(namespace)
    )
    unfinished += bridge.fresh.count(namespace)
    if unfinished >= most:
        raise NotNowError(
            f"{unfinished} simulations of the Job Manager are unfinished: repeat the request later"
        )


async def _create(bridge: Bridge, namespace: str, wanted: JobManagerRequest) -> ObjectState:
    if (settings := bridge.settings.job_manager) is not None:
        _require_room(bridge, namespace, settings.max_unfinished)
    manifest = wanted.manifest(namespace)
    if namespace in bridge.settings.shared_runners.namespaces:
        manifest["spec"] = {**manifest["spec"], "run": {"isolation": "Process"}}
    with bridge.fresh.coming():
        created = await bridge.cluster.create(manifest)
    bridge.fresh.note(to_simulation(created))
    bridge.desk.offer(created)
    return to_simulation(created)


def _is_stale(found: dict[str, Any], now: datetime) -> bool:
    """Tell whether a simulation failed, some time ago, of something that may be over by now."""
    if found["metadata"].get("deletionTimestamp") is not None:
        return True
    status = found.get("status") or {}
    if status.get("phase") != Phase.FAILED or _failure(status) in LASTING_FAILURES:
        return False
    ended = max(item["lastTransitionTime"] for item in status["conditions"])
    return now - datetime.fromisoformat(ended) > FAILURE_ECHO


def _failure(status: dict[str, Any]) -> str | None:
    reason: str | None = (status.get("failure") or {}).get("reason")
    return reason


async def _answer(bridge: Bridge, wanted: JobManagerRequest, ended: ObjectState) -> JSONResponse:
    if ended.phase != Phase.SUCCEEDED and (not ended.has_result or is_of_failed_run(ended.status)):
        return JSONResponse(answer.failure(wanted.simulation_type))
    content = await read_store(_read, bridge, wanted, ResultKey(ended.namespace, ended.uid))
    if content is None:
        if "removedTime" not in ended.status.get("results", {}):
            # A volume that is not mounted shows nothing either: absence alone deletes nothing.
            raise ProblemError(STORE_UNAVAILABLE, f"the store does not have the result of {ended.name!r}")
        # Retention has taken the result away: run it again.
        await bridge.cluster.delete(ended.namespace, ended.name, ended.uid)
        raise ProblemError(
            STILL_RUNNING, f"the result of {ended.name!r} was removed: repeat the request to run it again"
        )
    return JSONResponse(content)


def _read(bridge: Bridge, wanted: JobManagerRequest, key: ResultKey) -> dict[str, Any] | None:
    record = bridge.store.find(key)
    if record is None:
        return None
    with open_series(bridge.store, record) as series:
        return answer.success(wanted, job_manager_points(series))
