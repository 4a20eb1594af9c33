"""Asynchronous code from where nobody can await."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator

import pytest

from batterysim_client.portal import Portal


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


class Numbers:
    """Counts, and notes that it was closed."""

    def __init__(self) -> None:
        self.closed = False

    async def count(self) -> AsyncIterator[int]:
        try:
            for number in range(1000):
                yield number
        finally:
            self.closed = True


@pytest.fixture
def portal():
    portal = Portal()
    yield portal
    portal.close()


def test_it_returns_and_raises_what_the_coroutine_does(portal: Portal) -> None:
    async def fail() -> None:
        raise LookupError("no")

    assert portal.run(double, 21) == 42
    with pytest.raises(LookupError, match="no"):
        portal.run(fail)


async def test_it_works_where_a_loop_is_running_already_as_in_a_notebook(portal: Portal) -> None:
    assert portal.run(double, 21) == 42


def test_an_iteration_that_is_left_closes_the_generator(portal: Portal) -> None:
    numbers = Numbers()
    iteration = portal.iterate(numbers.count())

    assert [next(iteration), next(iteration)] == [0, 1]
    iteration.close()  # type: ignore[attr-defined]
    assert numbers.closed


def test_an_interrupt_cancels_what_runs(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled = threading.Event()

    async def sleep() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    portal.run(double, 1)
    start = portal._portal.start_task_soon  # type: ignore[union-attr]

    def interrupted(function):
        future = start(function)
        monkeypatch.setattr(future, "result", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        return future

    monkeypatch.setattr(portal._portal, "start_task_soon", interrupted)
    with pytest.raises(KeyboardInterrupt):
        portal.run(sleep)
    monkeypatch.undo()
    # Cancelled, it takes no part of the minute.
    assert cancelled.wait(timeout=30)


def test_an_interrupt_lets_a_generator_end_before_it_is_closed(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    async def slow_to_end() -> AsyncIterator[int]:
        yield 0
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            time.sleep(0.05)  # noqa: ASYNC251 - so that a portal that does not wait is ahead
            told.append("ended")
            raise

    iteration = portal.iterate(slow_to_end())
    next(iteration)
    start = portal._portal.start_task_soon  # type: ignore[union-attr]

    def interrupted(function):
        future = start(function)
        monkeypatch.undo()
        monkeypatch.setattr(future, "result", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        return future

    monkeypatch.setattr(portal._portal, "start_task_soon", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(iteration)
    assert told == ["ended"]


def test_a_script_that_forgets_to_close_ends() -> None:
    code = "from batterysim import Client\nclient = Client('http://127.0.0.1:9')\nprint(client.where())"

    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stdout == "http://127.0.0.1:9, namespace default\n"
    assert ended.stderr == ""
