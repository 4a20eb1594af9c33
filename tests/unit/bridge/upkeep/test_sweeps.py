"""No table stays without its sweep, and retention counts tables like results."""

from datetime import timedelta
from pathlib import Path

import pytest

from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.sweeps import Deleted
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.tables.tables import DirectorySweepStore
from batterysim_bridge.upkeep import pruner as pruning
from batterysim_bridge.upkeep.orphans import GRACE_SECONDS, Watchlist
from batterysim_bridge.upkeep.pruner import Pruner
from batterysim_bridge.upkeep.retention import RetentionLimits
from batterysim_bridge.upkeep.sweeps import SweepUpkeep

from ..builders import NAMESPACE, NOON, OTHER_UID
from ..fake_sweeps import SWEEP_UID, FakeSweeps, part

KEY = ResultKey(NAMESPACE, SWEEP_UID)


class Clock:
    """Seconds that go forward when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def upkeep(bridge: Bridge, sweeps: FakeSweeps, sweep_store: DirectorySweepStore, clock: Clock) -> SweepUpkeep:
    for key in (KEY, ResultKey(NAMESPACE, OTHER_UID)):
        with sweep_store.incoming() as file:
            file.write_bytes(part(0))
            sweep_store.add_part(key, 0, 0, file)
    sweeps.add(uid=OTHER_UID, name="other", phase="Succeeded", results={"rows": 1})
    watchlist = Watchlist(clock=clock, owner="release")
    return SweepUpkeep(sweeps, sweep_store, bridge.store, (None,), watchlist, lambda: NOON)


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


async def test_a_deletion_that_is_seen_removes_at_once(
    upkeep: SweepUpkeep, sweeps: FakeSweeps, sweep_store: DirectorySweepStore
) -> None:
    sweeps.deleted = [Deleted(NAMESPACE, SWEEP_UID)]

    await upkeep.follow(None)

    assert stored(sweep_store) == {OTHER_UID}


async def test_retention_removes_old_tables_and_says_so(
    upkeep: SweepUpkeep,
    bridge: Bridge,
    sweeps: FakeSweeps,
    sweep_store: DirectorySweepStore,
    clock: Clock,
    tmp_path: Path,
) -> None:
    bridge.simulations.replace(None, await bridge.cluster.simulations(None))
    later = [NOON.replace(year=2099)]
    pruner = Pruner(
        bridge.cluster,
        bridge.simulations,
        bridge.store,
        RetentionLimits(max_age=timedelta(days=7)),
        "http://bridge:8084",
        bridge.metrics,
        lambda: later[0],
        clock,
    )
    pruner.include(upkeep)
    await pruner.prune()
    clock.now = pruning.INTERVAL_SECONDS + 1

    await pruner.prune()

    # The other one has no sweep, which is not for retention to decide.
    assert stored(sweep_store) == {SWEEP_UID}
    results = sweeps.manifests["other"]["status"]["results"]
    assert (results["rows"], results["removalMessage"]) == (1, "it was older than 7 days")
