"""What the bridge depends on is looked at one look at a time, and told in metrics and log."""

import asyncio
import logging

from batterysim_bridge.metrics import Metrics
from batterysim_bridge.upkeep import watchdog
from batterysim_bridge.upkeep.watchdog import Watchdog


def is_up(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("batterysim_bridge_up", {"part": "store"})


async def test_what_works_is_up_and_says_nothing(caplog):
    metrics = Metrics()

    async def works() -> None:
        return

    with caplog.at_level(logging.INFO):
        await Watchdog("store", works, metrics.up).check()

    assert is_up(metrics) == 1
    assert not caplog.records


async def test_what_fails_is_told_once_and_so_is_its_return(caplog):
    metrics = Metrics()
    answers = [OSError("disk gone"), OSError("disk gone"), None]

    async def check() -> None:
        if (error := answers.pop(0)) is not None:
            raise error

    dog = Watchdog("store", check, metrics.up)
    with caplog.at_level(logging.INFO):
        await dog.check()
        await dog.check()
        assert is_up(metrics) == 0
        await dog.check()

    assert is_up(metrics) == 1
    assert caplog.messages == ["the store is unavailable: disk gone", "the store works again"]


async def test_what_hangs_is_down_and_is_asked_once(monkeypatch):
    monkeypatch.setattr(watchdog, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(watchdog, "PAUSE_SECONDS", 0.0)
    metrics, asked, released = Metrics(), [], asyncio.Event()

    async def hangs() -> None:
        asked.append(1)
        await released.wait()

    running = asyncio.create_task(Watchdog("store", hangs, metrics.up).run())
    try:
        await asyncio.sleep(0.1)
        assert is_up(metrics) == 0
        assert len(asked) == 1

        released.set()
        await asyncio.sleep(0.1)

        assert is_up(metrics) == 1
    finally:
        running.cancel()
