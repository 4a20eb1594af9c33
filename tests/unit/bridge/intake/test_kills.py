"""The bridge is killed at each of its calls, before it is carried out and after. The runner sends again."""

import functools
import hashlib
import inspect
from datetime import timedelta
from pathlib import Path

import pytest

from batterysim_bridge.cluster.cluster import Listing
from batterysim_bridge.intake.intake import Intake
from batterysim_bridge.intake.upload_headers import UploadHeaders
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.checkpoints import DirectoryCheckpointStore
from batterysim_bridge.store.directory import DirectoryStore
from batterysim_bridge.upkeep.collector import Collector
from batterysim_bridge.upkeep.orphans import Watchlist

from ..builders import NOON, parquet
from ..fake_cluster import SIMULATION, FakeCluster

CONTENT = parquet()
HEADERS = UploadHeaders(len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
CALLS = ("apply_status", "simulation", "living_uids", "find", "commit", "remove", "entries", "clean", "sign")
MOST_LIVES = 4


class KilledError(BaseException):
    """SIGKILL, as far as a test can tell: nothing catches it."""


class Killer:
    """Kills at one call, counted over all lives of the bridge. at: from 1; None: never."""

    def __init__(self, at: int | None = None, *, after: bool = False) -> None:
        self.count = 0
        self.at = at
        self.after = after

    def guard(self, item):
        """Count the calls of an object."""
        for name in CALLS:
            if hasattr(item, name):
                setattr(item, name, self._guarded(getattr(item, name)))
        return item

    def _begin(self) -> bool:
        self.count += 1
        if self.count == self.at and not self.after:
            raise KilledError
        return self.count == self.at

    def _guarded(self, do):
        @functools.wraps(do)
        async def call(*arguments, **keywords):
            is_last = self._begin()
            answer = await do(*arguments, **keywords)
            if is_last:
                raise KilledError
            return answer

        @functools.wraps(do)
        def call_at_once(*arguments, **keywords):
            is_last = self._begin()
            answer = do(*arguments, **keywords)
            if is_last:
                raise KilledError
            return answer

        return call if inspect.iscoroutinefunction(do) else call_at_once


class World:
    """A cluster and a volume, a runner that sends until it is answered, and bridges one after the other."""

    def __init__(self, killer: Killer, directory: Path, bridge) -> None:
        self.killer = killer
        self.directory = directory
        self.shares = bridge.shares
        self.cluster = killer.guard(FakeCluster())
        self.is_acknowledged = False

    async def live(self) -> None:
        """Start, compare store and cluster once, and take what the runner sends."""
        store = self.killer.guard(DirectoryStore(self.directory))
        checkpoints = self.killer.guard(DirectoryCheckpointStore(self.directory))
        known = ObjectCache()
        known.replace(None, Listing(tuple(self.cluster.objects.values()), "1"))
        collector = Collector(
            self.cluster,
            known,
            store,
            checkpoints,
            "http://bridge:8084",
            Metrics(),
            lambda: NOON + timedelta(hours=1),
            Watchlist(owner="us"),
        )
        intake = Intake(self.cluster, store, checkpoints, self.shares, "http://bridge:8084", lambda: NOON)
        await collector.clean_up()
        if not self.is_acknowledged:
            await intake.take_result(SIMULATION, HEADERS, blocks())
            self.is_acknowledged = True
        await collector.clean_up()

    async def settle(self) -> None:
        """Let bridges live until one of them has nothing more to do."""
        for _ in range(MOST_LIVES):
            try:
                await self.live()
            except KilledError:
                continue
            return
        pytest.fail("it does not come to rest")


async def blocks():
    yield CONTENT


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_kill_at_any_call_loses_no_result_and_stores_none_twice(
    tmp_path, bridge, after: bool
) -> None:
    quiet = Killer()
    await World(quiet, tmp_path / "quiet", bridge).settle()
    assert quiet.count >= 10
    for at in range(1, quiet.count + 1):
        killer = Killer(at, after=after)
        world = World(killer, tmp_path / str(at), bridge)

        await world.settle()

        where = f"killed at call {at} of {quiet.count}"
        assert killer.count >= at, where
        assert world.is_acknowledged, where
        assert world.cluster.status["results"]["sha256"] == HEADERS.sha256, where
        store = DirectoryStore(world.directory)
        (entry,) = store.entries()
        record = store.find(entry.key)
        assert record is not None, where
        assert record.sha256 == HEADERS.sha256, where
