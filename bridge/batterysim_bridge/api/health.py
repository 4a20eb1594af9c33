"""What the kubelet and Prometheus call."""

import asyncio

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from batterysim_bridge.bridge import CurrentBridge
from batterysim_bridge.http.problem import NOT_FILLED, ProblemError

router = APIRouter()


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Answer: the process serves requests."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(bridge: CurrentBridge) -> dict[str, str]:
    """Answer if everything works now: the store, the API server, and the simulations are known."""
    if not bridge.simulations.is_filled:
        raise ProblemError(NOT_FILLED, "the simulations have not been listed yet")
    await asyncio.gather(asyncio.to_thread(bridge.store.check), bridge.cluster.ping())
    return {"status": "ok"}


@router.get("/metrics")
async def metrics(bridge: CurrentBridge) -> Response:
    """Answer with Prometheus metrics."""
    return Response(generate_latest(bridge.metrics.registry), media_type=CONTENT_TYPE_LATEST)
