"""Waiting for changes, without a queue that could grow: of each simulation only the newest state waits."""

import asyncio
from collections.abc import Callable

from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.live.change import Change, merged


class Subscription:
    """Gathers the changes that one waiter wants, until it comes for them."""

    def __init__(self, wants: Callable[[ObjectState], bool]) -> None:
        self._wants = wants
        # By UID: an object that is deleted and made again is told as both.
        self._waiting: dict[str, Change] = {}
        self._arrived = asyncio.Event()
        self.is_closed = False

    def offer(self, change: Change) -> None:
        """Take a change in, if it is wanted."""
        if self._wants(change.state):
            uid = change.state.uid
            # Taken out first, so that the changes stay in the order in which they were last changed.
            self._waiting[uid] = merged(self._waiting.pop(uid, None), change)
            self._arrived.set()

    def close(self) -> None:
        """Let the waiter go."""
        self.is_closed = True
        self._arrived.set()

    async def gather(self, timeout_seconds: float | None = None) -> list[Change]:
        """Return what has changed since the last call, and wait for it if necessary.

        Returns:
            The changes in order, one for each simulation; empty when the time is up or the subscription is
            closed.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._arrived.wait()
        except TimeoutError:
            return []
        changes = list(self._waiting.values())
        self._waiting.clear()
        if not self.is_closed:
            self._arrived.clear()
        return changes
