"""The simulations that wait for a shared runner, the oldest first, and the runners that wait for one."""

import asyncio
import heapq
from collections import defaultdict, deque

from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.shared.claims import may_be_handed_out

Uid = str


class WaitingLine:
    """Everything runs on one event loop; nothing here blocks or does I/O."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[Uid, ObjectState]] = defaultdict(dict)
        self._order: dict[str, list[tuple[str, int, Uid]]] = defaultdict(list)
        self._takers: dict[str, deque[asyncio.Future[None]]] = defaultdict(deque)
        self._is_closed = False

    def note(self, simulation: ObjectState) -> None:
        """Take a simulation in, or out, as it now is."""
        waiting = self._waiting[simulation.namespace]
        if not may_be_handed_out(simulation):
            waiting.pop(simulation.uid, None)
            return
        if simulation.uid not in waiting:
            place = simulation.created_time, simulation.version, simulation.uid
            heapq.heappush(self._order[simulation.namespace], place)
        waiting[simulation.uid] = simulation
        self._wake(simulation.namespace)

    def forget(self, simulation: ObjectState) -> None:
        """Take a deleted simulation out."""
        self._waiting[simulation.namespace].pop(simulation.uid, None)

    def length(self, namespace: str) -> int:
        """Return how many wait."""
        return len(self._waiting[namespace])

    def pop(self, namespace: str) -> ObjectState | None:
        """Take the first one out; None if none waits."""
        waiting, order = self._waiting[namespace], self._order[namespace]
        while order:
            simulation = waiting.pop(heapq.heappop(order)[-1], None)
            if simulation is not None:
                return simulation
        return None

    async def arrival(self, namespace: str, seconds: float) -> bool:
        """Wait until there may be one; return False when the time is up, or the bridge is about to end."""
        if self._is_closed:
            return False
        taker = asyncio.get_running_loop().create_future()
        self._takers[namespace].append(taker)
        try:
            async with asyncio.timeout(seconds):
                await taker
        except TimeoutError:
            return False
        except asyncio.CancelledError:
            if taker.done() and not taker.cancelled():
                self._wake(namespace)  # it was this one's turn, and it is gone
            raise
        return not self._is_closed

    def close(self) -> None:
        """Let everyone who waits go."""
        self._is_closed = True
        for namespace in list(self._takers):
            while self._takers[namespace]:
                self._wake(namespace)

    def _wake(self, namespace: str) -> None:
        """Tell the one who has waited longest."""
        takers = self._takers[namespace]
        while takers:
            taker = takers.popleft()
            if not taker.done():
                taker.set_result(None)
                return
