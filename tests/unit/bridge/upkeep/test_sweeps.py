"""No table stays without its sweep, and retention counts tables like results."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from batterysim.change_kind import ChangeKind
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.cluster import WatchEvent, WatchEventType
from batterysim_bridge.cluster.sweeps import to_sweep
from batterysim_bridge.live.change import Change
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.tables.tables import DirectorySweepStore
from batterysim_bridge.upkeep import pruner as pruning
from batterysim_bridge.upkeep import reaper as reaping
from batterysim_bridge.upkeep.one_by_one import OneByOne
from batterysim_bridge.upkeep.orphans import GRACE_SECONDS, Watchlist
from batterysim_bridge.upkeep.pruner import Pruner
from batterysim_bridge.upkeep.reaper import Reaper
from batterysim_bridge.upkeep.retention import RetentionLimits
from batterysim_bridge.upkeep.settings import LifetimeSettings, SweepLifetimeSettings
from batterysim_bridge.upkeep.sweeps import SweepUpkeep

from ..builders import NAMESPACE, NOON, OTHER_UID
from ..fake_cluster import FakeCluster
from ..fake_sweeps import SWEEP, SWEEP_UID, FakeSweeps, part, show_sweeps

KEY = ResultKey(NAMESPACE, SWEEP_UID)
OWNER = "11111111-0000-4000-8000-000000000001"


class Clock:
    """Seconds that go forward when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def store_table(store: DirectorySweepStore, key: ResultKey) -> None:
    with store.incoming() as file:
        file.write_bytes(part(0))
        store.add_part(key, 0, 0, file)


def upkeep_of(bridge: Bridge, known: ObjectCache, clock: Clock) -> SweepUpkeep:
    watchlist = Watchlist(clock=clock, owner=OWNER)
    stores = bridge.sweep_store, bridge.store
    return SweepUpkeep(bridge.cluster, bridge.sweeps, known, *stores, watchlist, lambda: NOON)


@pytest.fixture
def upkeep(bridge: Bridge, sweeps: FakeSweeps, sweep_store: DirectorySweepStore, clock: Clock) -> SweepUpkeep:
    for key in (KEY, ResultKey(NAMESPACE, OTHER_UID)):
        store_table(sweep_store, key)
    sweeps.add(uid=OTHER_UID, name="other", phase="Succeeded", results={"rows": 1})
    return upkeep_of(bridge, bridge.known_sweeps, clock)


def stored(store: DirectorySweepStore) -> set[str]:
    return {entry.key.uid for entry in store.entries()}


async def test_the_table_of_a_sweep_that_is_gone_for_long_is_removed(
    upkeep: SweepUpkeep, sweep_store: DirectorySweepStore, clock: Clock
) -> None:
    await upkeep.collect()
    assert stored(sweep_store) == {SWEEP_UID, OTHER_UID}
    clock.now = GRACE_SECONDS + 1

    await upkeep.collect()

    assert stored(sweep_store) == {OTHER_UID}


async def test_where_no_sweep_is_known_nothing_is_removed(
    upkeep: SweepUpkeep, sweeps: FakeSweeps, sweep_store: DirectorySweepStore, clock: Clock
) -> None:
    sweeps.manifests.clear()
    await upkeep.collect()
    clock.now = GRACE_SECONDS + 1

    await upkeep.collect()

    assert stored(sweep_store) == {SWEEP_UID, OTHER_UID}


