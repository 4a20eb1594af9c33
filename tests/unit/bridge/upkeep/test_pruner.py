"""Retention at work: the status says what is gone, and why, before it is gone."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from batterysim.status import BatterySimulationStatus
from batterysim_bridge.cluster.cluster import ClusterError, Listing
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_bridge.intake.status_patch import result_status
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.upkeep.pruner import INTERVAL_SECONDS, Pruner, is_held
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
def simulations() -> ObjectCache:
    known = ObjectCache()
    known.replace(None, Listing((ENDED,), "1"))
    return known


class PatientPruner(Pruner):
    """Makes two rounds, one interval apart, because what is due for its age is removed in the second."""

    def __init__(self, *arguments: Any) -> None:
        self.seconds = 0.0
        super().__init__(*arguments, lambda: self.seconds)

    async def prune_twice(self) -> None:
        await self.prune()
        self.seconds += INTERVAL_SECONDS
        await self.prune()


@pytest.fixture
def pruner(cluster, simulations, store, metrics) -> PatientPruner:
    limits = RetentionLimits(max_age=timedelta(days=30))
    return PatientPruner(cluster, simulations, store, limits, BRIDGE_URL, metrics, lambda: LATER)


async def test_what_is_due_is_removed_and_its_status_says_so(pruner, cluster, store, metrics):
    put(store, parquet())

    await pruner.prune_twice()

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

    await pruner.prune_twice()

    before = result_status(record(parquet()), BRIDGE_URL)
    after = dict(cluster.status)
    results = dict(after.pop("results"))
    assert {name: results[name] for name in before["results"]} == before.pop("results")
    assert after == before
    BatterySimulationStatus.model_validate(cluster.status)


async def test_a_status_that_cannot_be_written_keeps_the_result(pruner, cluster, store):
    put(store, parquet())
    cluster.refuses_status = True

    await pruner.prune_twice()

    assert store.find(KEY) is not None


@pytest.mark.parametrize("uid", [OTHER_UID, None], ids=["made again", "deleted"])
async def test_the_result_of_an_object_that_is_gone_is_left_to_the_collector(pruner, cluster, store, uid):
    put(store, parquet())
    cluster.objects = {} if uid is None else {NAME: ENDED._replace(uid=uid)}

    await pruner.prune_twice()

    assert store.find(KEY) is not None
    assert cluster.status == {}


async def test_a_result_whose_object_is_not_known_is_left_alone(pruner, simulations, store):
    put(store, parquet())
    simulations.replace(None, Listing((), "2"))

    await pruner.prune_twice()

    assert store.find(KEY) is not None


class KilledError(BaseException):
    """SIGKILL, which nothing in the process can survive."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["entries", "find", "apply_status", "remove"])
async def test_a_kill_at_any_call_removes_nothing_that_the_status_does_not_say(
    cluster, simulations, store, metrics, monkeypatch, call, after
):
    put(store, parquet())
    owner = cluster if call == "apply_status" else store
    do = getattr(owner, call)

    def killed(*arguments: Any, **options: Any) -> Any:
        if after and call != "apply_status":
            do(*arguments, **options)
        raise KilledError

    async def killed_later(*arguments: Any, **options: Any) -> None:
        if after:
            await do(*arguments, **options)
        raise KilledError

    def started_again() -> PatientPruner:
        limits = RetentionLimits(max_age=timedelta(days=30))
        return PatientPruner(cluster, simulations, store, limits, BRIDGE_URL, metrics, lambda: LATER)

    with monkeypatch.context() as patch:
        patch.setattr(owner, call, killed_later if call == "apply_status" else killed)
        with pytest.raises(KilledError):
            await started_again().prune_twice()
    is_said = "removedTime" in cluster.status.get("results", {})
    assert is_said or store.find(KEY) is not None

    await started_again().prune_twice()

    assert store.find(KEY) is None
    assert "removedTime" in cluster.status["results"]


async def test_of_two_replicas_the_second_finds_nothing_to_do(pruner, cluster, store, metrics):
    put(store, parquet())

    await pruner.prune()
    pruner.seconds += INTERVAL_SECONDS
    await asyncio.gather(pruner.prune(), pruner.prune())
    cluster.status.clear()
    await pruner.prune_twice()

    assert cluster.status == {}
    assert (
        metrics.registry.get_sample_value("batterysim_bridge_removed_results_total", {"reason": "age"}) == 1
    )


