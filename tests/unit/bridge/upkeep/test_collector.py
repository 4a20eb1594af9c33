"""Store and cluster come into step, and nothing is removed on a guess."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.change_kind import ChangeKind
from batterysim_bridge.cluster.cluster import ClusterError, Listing, WatchEvent, WatchEventType
from batterysim_bridge.live.change import Change
from batterysim_bridge.live.simulations import Simulations
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.store import ResultKey, StoredEntry
from batterysim_bridge.upkeep.collector import GRACE, Collector, orphans, unreported

from ..builders import NAMESPACE, NOON, OTHER_UID, UID, parquet, record
from ..fake_cluster import SIMULATION

OLD = NOON - 2 * GRACE


def entry(uid: str = UID, namespace: str = NAMESPACE, stored_time=OLD) -> StoredEntry:
    return StoredEntry(ResultKey(namespace, uid), stored_time, 1)


def test_a_result_whose_object_is_gone_is_an_orphan():
    assert orphans([entry(UID), entry(OTHER_UID)], {UID}, [None], NOON) == [ResultKey(NAMESPACE, OTHER_UID)]


def test_a_young_result_is_never_an_orphan():
    assert orphans([entry(stored_time=NOON - GRACE)], set(), [None], NOON) == []


def test_results_of_namespaces_that_were_not_listed_are_left_alone():
    assert orphans([entry(namespace="lab")], set(), [NAMESPACE], NOON) == []


@given(st.lists(st.uuids().map(str), unique=True), st.data())
def test_no_living_object_loses_its_result(uids, data):
    living = data.draw(st.sets(st.sampled_from(uids))) if uids else set()

    assert {key.uid for key in orphans(map(entry, uids), living, [None], NOON)} == set(uids) - living


def test_a_stored_result_that_its_status_lacks_is_unreported():
    reported = SIMULATION._replace(uid=OTHER_UID, has_result=True)

    assert unreported([entry(UID), entry(OTHER_UID)], [SIMULATION, reported]) == [SIMULATION]


def test_a_simulation_that_failed_is_not_given_a_result_afterwards():
    assert unreported([entry(UID)], [SIMULATION._replace(phase="Failed")]) == []


def test_a_simulation_without_a_result_has_nothing_to_report():
    assert unreported([], [SIMULATION]) == []


@pytest.fixture
def simulations() -> Simulations:
    known = Simulations()
    known.replace(None, Listing((SIMULATION,), "1"))
    return known


@pytest.fixture
def collector(cluster, simulations, store, checkpoints) -> Collector:
    # The store's clock is the machine's, so the collector's is ahead of it by more than the grace.
    now = NOON + timedelta(days=36500)
    return Collector(cluster, simulations, store, checkpoints, "http://bridge:8084", Metrics(), lambda: now)


@pytest.fixture
def stored(store) -> ResultKey:
    with store.incoming() as file:
        file.write_bytes(parquet())
        return store.commit(file, record(parquet())).key


def empty(simulations: Simulations) -> None:
    simulations.replace(None, Listing((), "2"))


async def test_a_sweep_removes_orphans(collector, cluster, simulations, store, stored):
    cluster.objects.clear()
    empty(simulations)

    await collector.sweep()

    assert store.find(stored) is None


async def test_an_object_that_memory_lacks_but_the_api_server_has_keeps_its_result(
    collector, simulations, store, stored
):
    empty(simulations)

    await collector.sweep()

    assert store.find(stored) is not None


async def test_a_sweep_reports_what_a_crash_left_unreported(collector, cluster, store, stored):
    await collector.sweep()

    assert cluster.status["results"]["sha256"] == record(parquet()).sha256
    assert store.find(stored) is not None


async def test_a_sweep_without_the_api_server_removes_nothing(collector, cluster, simulations, store, stored):
    cluster.objects.clear()
    empty(simulations)
    cluster.is_down = True

    with pytest.raises(ClusterError):
        await collector.sweep()

    assert store.find(stored) is not None


async def test_the_result_of_a_deleted_object_is_removed_at_once(collector, store, stored):
    other = SIMULATION._replace(uid=OTHER_UID)

    await collector.follow([Change(ChangeKind.DELETED, other), Change(ChangeKind.DELETED, SIMULATION)])

    assert store.find(stored) is None


@pytest.mark.parametrize(
    "change",
    [Change(ChangeKind.END, SIMULATION), Change(ChangeKind.DELETED, SIMULATION, is_witnessed=False)],
    ids=["another change", "a deletion that nobody has seen"],
)
async def test_nothing_else_removes_a_result_at_once(collector, store, stored, change):
    await collector.follow([change])

    assert store.find(stored) is not None


async def test_the_collector_follows_what_is_deleted_while_it_runs(collector, simulations, store, stored):
    task = asyncio.create_task(collector.run())
    deleted = SIMULATION._replace(resource_version="2")
    while store.find(stored) is not None:
        simulations.apply(None, WatchEvent(WatchEventType.DELETED, deleted, "2"))
        await asyncio.sleep(0.001)

    simulations.close()
    await asyncio.wait_for(task, 5)


async def test_an_object_replaced_since_the_list_is_left_alone(collector, cluster, stored):
    listed = cluster.objects.copy()
    cluster.objects["cell-discharge"] = SIMULATION._replace(uid=OTHER_UID)

    for simulation in listed.values():
        await collector._report(simulation)

    assert cluster.status == {}


@pytest.fixture
def saved(checkpoints) -> ResultKey:
    key = ResultKey(NAMESPACE, UID)
    with checkpoints.incoming() as file:
        file.write_bytes(b"a checkpoint")
        checkpoints.commit(file, key)
    return key


async def test_a_sweep_keeps_the_checkpoint_of_a_living_object_only(
    collector, cluster, simulations, checkpoints, saved
):
    await collector.sweep()
    assert [entry.key for entry in checkpoints.entries()] == [saved]

    cluster.objects.clear()
    empty(simulations)
    await collector.sweep()
    assert list(checkpoints.entries()) == []


async def test_a_deleted_object_takes_its_checkpoint_with_it(collector, checkpoints, saved):
    await collector.follow([Change(ChangeKind.DELETED, SIMULATION)])

    assert list(checkpoints.entries()) == []
