"""Store and cluster come into step, and nothing is removed on a guess."""

import asyncio
from datetime import timedelta

import pytest

from batterysim.change_kind import ChangeKind
from batterysim_bridge.cluster.cluster import ClusterError, Listing, WatchEvent, WatchEventType
from batterysim_bridge.live.change import Change
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.store import ResultKey, StoredEntry
from batterysim_bridge.upkeep.collector import Collector, unreported
from batterysim_bridge.upkeep.orphans import GRACE_SECONDS, Watchlist

from ..builders import NAME, NAMESPACE, NOON, OTHER_UID, UID, parquet, record
from ..fake_cluster import SIMULATION


def entry(uid: str = UID, namespace: str = NAMESPACE, stored_time=NOON) -> StoredEntry:
    return StoredEntry(ResultKey(namespace, uid), stored_time, 1)


def test_a_stored_result_that_its_status_lacks_is_unreported():
    reported = SIMULATION._replace(uid=OTHER_UID, has_result=True)

    assert unreported([entry(UID), entry(OTHER_UID)], [SIMULATION, reported]) == [SIMULATION]


def test_a_simulation_that_failed_is_not_given_a_result_afterwards():
    assert unreported([entry(UID)], [SIMULATION._replace(phase="Failed")]) == []


def test_a_simulation_without_a_result_has_nothing_to_report():
    assert unreported([], [SIMULATION]) == []


@pytest.fixture
def simulations() -> ObjectCache:
    known = ObjectCache()
    known.replace(None, Listing((SIMULATION,), "1"))
    return known


class Clock:
    """Seconds that go forward when told to."""

    def __init__(self) -> None:
        self.seconds = 1e6

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def monotonic() -> Clock:
    return Clock()


@pytest.fixture
def collector(cluster, simulations, store, checkpoints, monotonic) -> Collector:
    return Collector(
        cluster,
        simulations,
        store,
        checkpoints,
        "http://bridge:8084",
        Metrics(),
        lambda: NOON + timedelta(days=36500),
        Watchlist(clock=monotonic),
    )


@pytest.fixture
def neighbour(cluster, store) -> None:
    """Have another simulation that lives and has its result, so that this is the right cluster."""
    cluster.objects["neighbour"] = SIMULATION._replace(name="neighbour", uid=OTHER_UID, has_result=True)
    with store.incoming() as file:
        file.write_bytes(parquet())
        store.commit(file, record(parquet(), uid=OTHER_UID))


@pytest.fixture
def stored(store) -> ResultKey:
    with store.incoming() as file:
        file.write_bytes(parquet())
        return store.commit(file, record(parquet())).key


def empty(simulations: ObjectCache) -> None:
    simulations.replace(None, Listing((), "2"))


async def test_an_orphan_is_removed_hours_after_it_was_noticed(
    collector, cluster, simulations, store, stored, neighbour, monotonic
):
    """Not after it was stored: a bridge that meets a restored cluster would remove everything at once."""
    del cluster.objects[NAME]
    empty(simulations)

    await collector.clean_up()
    monotonic.seconds += GRACE_SECONDS - 1
    await collector.clean_up()
    assert store.find(stored) is not None

    monotonic.seconds += 1
    await collector.clean_up()
    assert store.find(stored) is None


async def test_an_orphan_that_has_its_object_again_begins_to_wait_from_the_beginning(
    collector, cluster, simulations, store, stored, neighbour, monotonic
):
    objects = dict(cluster.objects)
    del cluster.objects[NAME]
    empty(simulations)
    await collector.clean_up()
    cluster.objects.update(objects)
    monotonic.seconds += GRACE_SECONDS
    await collector.clean_up()

    del cluster.objects[NAME]
    await collector.clean_up()

    assert store.find(stored) is not None


async def test_where_nothing_of_the_store_lives_nothing_is_removed(
    collector, cluster, simulations, store, stored, monotonic, caplog
):
    cluster.objects.clear()
    empty(simulations)

    await collector.clean_up()
    monotonic.seconds += 10 * GRACE_SECONDS
    await collector.clean_up()

    assert store.find(stored) is not None
    assert (
        "nothing is removed: 1 of 1 results have no simulation, and no result in the store has "
        "one" in caplog.text
    )
    assert collector._metrics.orphans.labels("refused")._value.get() == 1


