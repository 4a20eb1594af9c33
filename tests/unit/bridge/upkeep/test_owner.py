"""A store that several releases or clusters share: none removes another's results."""

import logging
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from batterysim_bridge.cluster.cluster import Listing
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.checkpoints import DirectoryCheckpointStore
from batterysim_bridge.upkeep.collector import Collector
from batterysim_bridge.upkeep.orphans import GRACE_SECONDS, Watchlist

from ..builders import NOON, parquet, put
from ..fake_cluster import SIMULATION, FakeCluster

OURS, THEIRS = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"


class Release:
    """A bridge with simulations of its own, all with results in a store."""

    def __init__(self, owner: str, place, directory: Path, runs: int) -> None:
        self.seconds = 0.0
        self.metrics = Metrics()
        self.store = place.replica()
        self.cluster = FakeCluster()
        self.uids = [str(uuid4()) for _ in range(runs)]
        items = [SIMULATION._replace(name=f"s{uid}", uid=uid, has_result=True) for uid in self.uids]
        self.cluster.objects = {item.name: item for item in items}
        known = ObjectCache()
        known.replace(None, Listing(tuple(items), "1"))
        for uid in self.uids:
            put(self.store, parquet(), uid)
        self.collector = Collector(
            self.cluster,
            known,
            self.store,
            DirectoryCheckpointStore(directory),
            "http://bridge:8084",
            self.metrics,
            lambda: NOON + timedelta(days=1),
            Watchlist(clock=lambda: self.seconds, owner=owner),
        )

    async def sweep_for_days(self) -> None:
        for _ in range(3):
            await self.collector.clean_up()
            self.seconds += GRACE_SECONDS + 1


@pytest.mark.parametrize("runs", [0, 3, 100], ids=["empty cluster", "few", "many"])
async def test_a_second_release_on_the_same_store_removes_nothing(place, tmp_path, caplog, runs: int) -> None:
    """Few results of another are less than a tenth of many of one's own."""
    caplog.set_level(logging.ERROR)
    first = Release(OURS, place, tmp_path, 5)
    await first.sweep_for_days()
    second = Release(THEIRS, place, tmp_path, runs)

    await second.sweep_for_days()
    await first.sweep_for_days()

    assert len(list(first.store.entries())) == 5 + runs
    assert second.metrics.registry.get_sample_value("batterysim_bridge_orphans", {"state": "refused"}) == 5
    assert "nothing is removed" in caplog.text
    assert runs == 0 or OURS in caplog.text


async def test_one_release_alone_removes_what_has_lost_its_simulation(place, tmp_path) -> None:
    only = Release(OURS, place, tmp_path, 30)
    put(only.store, parquet(), str(uuid4()))

    await only.sweep_for_days()

    assert {entry.key.uid for entry in only.store.entries()} == set(only.uids)
