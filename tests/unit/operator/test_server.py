"""Health and metrics, as the kubelet and Prometheus ask for them."""

import aiohttp
import pytest

from batterysim_operator import metrics
from batterysim_operator.reconcile.events import Turn
from batterysim_operator.server import start_server
from tests.builders import NOW, iso, simulation


@pytest.mark.parametrize(("path", "said"), [("/healthz", '"ok"'), ("/metrics", "batterysim_turns_total")])
async def test_both_paths_answer(path: str, said: str) -> None:
    runner = await start_server(port=0)
    try:
        port = next(address[1] for address in runner.addresses if "." in address[0])
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{path}") as answer,
        ):
            assert answer.status == 200
            assert said in await answer.text()
    finally:
        await runner.cleanup()


def seconds_to_end(end: str) -> float:
    """Return the sum of the seconds that simulations took, as Prometheus would read it."""
    return metrics.SECONDS_TO_END.labels(end)._sum.get()


def test_the_time_to_the_end_is_counted_from_the_creation() -> None:
    before = seconds_to_end("Succeeded")
    turn = Turn("Normal", "Succeeded", "")

    metrics.count_turn(turn, simulation(status={"completionTime": iso(NOW)}))  # created 10 s ago

    assert seconds_to_end("Succeeded") - before == pytest.approx(10)
