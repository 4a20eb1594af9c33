"""Looks regularly whether something that the bridge depends on works, one look at a time.

It only tells: in the metrics, and in the log when it changes. A look that gets no answer is waited for, so
that something that hangs costs one thread, however long it lasts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from prometheus_client import Gauge

from batterysim_bridge.cluster.cluster import ClusterError

PAUSE_SECONDS = 30.0
PATIENCE_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Watchdog:
    """Looks after one part. `check` returns if it works, and else raises ClusterError or OSError."""

    def __init__(self, part: str, check: Callable[[], Awaitable[None]], up: Gauge) -> None:
        self._part = part
        self._check = check
        self._up = up.labels(part)
        self._objection: str | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.check()
            await asyncio.sleep(PAUSE_SECONDS)

    async def check(self) -> None:
        """Look once, and wait for the answer however long it takes."""
        check = asyncio.ensure_future(self._check())
        done, _ = await asyncio.wait({check}, timeout=PATIENCE_SECONDS)
        if not done:
            self._tell(f"no answer for {PATIENCE_SECONDS:g} s")
        try:
            await check
        except (ClusterError, OSError) as error:
            self._tell(str(error))
        else:
            self._tell(None)

    def _tell(self, objection: str | None) -> None:
        self._up.set(objection is None)
        if objection == self._objection:
            return
        self._objection = objection
        if objection is None:
            logger.info("the %s works again", self._part)
        else:
            logger.error("the %s is unavailable: %s", self._part, objection)
