"""What the kubelet and Prometheus call."""

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
    """Answer if requests can be answered: the simulations are known.

    Store and API server may be unavailable: requests that need them report that, and so does Prometheus
    (`batterysim_bridge_up`): without this process nothing could be read or listed either.
    """
    if not bridge.simulations.is_filled:
        raise ProblemError(NOT_FILLED, "the simulations have not been listed yet")
    return {"status": "ok"}


@router.get("/metrics")
async def metrics(bridge: CurrentBridge) -> Response:
    """Answer with Prometheus metrics."""
    return Response(generate_latest(bridge.metrics.registry), media_type=CONTENT_TYPE_LATEST)
