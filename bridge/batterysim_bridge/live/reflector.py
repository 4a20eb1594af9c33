"""Keeps the objects of a kind in memory in step with the API server: one list, then one watch, forever."""

import asyncio
import logging
from contextlib import aclosing

from batterysim_bridge.cluster.cluster import ClusterError, ExpiredError, Objects
from batterysim_bridge.live.object_cache import ObjectCache, Scope

WATCH_SECONDS = 300
RETRY_SECONDS = 3.0
# An API server that ends every watch at once is not asked in a tight loop.
PAUSE_SECONDS = 0.2
WATCH_FAILURES = 3
"""After this many failures in a row it lists instead of watching from its version: an API server that was
restored from a backup may never come to it."""

logger = logging.getLogger(__name__)


class Reflector:
    """Lists and watches one scope."""

    def __init__(self, objects: Objects, cache: ObjectCache, scope: Scope) -> None:
        self._objects = objects
        self._cache = cache
        self._scope = scope
        self._version: str | None = None
        self._failures = 0

    async def run(self) -> None:
        """Go on until cancelled, after any error. A new list brings what was missed meanwhile."""
        while True:
            pause = PAUSE_SECONDS
            try:
                await self.follow()
            except ExpiredError:
                logger.info("the API server has forgotten version %s: listing again", self._version)
                self._version = None
            except ClusterError as error:
                logger.warning("the objects in memory may be out of date, retrying: %s", error)
                self._take_note_of(error)
                pause = RETRY_SECONDS
            except Exception:
                logger.exception("the watch failed, listing again")
                self._version = None
                pause = RETRY_SECONDS
            await asyncio.sleep(pause)

    def _take_note_of(self, error: ClusterError) -> None:
        self._failures += 1
        if self._failures >= WATCH_FAILURES:
            self._version = None
        if error.is_about_the_place:
            self._cache.leave_out(self._scope)

    async def follow(self) -> None:
        """List if necessary, then follow one watch to its end.

        Raises:
            ExpiredError: list again; the changes since the last one are not to be had any more.
            ClusterError: the API server did not answer.
        """
        if self._version is None:
            listing = await self._objects.listing(self._scope)
            self._cache.replace(self._scope, listing)
            self._version = listing.resource_version
            self._failures = 0
        async with aclosing(self._objects.watch(self._scope, self._version, WATCH_SECONDS)) as events:
            async for event in events:
                self._failures = 0
                self._cache.apply(self._scope, event)
                self._version = event.resource_version