async def test_in_a_cluster_that_was_restored_from_a_backup_nothing_is_removed(
    upkeep: SweepUpkeep,
    bridge: Bridge,
    cluster: FakeCluster,
    sweep_store: DirectorySweepStore,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A sweep of after the backup is not there, and nobody has deleted it."""
    bridge.store.sign(OWNER)
    bridge.store.note_cleanups(OWNER, 7)
    cluster.cleaned_up = 5
    await upkeep.collect()
    clock.now = GRACE_SECONDS + 1

    await upkeep.collect()

    assert stored(sweep_store) == {SWEEP_UID, OTHER_UID}
    assert "the cluster was restored from a backup: it has counted 5 cleanups, its store 7" in caplog.text


async def test_a_namespace_that_cannot_be_listed_keeps_its_tables_and_holds_up_no_other(
    bridge: Bridge, sweeps: FakeSweeps, sweep_store: DirectorySweepStore, clock: Clock
) -> None:
    for namespace in (NAMESPACE, "deleted"):
        for uid in (SWEEP_UID, OTHER_UID):
            store_table(sweep_store, ResultKey(namespace, uid))
    sweeps.add(uid=OTHER_UID, name="other", phase="Succeeded", results={"rows": 1})
    sweeps.forbidden.add("deleted")
    upkeep = upkeep_of(bridge, ObjectCache((NAMESPACE, "deleted")), clock)
    await upkeep.collect()
    clock.now = GRACE_SECONDS + 1

    await upkeep.collect()

    assert {(entry.key.namespace, entry.key.uid) for entry in sweep_store.entries()} == {
        *((NAMESPACE, OTHER_UID), ("deleted", SWEEP_UID), ("deleted", OTHER_UID))
    }


async def test_a_deletion_that_is_told_removes_at_once(
    upkeep: SweepUpkeep, sweeps: FakeSweeps, sweep_store: DirectorySweepStore
) -> None:
    sweeps.add()
    gone = to_sweep(sweeps.manifests[SWEEP])

    await upkeep.follow([Change(ChangeKind.DELETED, gone)])

    assert stored(sweep_store) == {OTHER_UID}


async def test_it_follows_memory_until_the_bridge_ends(
    upkeep: SweepUpkeep, bridge: Bridge, sweeps: FakeSweeps, sweep_store: DirectorySweepStore
) -> None:
    sweeps.add()
    await show_sweeps(bridge)
    running = asyncio.create_task(upkeep.run())
    gone = to_sweep(sweeps.manifests.pop(SWEEP))
    await asyncio.sleep(0)

    bridge.known_sweeps.apply(None, WatchEvent(WatchEventType.DELETED, gone, "2"))

    async with asyncio.timeout(5):
        while stored(sweep_store) != {OTHER_UID}:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        bridge.known_sweeps.close()
        await running


async def test_a_deletion_that_was_missed_is_left_to_the_orphans(
    upkeep: SweepUpkeep, sweeps: FakeSweeps, sweep_store: DirectorySweepStore
) -> None:
    sweeps.add()
    gone = to_sweep(sweeps.manifests[SWEEP])

    await upkeep.follow([Change(ChangeKind.DELETED, gone, is_witnessed=False)])

    assert stored(sweep_store) == {SWEEP_UID, OTHER_UID}


async def test_a_table_that_could_not_be_removed_is_removed_later(
    upkeep: SweepUpkeep, sweeps: FakeSweeps, sweep_store: DirectorySweepStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeps.add()
    gone = to_sweep(sweeps.manifests[SWEEP])
    with monkeypatch.context() as patched:
        patched.setattr(sweep_store, "remove", failing)
        await upkeep.follow([Change(ChangeKind.DELETED, gone)])
    monkeypatch.setattr(upkeep, "_removals", OneByOne("removing a table"))  # it has waited for long enough

    await upkeep.follow([])

    assert stored(sweep_store) == {OTHER_UID}


def failing(_: ResultKey) -> bool:
    raise OSError("the volume is away")


@pytest.fixture
async def pruner(upkeep: SweepUpkeep, bridge: Bridge, clock: Clock) -> Callable[..., Pruner]:
    bridge.simulations.replace(None, await bridge.cluster.listing(None))

    def build(limits: RetentionLimits, now: datetime) -> Pruner:
        arguments = (limits, "http://bridge:8084", bridge.metrics, lambda: now, clock)
        pruner = Pruner(bridge.cluster, bridge.simulations, bridge.store, *arguments)
        pruner.include(upkeep)
        return pruner

    return build


async def prune_twice(pruner: Pruner, clock: Clock) -> None:
    """Time is only believed when it is the same a round later."""
    await pruner.prune()
    clock.now += pruning.INTERVAL_SECONDS + 1
    await pruner.prune()


async def test_retention_removes_old_tables_and_says_so(
    pruner: Callable[..., Pruner],
    bridge: Bridge,
    sweeps: FakeSweeps,
    sweep_store: DirectorySweepStore,
    clock: Clock,
) -> None:
    await show_sweeps(bridge)

    await prune_twice(pruner(RetentionLimits(max_age=timedelta(days=7)), NOON.replace(year=2099)), clock)

    # The other one has no sweep, which is not for retention to decide.
    assert stored(sweep_store) == {SWEEP_UID}
    results = sweeps.manifests["other"]["status"]["results"]
    assert (results["rows"], results["removalMessage"]) == (1, "it was older than 7 days")


@pytest.mark.parametrize(("phase", "left"), [("Succeeded", {SWEEP_UID}), ("Running", {SWEEP_UID, OTHER_UID})])
async def test_a_table_is_removed_after_its_own_time_and_its_end(
    phase: str,
    left: set[str],
    pruner: Callable[..., Pruner],
    bridge: Bridge,
    sweeps: FakeSweeps,
    sweep_store: DirectorySweepStore,
    clock: Clock,
) -> None:
    other = sweeps.manifests["other"]
    other["status"]["phase"] = phase
    other["spec"] = {**other["spec"], "run": {"retention": {"tableSeconds": 3600}}}
    await show_sweeps(bridge)

    await prune_twice(pruner(RetentionLimits(), NOON.replace(year=2099)), clock)

    assert stored(sweep_store) == left
    message = other["status"]["results"].get("removalMessage", "")
    assert message == (
        "" if OTHER_UID in left else "the time of its spec.run.retention.tableSeconds was over"
    )


async def test_a_table_that_a_crash_left_behind_its_removal_is_removed(
    pruner: Callable[..., Pruner],
    bridge: Bridge,
    sweeps: FakeSweeps,
    sweep_store: DirectorySweepStore,
    clock: Clock,
) -> None:
    """The status comes first: it never promises a table that is gone."""
    first = {"removedTime": "2026-11-24T12:00:00Z", "removalMessage": "it was older than 7 days"}
    sweeps.add(uid=OTHER_UID, name="other", phase="Succeeded", results={"rows": 1} | first)
    await show_sweeps(bridge)

    await prune_twice(pruner(RetentionLimits(max_age=timedelta(days=7)), NOON.replace(year=2099)), clock)

    assert stored(sweep_store) == {SWEEP_UID}
    assert sweeps.manifests["other"]["status"]["results"] == {"rows": 1} | first


async def test_a_sweep_is_deleted_after_its_time_and_its_table_with_it(
    bridge: Bridge, sweeps: FakeSweeps, clock: Clock
) -> None:
    sweeps.add(phase="Succeeded", completionTime="2026-11-01T12:00:00Z")
    sweeps.add(name="running", uid=OTHER_UID, phase="Running")
    await show_sweeps(bridge)
    lifetimes = LifetimeSettings(sweeps=SweepLifetimeSettings(default_seconds=86_400)).sweeps.read()
    counter = bridge.metrics.deleted_sweeps
    reaper = Reaper(sweeps, bridge.known_sweeps, lifetimes, counter, lambda: NOON, clock)

    await reaper.reap()
    clock.now += reaping.GRACE_SECONDS
    await reaper.reap()

    assert list(sweeps.manifests) == ["running"]
    assert (
        bridge.metrics.registry.get_sample_value("batterysim_bridge_deleted_sweeps_total", {"reason": "time"})
        == 1
    )
