"""How many tokens from one address were not good: each has cost a question to the API server."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple
from weakref import WeakValueDictionary

from batterysim_bridge.http.problem import TOO_MANY_REFUSALS, ProblemError

MOST = 20
WINDOW_SECONDS = 10.0
ADDRESSES_KEPT = 1024


class _Window(NamedTuple):
    ends: float
    refused: int


class Refusals:
    """Counts refusals by address. `clock` gives a time in seconds that only grows."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def one_more(self, address: str) -> AsyncIterator[None]:
        """Wait until another token of this address may be asked about. Only some are at the same time.

        Raises:
            ProblemError: too many were not good, also while this one waited.
        """
        self.check(address)
        place = self._places.setdefault(address, asyncio.Semaphore(MOST))
        async with place:
            self.check(address)
            yield

    def check(self, address: str) -> None:
        """Return if another token of this address may be asked about.

        Raises:
            ProblemError: too many were not good lately.
        """
        window = self._windows.get(address)
        if window is not None and window.refused >= MOST and self._clock() < window.ends:
            raise ProblemError(
                TOO_MANY_REFUSALS,
                f"{MOST} tokens from {address} were not accepted within {WINDOW_SECONDS:g} s: wait that long",
            )

    def count(self, address: str) -> None:
        """Take note of a token that was not good."""
        now = self._clock()
        window = self._windows.pop(address, None)
        if window is None or now >= window.ends:
            window = _Window(now + WINDOW_SECONDS, 0)
        self._windows[address] = window._replace(refused=window.refused + 1)
        if len(self._windows) > ADDRESSES_KEPT:
            self._windows.popitem(last=False)
