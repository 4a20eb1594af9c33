"""The queue: each key looked at once for many adds, never twice at a time, and again until it works."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from batterysim_operator.control import workqueue
from batterysim_operator.control.fair_queue import NO_LIMITS
from batterysim_operator.control.workqueue import Key, Limits, WorkQueue

A, B = Key("lab", "a"), Key("lab", "b")


@asynccontextmanager
async def working(
    look: Callable[[Key], Awaitable[float | None]], workers: int = 3, limits: Limits = NO_LIMITS
) -> AsyncIterator[WorkQueue]:
    """Run a queue for the length of a test."""
    queue = WorkQueue("test", look, workers, limits)
    task = asyncio.create_task(queue.run())
    try:
        yield queue
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, or fail."""
    async with asyncio.timeout(2):
        while not holds():  # noqa: ASYNC110 - the queue has no event to wait for
            await asyncio.sleep(0.001)


class Looks:
    """Records looks, and how many of one key were ever under way at once."""

    def __init__(self, *delays: float | None, seconds: float = 0) -> None:
        self.keys: list[Key] = []
        self.times: list[float] = []
        self.most_at_once = 0
        self._delays = list(delays)
        self._seconds = seconds
        self._active: list[Key] = []

    async def __call__(self, key: Key) -> float | None:
        self.keys.append(key)
        self.times.append(asyncio.get_running_loop().time())
        self._active.append(key)
        self.most_at_once = max(self.most_at_once, self._active.count(key))
        await asyncio.sleep(self._seconds)
        self._active.remove(key)
        return self._delays.pop(0) if self._delays else None


async def test_a_key_that_is_added_many_times_is_looked_at_once() -> None:
    looks = Looks()
    async with working(looks) as queue:
        for _ in range(100):
            queue.add(A)
        queue.add(B)
        await until(lambda: len(queue) == 0)

    assert sorted(looks.keys) == [A, B]


async def test_a_key_that_is_added_during_its_look_is_looked_at_again_and_never_twice_at_a_time() -> None:
    looks = Looks(seconds=0.01)
    async with working(looks) as queue:
        queue.add(A)
        await until(lambda: len(looks.keys) == 1)
        for _ in range(100):
            queue.add(A)
        await until(lambda: len(queue) == 0)

    assert looks.keys == [A, A]
    assert looks.most_at_once == 1


async def test_other_keys_do_not_wait() -> None:
    looks = Looks(seconds=0.05)
    async with working(looks) as queue:
        queue.add(A)
        queue.add(B)
        await until(lambda: len(looks.keys) == 2)

    assert looks.times[1] - looks.times[0] < 0.04


async def test_a_look_may_ask_to_be_repeated() -> None:
    looks = Looks(0.02, 0.0)
    async with working(looks) as queue:
        queue.add(A)
        await until(lambda: len(looks.keys) == 3)

    assert looks.times[1] - looks.times[0] >= 0.02


async def test_an_add_comes_before_a_timer_and_takes_its_place() -> None:
    looks = Looks()
    async with working(looks) as queue:
        queue.add_after(A, 0.03)
        queue.add(A)
        await until(lambda: len(looks.keys) == 1)
        await asyncio.sleep(0.05)

    assert looks.keys == [A]


async def test_the_last_timer_counts() -> None:
    looks = Looks()
    async with working(looks) as queue:
        queue.add_after(A, 0.01)
        queue.add_after(A, 0.04)
        started = asyncio.get_running_loop().time()
        await until(lambda: len(looks.keys) == 1)

    assert looks.times[0] - started >= 0.035


class Failing(Looks):
    """Fails so many times, then works."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    async def __call__(self, key: Key) -> float | None:
        await super().__call__(key)
        self.left -= 1
        if self.left >= 0:
            raise ConnectionError("the API server is away")
        return None


async def test_a_look_that_fails_is_repeated_later_each_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(workqueue, "FIRST_RETRY_SECONDS", 0.005)
    looks = Failing(4)
    async with working(looks) as queue:
        queue.add(A)
        await until(lambda: len(looks.keys) == 5)

    waits = [after - before for before, after in zip(looks.times, looks.times[1:], strict=False)]
    assert all(wait >= least for wait, least in zip(waits, (0.005, 0.01, 0.02, 0.04), strict=True))
    assert "test failed, retrying in 0.01 s: ConnectionError: the API server is away" in caplog.messages
    assert {record.__dict__["object"]["name"] for record in caplog.records} == {"a"}


async def test_after_a_success_the_waits_begin_anew(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(workqueue, "FIRST_RETRY_SECONDS", 0.01)
    looks = Failing(2)
    async with working(looks) as queue:
        queue.add(A)
        await until(lambda: len(looks.keys) == 3 and len(queue) == 0)
        looks.left = 1
        queue.add(A)
        await until(lambda: len(looks.keys) == 5)

    waits = [message.split(":")[0].split("retrying ")[1] for message in caplog.messages]
    assert waits == ["in 0.01 s", "in 0.02 s", "in 0.01 s"]


async def test_a_key_that_never_works_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure a minute is over a thousand in a day, and so often a float cannot be doubled."""
    caplog.set_level(logging.ERROR)
    monkeypatch.setattr(workqueue, "FIRST_RETRY_SECONDS", 0.0)
    looks = Failing(1100)
    async with working(looks) as queue:
        queue.add(A)
        await until(lambda: len(looks.keys) == 1101)
        queue.add(B)
        await until(lambda: B in looks.keys)


async def test_a_host_that_hangs_delays_nobody_else() -> None:
    """400 callbacks owed to a receiver that never answers once held up another's by 50 minutes."""
    done = asyncio.Event()

    async def look(key: Key) -> None:
        if key.name.startswith("hangs"):
            await asyncio.sleep(3600)
        done.set()

    async with working(look, workers=16, limits=Limits(per_namespace=4, per_host=2)) as queue:
        for number in range(400):
            queue.add(Key(f"ns-{number % 7}", f"hangs-{number}"), host="hangs.example.com")
        queue.add(Key("ns-0", "good"), host="good.example.com")
        async with asyncio.timeout(2):
            await done.wait()


async def test_a_cancelled_wait_within_a_look_is_a_failure_and_not_the_end_of_a_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workqueue, "FIRST_RETRY_SECONDS", 0.001)
    looked: list[Key] = []

    async def look(key: Key) -> None:
        looked.append(key)
        if len(looked) == 1:
            raise asyncio.CancelledError

    async with working(look, workers=1) as queue:
        queue.add(A)
        await until(lambda: looked == [A, A])


async def test_nothing_is_kept_of_a_key_that_is_done_with() -> None:
    looks = Looks()
    async with working(looks) as queue:
        for number in range(1000):
            queue.add(Key("lab", str(number)), host=f"{number}.example.com")
        await until(lambda: len(looks.keys) == 1000 and len(queue) == 0)

        kept = [value for value in vars(queue).values() if isinstance(value, dict | set)]
        assert not any(kept)
