"""Health and metrics, as the kubelet and Prometheus ask for them."""

import aiohttp
import pytest

from batterysim_operator import metrics
from batterysim_operator.control.hearing import Hearing
from batterysim_operator.reconcile.events import Transition
from batterysim_operator.server import start_server
from tests.builders import NOW, iso, simulation


async def get(path: str, hearing: Hearing) -> tuple[int, str]:
    """Ask a server once; return status and text of its answer."""
    runner = await start_server(hearing, port=0)
    try:
        port = next(address[1] for address in runner.addresses if "." in address[0])
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{path}") as answer,
        ):
            return answer.status, await answer.text()
    finally:
        await runner.cleanup()


async def test_health_and_metrics_are_served() -> None:
    assert await get("/healthz", Hearing()) == (200, '{"status": "ok"}')
    status, text = await get("/metrics", Hearing())
    assert status == 200
    assert "batterysim_transitions_total" in text
    assert "batterysim_unreadable_objects_total" in text


async def test_an_operator_that_hears_nothing_is_not_healthy() -> None:
    """It once was deaf for ever without its CRD, and healthy."""
    seconds = 0.0
    hearing = Hearing(lambda: seconds)

    seconds = 599.0
    assert (await get("/healthz", hearing))[0] == 200
    seconds = 601.0
    assert await get("/healthz", hearing) == (
        503,
        '{"status": "no list or watch of simulations was answered for 601 s"}',
    )
    hearing.heard()
    assert (await get("/healthz", hearing))[0] == 200


def seconds_to_end(end: str) -> float:
    """Return the sum of the seconds that simulations took, as Prometheus would read it."""
    return metrics.SECONDS_TO_END.labels(end)._sum.get()


def test_the_time_to_the_end_is_counted_from_the_creation() -> None:
    before = seconds_to_end("Succeeded")
    transition = Transition("Normal", "Succeeded", "")

    metrics.count_transition(transition, simulation(status={"completionTime": iso(NOW)}))  # created 10 s ago

    assert seconds_to_end("Succeeded") - before == pytest.approx(10)
