"""A queue of keys to look at, as in Kubernetes' own controllers.

A key that is added many times while it waits is looked at once; a key is never looked at twice at the
same time; a look that fails is repeated, later each time, until it works. Nothing is lost with the
process: on a start, every object is added again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from batterysim.process.logs import about
from batterysim_operator.control.fair_queue import NO_LIMITS, FairQueue, Key, Limits

__all__ = ["Key", "Limits", "WorkQueue"]

logger = logging.getLogger(__name__)

Reconcile = Callable[[Key], Awaitable[float | None]]
"""Looks at one key; returns after how many seconds to look again, or None for not on its own."""

FIRST_RETRY_SECONDS = 0.05
LONGEST_RETRY_SECONDS = 60.0
MOST_DOUBLINGS = 30  # a day of failures would double it out of a float's range


class WorkQueue:
    """Runs `reconcile` for each added key, on `workers` tasks, in turns over namespaces and hosts."""

    def __init__(self, name: str, reconcile: Reconcile, workers: int, limits: Limits = NO_LIMITS) -> None:
        self.name = name
        self._reconcile = reconcile
        self._workers = workers
        self._ready = FairQueue(limits)
        self._changed = asyncio.Event()
        self._hosts: dict[Key, str] = {}  # of keys that are waiting, under way or timed
        self._waiting: set[Key] = set()  # in _ready, not yet taken
        self._active: set[Key] = set()  # being looked at
        self._again: set[Key] = set()  # added while being looked at
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._failures: dict[Key, int] = {}

    def __len__(self) -> int:
        return len(self._waiting) + len(self._active)

    def add(self, key: Key, host: str | None = None) -> None:
        """Have a key looked at as soon as a worker is free and it is its turn.

        host: what a look at it will talk to; None: the same as before.
        """
        if host is not None:
            self._hosts[key] = host
        if (timer := self._timers.pop(key, None)) is not None:
            timer.cancel()
        if key in self._active:
            self._again.add(key)
        elif key not in self._waiting:
            self._waiting.add(key)
            self._ready.put(key, self._hosts.get(key, ""))
            self._changed.set()

    def add_after(self, key: Key, seconds: float) -> None:
        """Have a key looked at later, unless it is added before."""
        if (timer := self._timers.pop(key, None)) is not None:
            timer.cancel()
        self._timers[key] = asyncio.get_running_loop().call_later(seconds, self.add, key)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(self._workers):
                group.create_task(self._work(), name=f"{self.name}-{number}")

    async def _work(self) -> None:
        while True:
            key = await self._next()
            self._waiting.discard(key)
            self._active.add(key)
            delay = await self._reconcile_safely(key)
            self._active.discard(key)
            self._ready.done(key)
            self._changed.set()
            if key in self._again:
                self._again.discard(key)
                self.add(key)
            elif delay is not None:
                self.add_after(key, delay)
            else:
                self._hosts.pop(key, None)

    async def _next(self) -> Key:
        while (key := self._ready.take()) is None:
            self._changed.clear()
            await self._changed.wait()
        return key

    async def _reconcile_safely(self, key: Key) -> float | None:
        started = time.monotonic()
        try:
            delay = await self._reconcile(key)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            doublings = min(failures - 1, MOST_DOUBLINGS)
            delay = min(FIRST_RETRY_SECONDS * 2.0**doublings, LONGEST_RETRY_SECONDS)
            logger.warning(
                "%s failed, retrying in %.2f s: %s: %s",
                self.name,
                delay,
                type(error).__name__,
                error,
                exc_info=failures == 5,
                extra=about(*key),
            )
            return delay
        self._failures.pop(key, None)
        logger.debug("%s took %.3f s", self.name, time.monotonic() - started, extra=about(*key))
        return delay


def _is_cancelled() -> bool:
    """Tell whether this task itself is to end, and not only something that it has waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