async def test_a_result_that_is_still_owed_is_kept(pruner, simulations, store):
    put(store, parquet())
    simulations.replace(None, Listing((RUNNING,), "2"))

    await pruner.prune_twice()

    assert store.find(KEY) is not None


@pytest.mark.parametrize(
    ("phase", "callback", "delivered", "held"),
    [
        ("Running", False, None, True),
        ("Succeeded", False, None, False),
        ("Succeeded", True, None, True),
        ("Succeeded", True, "Unknown", True),
        ("Succeeded", True, "True", False),
        ("Succeeded", True, "False", False),
    ],
    ids=["not ended", "nobody waits", "never tried", "tried again", "delivered", "given up"],
)
def test_who_waits_for_a_result_holds_it(phase, callback, delivered, held):
    """Also while the operator is away, and has not even tried."""
    status = {"phase": phase, "results": {}}
    if delivered is not None:
        status["conditions"] = [{"type": "CallbackDelivered", "status": delivered}]
    raw = {**manifest(), "status": status}
    if callback:
        raw["spec"] = {**raw["spec"], "callback": {"url": "http://receiver.example.com"}}

    assert is_held(to_simulation(raw)) is held


async def test_a_clock_that_is_ahead_for_one_round_removes_nothing(cluster, simulations, store, metrics):
    clock = [LATER, NOON, LATER]
    limits = RetentionLimits(max_age=timedelta(days=30))
    pruner = PatientPruner(cluster, simulations, store, limits, BRIDGE_URL, metrics, lambda: clock.pop(0))
    put(store, parquet())

    await pruner.prune_twice()
    await pruner.prune()

    assert store.find(KEY) is not None


async def test_one_status_that_cannot_be_written_keeps_no_other_result(
    pruner, cluster, simulations, store, monkeypatch
):
    others = {f"s{number}": ENDED._replace(name=f"s{number}", uid=str(uuid4())) for number in range(3)}
    cluster.objects |= others
    simulations.replace(None, Listing(tuple(cluster.objects.values()), "2"))
    write = cluster.apply_status

    async def refuse_one(simulation, *arguments, **keywords):
        if simulation.name == NAME:
            raise ClusterError("422 too large")
        await write(simulation, *arguments, **keywords)

    monkeypatch.setattr(cluster, "apply_status", refuse_one)
    for simulation in (SIMULATION, *others.values()):
        put(store, parquet(), simulation.uid)

    await pruner.prune_twice()

    assert [entry.key.uid for entry in store.entries()] == [UID]


async def test_a_round_removes_a_small_part_of_the_store(cluster, simulations, store, metrics):
    many = [ENDED._replace(name=f"s{number}", uid=str(uuid4())) for number in range(30)]
    cluster.objects = {item.name: item for item in many}
    simulations.replace(None, Listing(tuple(many), "2"))
    for item in many:
        put(store, b"content", item.uid)
    limits = RetentionLimits(max_bytes=1)
    pruner = PatientPruner(cluster, simulations, store, limits, BRIDGE_URL, metrics, lambda: LATER)

    await pruner.prune()

    assert len(list(store.entries())) == 10


async def test_a_result_that_was_wanted_for_a_while_goes_when_that_is_over(
    cluster, simulations, store, metrics
):
    raw = manifest(version=2, phase="Succeeded")
    raw["spec"] = {**raw["spec"], "run": {"retention": {"resultSeconds": 3600}}}
    simulations.replace(None, Listing((to_simulation(raw),), "2"))
    pruner = PatientPruner(cluster, simulations, store, RetentionLimits(), BRIDGE_URL, metrics, lambda: LATER)
    put(store, parquet())

    await pruner.prune_twice()

    assert store.find(KEY) is None
    assert "spec.run.retention.resultSeconds" in cluster.status["results"]["removalMessage"]


async def test_without_limits_it_does_not_even_look(cluster, simulations, store, metrics, monkeypatch):
    pruner = Pruner(cluster, simulations, store, RetentionLimits(), BRIDGE_URL, metrics, lambda: LATER)
    monkeypatch.setattr(type(store), "entries", None)

    await pruner.prune()