async def test_an_object_that_memory_lacks_but_the_api_server_has_keeps_its_result(
    collector, simulations, store, stored
):
    empty(simulations)

    await collector.clean_up()

    assert store.find(stored) is not None


async def test_a_sweep_reports_what_a_crash_left_unreported(collector, cluster, store, stored):
    await collector.clean_up()

    assert cluster.status["results"]["sha256"] == record(parquet()).sha256
    assert store.find(stored) is not None


async def test_a_sweep_without_the_api_server_removes_nothing(collector, cluster, simulations, store, stored):
    cluster.objects.clear()
    empty(simulations)
    cluster.is_down = True

    with pytest.raises(ClusterError):
        await collector.clean_up()

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
    collector, cluster, simulations, checkpoints, saved, neighbour, monotonic
):
    await collector.clean_up()
    assert [entry.key for entry in checkpoints.entries()] == [saved]

    del cluster.objects[NAME]
    empty(simulations)
    await collector.clean_up()
    monotonic.seconds += GRACE_SECONDS
    await collector.clean_up()
    assert list(checkpoints.entries()) == []


@pytest.mark.parametrize("ended", [{"phase": "Failed"}, {"has_result": True}], ids=["failed", "succeeded"])
async def test_the_checkpoint_of_a_simulation_that_has_ended_goes(
    collector, simulations, checkpoints, saved, ended
):
    simulations.replace(None, Listing((SIMULATION._replace(**ended, resource_version="9"),), "9"))

    await collector.clean_up()

    assert list(checkpoints.entries()) == []


async def test_a_checkpoint_counts_as_stored(collector, saved):
    await collector.clean_up()

    assert collector._metrics.store_bytes._value.get() == len(b"a checkpoint")


async def test_one_status_that_cannot_be_written_does_not_keep_the_others_waiting(
    collector, cluster, simulations, store, stored, neighbour
):
    broken = {UID}
    apply = cluster.apply_status

    async def apply_status(simulation, *arguments, **options):
        if simulation.uid in broken:
            raise ClusterError("the API server did not write a status: 422")
        await apply(simulation, *arguments, **options)

    cluster.apply_status = apply_status
    other = SIMULATION._replace(name="neighbour", uid=OTHER_UID)
    cluster.objects["neighbour"] = other
    simulations.replace(None, Listing((SIMULATION, other), "2"))

    await collector.clean_up()

    assert cluster.status["results"]["sha256"] == record(parquet()).sha256


async def test_a_deleted_object_takes_its_checkpoint_with_it(collector, checkpoints, saved):
    await collector.follow([Change(ChangeKind.DELETED, SIMULATION)])

    assert list(checkpoints.entries()) == []


async def test_a_namespace_that_was_deleted_does_not_stop_the_sweep_of_the_others(
    cluster, store, checkpoints, stored, monotonic
):
    simulations = ObjectCache(("gone", NAMESPACE))
    simulations.leave_out("gone")
    simulations.replace(NAMESPACE, Listing((SIMULATION._replace(name="neighbour", uid=OTHER_UID),), "1"))
    cluster.objects = {"neighbour": SIMULATION._replace(name="neighbour", uid=OTHER_UID)}
    cluster.forbidden = {"gone"}
    with store.incoming() as file:
        file.write_bytes(parquet())
        elsewhere = store.commit(file, record(parquet(), namespace="gone")).key
    with store.incoming() as file:
        file.write_bytes(parquet())
        store.commit(file, record(parquet(), uid=OTHER_UID))
    collector = Collector(
        cluster,
        simulations,
        store,
        checkpoints,
        "http://bridge:8084",
        Metrics(),
        lambda: NOON,
        Watchlist(clock=monotonic),
    )

    await collector.clean_up()
    monotonic.seconds += GRACE_SECONDS
    await collector.clean_up()

    assert store.find(stored) is None
    assert store.find(elsewhere) is not None
