"""Keeps the tables of sweeps in step with the cluster: none stays without its sweep.

Deletions that are seen remove at once; of those that were missed, a table is an orphan, which takes as long
and is asked about as for results.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from batterysim.process.logs import about
from batterysim_bridge.cluster.cluster import ClusterError, StatusConflictError
from batterysim_bridge.cluster.sweeps import ENDED, SweepObjects, identity_of
from batterysim_bridge.live.simulations import Scope
from batterysim_bridge.store.store import ResultKey, ResultStore, StoredEntry
from batterysim_bridge.store.tables.tables import SweepStore
from batterysim_bridge.store.threads import call_store
from batterysim_bridge.upkeep.orphans import Watchlist, orphans

ROUND_SECONDS = 300
PAUSE_SECONDS = 0.2
"""A watch that ends at once is not asked for again without a pause."""
RETRY_SECONDS = 5.0

OF_THE_BRIDGE = ("design", "progress", "failures", "best", "results", "provenance")

logger = logging.getLogger(__name__)


class SweepUpkeep:
    """Removes tables whose sweep is gone, and those that retention removes.

    results: the store of results, which other releases sign. `clock` gives the time in UTC.
    """

    def __init__(
        self,
        sweeps: SweepObjects,
        store: SweepStore,
        results: ResultStore,
        scopes: Sequence[Scope],
        watchlist: Watchlist,
        clock: Callable[[], datetime],
    ) -> None:
        self._sweeps = sweeps
        self._store = store
        self._results = results
        self._scopes = scopes
        self._watchlist = watchlist
        self._clock = clock

    async def run(self) -> None:
        """Keep them in step until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forever(self._sweep_and_pause))
            for scope in self._scopes:
                group.create_task(self._forever(partial(self.follow, scope)))

    async def collect(self) -> None:
        """Remove the tables whose sweep has been gone for long."""
        stored = await self.stored()
        if not stored:
            return
        living: set[str] = set()
        for scope in self._scopes:
            living |= await self._sweeps.living_uids(scope)
        found = orphans(stored, living, self._scopes)
        others = await call_store(self._results.owners)
        verdict = self._watchlist.judge(
            found, {entry.key.uid for entry in stored}, living, others - {self._watchlist.owner}
        )
        if verdict.refusal is not None:
            logger.error("no table is removed: %s", verdict.refusal)
        for key in verdict.removable:
            await self._remove(key)

    async def stored(self) -> list[StoredEntry]:
        """List the stored tables."""
        return await call_store(lambda: list(self._store.entries()))

    async def ended(self) -> Mapping[str, bool]:
        """Return whether each sweep has ended, by UID."""
        return {uid: _has_ended(manifest) for uid, manifest in (await self._manifests()).items()}

    async def remove(self, key: ResultKey, message: str) -> bool:
        """Remove a table, and say so in the sweep's status. Tells whether there was one."""
        manifest = (await self._manifests()).get(key.uid)
        if manifest is None:
            return False
        status = {name: part for name, part in manifest["status"].items() if name in OF_THE_BRIDGE}
        removed = {"removedTime": self._clock().isoformat(), "removalMessage": message}
        try:
            await self._sweeps.apply_status(
                identity_of(manifest), {**status, "results": {**status["results"], **removed}}
            )
        except StatusConflictError:  # it is gone, and its table is an orphan
            return False
        return await call_store(self._store.remove, key)

    async def _manifests(self) -> dict[str, dict[str, Any]]:
        found = [item for scope in self._scopes for item in await self._sweeps.listing(scope)]
        return {item["metadata"]["uid"]: item for item in found}

    async def follow(self, scope: Scope) -> None:
        """Remove the tables of sweeps that are deleted, for a while."""
        async for deleted in self._sweeps.deletions(scope, ROUND_SECONDS):
            await self._remove(ResultKey(deleted.namespace, deleted.uid))

    async def _remove(self, key: ResultKey) -> None:
        if await call_store(self._store.remove, key):
            logger.info("removed the table of a deleted sweep", extra=about(key.namespace, "", key.uid))

    async def _sweep_and_pause(self) -> None:
        await self.collect()
        await asyncio.sleep(ROUND_SECONDS)

    async def _forever(self, step: Callable[[], Any]) -> None:
        while True:
            try:
                await step()
                await asyncio.sleep(PAUSE_SECONDS)
            except (ClusterError, OSError) as error:
                logger.warning("the tables of sweeps are not in step yet, retrying: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                logger.exception("the upkeep of sweeps failed, trying again")
                await asyncio.sleep(RETRY_SECONDS)


def _has_ended(manifest: Mapping[str, Any]) -> bool:
    status = manifest.get("status") or {}
    return status.get("phase") in ENDED and "removedTime" not in status.get("results", {"removedTime": ""})
