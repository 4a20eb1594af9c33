"""How many results, and how many event streams, go out at once.

A result holds some megabytes until its reader has taken it, and each change is written into each stream.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from batterysim.process.worker_pool import BusyError

MOST = 16
MOST_OF_ONE = 4
MOST_STREAMS = 800
MOST_STREAMS_OF_ONE = 200
WAIT_SECONDS = 10.0
# A gigabyte at three megabits per second takes three quarters of this.
EXPORT_SECONDS = 3600.0


class Exports:
    """Gives out places. `who` is a tenant: a service account's namespace, or a person."""

    def __init__(
        self,
        most: int = MOST,
        most_of_one: int = MOST_OF_ONE,
        what: str = "results",
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._most = most
        self.most_of_one = most_of_one
        self._what = what
        self._wait_seconds = wait_seconds
        self._under_way: Counter[str] = Counter()
        self._changed = asyncio.Condition()

    async def enter(self, who: str) -> "Place":
        """Return a place, as soon as there is one.

        Raises:
            BusyError: there was none for a while.
        """
        try:
            async with asyncio.timeout(self._wait_seconds), self._changed:
                await self._changed.wait_for(lambda: self._has_room(who))
                self._under_way[who] += 1
        except TimeoutError as error:
            yours, all_of_them = self._under_way[who], self._under_way.total()
            raise BusyError(
                f"{yours} {self._what} are on their way to you, and {all_of_them} in all: take them, "
                "and ask again"
            ) from error
        return Place(self, who)

    async def answer(self, who: str, make: Callable[[], Awaitable[Response]]) -> "PlacedResponse":
        """Return what is made, as soon as there is a place, which it holds until it is sent.

        Raises:
            BusyError: there was none for a while.
        """
        place = await self.enter(who)
        try:
            return PlacedResponse(await make(), place)
        except BaseException:
            await place.leave()
            raise

    async def leave(self, who: str) -> None:
        """Give a place back."""
        async with self._changed:
            self._under_way[who] -= 1
            if not self._under_way[who]:
                del self._under_way[who]
            self._changed.notify_all()

    def _has_room(self, who: str) -> bool:
        return self._under_way.total() < self._most and self._under_way[who] < self.most_of_one


class Place:
    """A place that is held, until an answer is sent or there is none."""

    def __init__(self, exports: Exports, who: str) -> None:
        self._exports = exports
        self._who = who
        self._is_left = False

    async def leave(self) -> None:
        """Give it back; a second time does nothing."""
        if not self._is_left:
            self._is_left = True
            await self._exports.leave(self._who)


class PlacedResponse(Response):
    """An answer that holds a place until it is sent, or until nobody takes it any more."""

    def __init__(self, response: Response, place: Place) -> None:
        self._response = response
        self._place = place
        self.status_code = response.status_code
        self.raw_headers = response.raw_headers
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        try:
            async with asyncio.timeout(EXPORT_SECONDS):
                await self._response(scope, receive, send)
        finally:
            await self._place.leave()
