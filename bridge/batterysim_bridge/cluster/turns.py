"""The order of requests to the API server: no tenant's requests keep those of others waiting.

One request over HTTP is one to five to the API server, and a thousand connections may send them at the same
time. Each would be a connection of its own to the API server, with its buffers.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from batterysim.process.worker_pool import BusyError
from batterysim_kube.api_server import ApiServer

caller: ContextVar[str | None] = ContextVar("caller", default=None)
"""Whose request is being answered, such as a namespace; None: it is the bridge's own work."""

MOST = 64
MOST_OF_ONE = 16
# More than a thousand connections can ask for: those that wait cost nothing, and those that are told to come
# back do so at once.
MOST_WAITING = 8192


class Turns:
    """Lets some requests through at a time, some of each tenant, and the tenants in turn."""

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE, waiting: int = MOST_WAITING) -> None:
        self._most, self._most_of_one, self._most_waiting = most, most_of_one, waiting
        self._under_way: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def of(self, tenant: str) -> AsyncIterator[None]:
        """Wait until it is the turn of a tenant's request.

        Raises:
            BusyError: too many of theirs wait already.
        """
        if not self._may_go(tenant):
            await self._wait(tenant)
        else:
            self._under_way[tenant] += 1
        try:
            yield
        finally:
            self._end(tenant)

    def _may_go(self, tenant: str) -> bool:
        return self._under_way.total() < self._most and self._under_way[tenant] < self._most_of_one

    async def _wait(self, tenant: str) -> None:
        line = self._waiting.setdefault(tenant, deque())
        if len(line) >= self._most_waiting:
            raise BusyError(f"{self._most_waiting} requests of yours are waiting: wait for their answers")
        turn = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._end(tenant)  # it was its turn, and nobody is there any more
            else:
                self._leave(tenant, turn)
            raise

    def _leave(self, tenant: str, turn: asyncio.Future[None]) -> None:
        line = self._waiting.get(tenant)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._waiting[tenant]

    def _end(self, tenant: str) -> None:
        self._under_way[tenant] -= 1
        if not self._under_way[tenant]:
            del self._under_way[tenant]
        self._let_go()

    def _let_go(self) -> None:
        """Give free places to those who wait, one of each tenant after the other."""
        while (tenant := next(filter(self._may_go, self._waiting), None)) is not None:
            line = self._waiting.pop(tenant)
            turn = line.popleft()
            if line:
                self._waiting[tenant] = line  # at the end: the others come first
            if not turn.done():  # as it is when who waited has just gone
                self._under_way[tenant] += 1
                turn.set_result(None)


class FairApiServer(ApiServer):
    """The API server, for one tenant after the other. What the bridge does for itself does not wait."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turns = Turns()

    async def _read(self, *args: Any) -> bytes:
        tenant = caller.get()
        if tenant is None:
            return await super()._read(*args)
        async with self._turns.of(tenant):
            return await super()._read(*args)
