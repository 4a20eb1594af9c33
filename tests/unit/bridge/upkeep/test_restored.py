"""A cluster that was restored from a backup lacks simulations that nobody has deleted: their results stay."""

import copy
import logging
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from batterysim_bridge.cluster.cluster import ClusterError, Listing
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.checkpoints import DirectoryCheckpointStore
from batterysim_bridge.upkeep.collector import Collector
from batterysim_bridge.upkeep.orphans import GRACE_SECONDS, Watchlist
from batterysim_bridge.upkeep.restored import count_cleanup

from ..builders import NOON, parquet, put
from ..fake_cluster import SIMULATION, FakeCluster

OWNER = "11111111-0000-4000-8000-000000000001"
SWEEPS_OF_TEN_MINUTES = 2


class Release:
    """A cluster with a bridge, which is started again at each sweep, and a store."""

    def __init__(self, place, directory: Path) -> None:
        self.seconds = 0.0
        self.metrics = Metrics()
        self.store = place.replica()
        self.cluster = FakeCluster()
        self.cluster.objects = {}
        self.directory = directory
        self.watchlist = Watchlist(clock=lambda: self.seconds, owner=OWNER)

    def run(self, runs: int) -> None:
        """Have simulations come and end, each with a result."""
        for _ in range(runs):
            uid = str(uuid4())
            self.cluster.objects[f"s{uid}"] = SIMULATION._replace(name=f"s{uid}", uid=uid, has_result=True)
            put(self.store, parquet(), uid)

    def back_up(self) -> FakeCluster:
        saved = copy.copy(self.cluster)
        saved.objects = dict(self.cluster.objects)
        return saved

    async def sweep(self, times: int) -> None:
        """Sweep, hours apart."""
        for _ in range(times):
            known = ObjectCache()
            known.replace(None, Listing(tuple(self.cluster.objects.values()), "1"))
            await Collector(
                self.cluster,
                known,
                self.store,
                DirectoryCheckpointStore(self.directory),
                "http://bridge:8084",
                self.metrics,
                lambda: NOON + timedelta(days=1),
                self.watchlist,
            ).clean_up()
            self.seconds += GRACE_SECONDS / 2

    @property
    def stored(self) -> int:
        return len(list(self.store.entries()))

    def orphans(self, state: str) -> float | None:
        return self.metrics.registry.get_sample_value("batterysim_bridge_orphans", {"state": state})


@pytest.fixture
def release(place, tmp_path: Path) -> Release:
    return Release(place, tmp_path)


@pytest.mark.parametrize(("before", "lost"), [(30, 5), (3, 1), (1, 7), (60, 40)])
async def test_results_of_after_the_backup_stay(release, caplog, before: int, lost: int) -> None:
    """Five of 35 once went after six hours, because so few may always go."""
    caplog.set_level(logging.ERROR)
    release.run(before)
    await release.sweep(1)
    backup = release.back_up()
    release.run(lost)
    await release.sweep(SWEEPS_OF_TEN_MINUTES)

    release.cluster = backup
    await release.sweep(1)

    assert (release.orphans("refused"), release.orphans("waiting")) == (lost, 0)
    assert (
        f"{lost} of {before + lost} results have no simulation, and the cluster was restored" in caplog.text
    )
    await release.sweep(20)
    assert release.stored == before + lost


async def test_they_have_their_simulations_again_after_a_newer_backup(release) -> None:
    release.run(30)
    await release.sweep(1)
    older = release.back_up()
    release.run(5)
    await release.sweep(3)
    newer = release.back_up()
    await release.sweep(1)

    for release.cluster in (older, newer):
        await release.sweep(5)

    assert release.stored == 35
    assert release.orphans("refused") == 0


async def test_a_cluster_that_is_set_up_from_nothing_is_behind_its_store(release) -> None:
    """As by a tool that creates each object again, which has another UID then."""
    release.run(5)
    await release.sweep(1)
    release.cluster.objects, release.cluster.cleaned_up = {}, 0
    release.run(50)

    await release.sweep(20)

    assert release.stored == 55


async def test_they_go_when_somebody_says_so(release) -> None:
    release.run(30)
    await release.sweep(1)
    backup = release.back_up()
    release.run(5)
    await release.sweep(1)
    release.cluster = backup

    release.watchlist = Watchlist(1.0, lambda: release.seconds, OWNER)
    await release.sweep(3)
    assert release.stored == 30

    release.watchlist = Watchlist(clock=lambda: release.seconds, owner=OWNER)
    await release.sweep(1)
    assert release.orphans("refused") == 0


async def test_what_was_deleted_without_a_witness_goes_after_hours(release) -> None:
    release.run(30)
    await release.sweep(3)
    release.cluster.objects.popitem()

    await release.sweep(3)

    assert release.stored == 29


@pytest.mark.parametrize("status", [403, 404])
async def test_a_bridge_that_may_not_count_removes_nothing(release, caplog, status: int) -> None:
    release.run(30)
    release.cluster.lease_error = ClusterError("leases is forbidden", status)
    release.cluster.objects.popitem()

    await release.sweep(5)

    assert release.stored == 30
    assert (
        "it cannot be told whether the cluster was restored from a backup: leases is forbidden" in caplog.text
    )


async def test_of_two_replicas_at_the_same_moment_one_counts(place) -> None:
    store, cluster = place.replica(), FakeCluster()
    store.sign(OWNER)
    before = await cluster.cleanups()

    assert await count_cleanup(cluster, store, OWNER, accepts=False) is None
    assert not await cluster.count_cleanup(before, 1)
    assert await count_cleanup(cluster, store, OWNER, accepts=False) is None

    assert (cluster.cleaned_up, store.cleanups(OWNER)) == (2, 2)


async def test_a_bridge_that_ends_between_the_two_counts_has_restored_nothing(place) -> None:
    store, cluster = place.replica(), FakeCluster()
    store.sign(OWNER)
    await count_cleanup(cluster, store, OWNER, accepts=False)
    await cluster.count_cleanup(await cluster.cleanups(), 2)

    assert await count_cleanup(cluster, store, OWNER, accepts=False) is None
    assert (cluster.cleaned_up, store.cleanups(OWNER)) == (3, 3)
