"""Retention at work: the status says what is gone, and why, before it is gone."""

import asyncio
from datetime import timedelta

import pytest

from batterysim.status import BatterySimulationStatus
from batterysim_bridge.cluster.cluster import ClusterError, Listing
from batterysim_bridge.intake.status_patch import result_status
from batterysim_bridge.live.simulation import to_simulation
from batterysim_bridge.live.simulations import Simulations
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.upkeep.pruner import Pruner, is_held
from batterysim_bridge.upkeep.retention import RetentionLimits

from ..builders import NAME, NAMESPACE, NOON, OTHER_UID, UID, manifest, parquet, put, record
from ..fake_cluster import SIMULATION

KEY = ResultKey(NAMESPACE, UID)
BRIDGE_URL = "http://bridge:8084"
RUNNING = SIMULATION._replace(resource_version="2")
ENDED = SIMULATION._replace(phase="Succeeded")
# The store's clock is the machine's, so the pruner's is ahead of it by more than any limit.
LATER = NOON + timedelta(days=36500)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def simulations() -> Simulations:
    known = Simulations()
    known.replace(None, Listing((ENDED,), "1"))
    return known


@pytest.fixture
def pruner(cluster, simulations, store, metrics) -> Pruner:
    limits = RetentionLimits(max_age=timedelta(days=30))
    return Pruner(cluster, simulations, store, limits, BRIDGE_URL, metrics, lambda: LATER)


async def test_what_is_due_is_removed_and_its_status_says_so(pruner, cluster, store, metrics):
    put(store, parquet())

    await pruner.prune()

    assert store.find(KEY) is None
    results = cluster.status["results"]
    assert (results["removedTime"], results["removalMessage"]) == (
        "2126-10-31T12:00:00Z",
        "it was older than 30 days",
    )
    assert (
        metrics.registry.get_sample_value("batterysim_bridge_removed_results_total", {"reason": "age"}) == 1
    )


async def test_everything_else_that_the_bridge_has_said_stays_in_the_status(pruner, cluster, store):
    """Server-side apply takes away what a writer does not repeat."""
    put(store, parquet())

    await pruner.prune()

    before = result_status(record(parquet()), BRIDGE_URL)
    after = dict(cluster.status)
    results = dict(after.pop("results"))
    assert {name: results[name] for name in before["results"]} == before.pop("results")
    assert after == before
    BatterySimulationStatus.model_validate(cluster.status)


async def test_a_status_that_cannot_be_written_keeps_the_result(pruner, cluster, store):
    put(store, parquet())
    cluster.refuses_status = True

    with pytest.raises(ClusterError):
        await pruner.prune()

    assert store.find(KEY) is not None


@pytest.mark.parametrize("uid", [OTHER_UID, None], ids=["made again", "deleted"])
async def test_the_result_of_an_object_that_is_gone_is_left_to_the_collector(pruner, cluster, store, uid):
    put(store, parquet())
    cluster.objects = {} if uid is None else {NAME: ENDED._replace(uid=uid)}

    await pruner.prune()

    assert store.find(KEY) is not None
    assert cluster.status == {}


async def test_a_result_whose_object_is_not_known_is_left_alone(pruner, simulations, store):
    put(store, parquet())
    simulations.replace(None, Listing((), "2"))

    await pruner.prune()

    assert store.find(KEY) is not None


async def test_of_two_replicas_the_second_finds_nothing_to_do(pruner, cluster, store, metrics):
    put(store, parquet())

    await asyncio.gather(pruner.prune(), pruner.prune())
    cluster.status.clear()
    await pruner.prune()

    assert cluster.status == {}
    assert (
        metrics.registry.get_sample_value("batterysim_bridge_removed_results_total", {"reason": "age"}) == 1
    )


async def test_a_result_that_is_still_owed_is_kept(pruner, simulations, store):
    put(store, parquet())
    simulations.replace(None, Listing((RUNNING,), "2"))

    await pruner.prune()

    assert store.find(KEY) is not None


@pytest.mark.parametrize(
    ("phase", "callback", "held"),
    [
        ("Running", None, True),
        ("Succeeded", None, False),
        ("Succeeded", {"messageId": "a", "attempts": 3, "nextAttemptTime": "2026-11-24T13:00:00Z"}, True),
        ("Succeeded", {"messageId": "a", "attempts": 1, "deliveredTime": "2026-11-24T13:00:00Z"}, False),
    ],
    ids=["the operator has not seen it", "nobody waits", "a callback is tried again", "it was delivered"],
)
def test_who_waits_for_a_result_holds_it(phase, callback, held):
    status = {"phase": phase, **({"callback": callback} if callback else {})}

    assert is_held(to_simulation({**manifest(), "status": status})) is held


async def test_without_limits_it_does_not_even_look(cluster, simulations, store, metrics):
    pruner = Pruner(cluster, simulations, store, RetentionLimits(), BRIDGE_URL, metrics, lambda: LATER)

    await asyncio.wait_for(pruner.run(), 1)


async def test_it_prunes_as_soon_as_the_simulations_are_known(pruner, store):
    put(store, parquet())

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pruner.run(), 0.5)

    assert store.find(KEY) is None
