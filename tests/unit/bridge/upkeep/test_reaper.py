"""Simulations that have ended are deleted after their time, and never one that somebody is still owed."""

from datetime import timedelta

import pytest

from batterysim_bridge.cluster.cluster import ClusterError, Listing
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.upkeep.lifetime import Lifetimes, expired, surplus
from batterysim_bridge.upkeep.reaper import GRACE_SECONDS, PORTION, Reaper
from batterysim_bridge.upkeep.settings import LifetimeSettings

from ..builders import NOON, manifest

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CALLBACK = {"url": "http://receiver.example.com"}


def ended(name: str = "s", *, ago: timedelta = 2 * DAY, run=None, callback=None, **metadata) -> ObjectState:
    """Return a simulation that has succeeded some time ago."""
    raw = manifest(name, phase="Succeeded", uid=f"00000000-0000-0000-0000-{abs(hash(name)) % 10**12:012}")
    raw["metadata"] |= metadata
    raw["spec"] = {**raw["spec"], "run": run or {}} | ({"callback": callback} if callback else {})
    raw["status"] |= {"results": {}, "completionTime": (NOON - ago).isoformat()}
    return to_simulation(raw)


def names(deaths) -> list[str]:
    return [death.simulation.name for death in deaths]


def test_without_a_lifetime_everything_stays():
    assert expired([ended(ago=3650 * DAY)], Lifetimes(), NOON) == []
    assert surplus([ended()] * 5, Lifetimes()) == []


def test_the_spec_goes_before_the_creator_before_the_namespace_before_the_default():
    lifetimes = Lifetimes(default=4 * DAY, by_namespace={"lab": 3 * DAY}, by_creator={"job-manager": DAY})
    label = {"batterysim.dev/created-by": "job-manager"}

    assert lifetimes.of(ended()) == 4 * DAY
    assert lifetimes.of(ended(namespace="lab")) == 3 * DAY
    assert lifetimes.of(ended(namespace="lab", labels=label)) == DAY
    wanted = ended(namespace="lab", labels=label, run={"retention": {"simulationSeconds": 60}})
    assert lifetimes.of(wanted) == timedelta(seconds=60)


def test_the_time_counts_from_the_end():
    lifetimes = Lifetimes(default=DAY)

    assert names(expired([ended("old"), ended("new", ago=HOUR)], lifetimes, NOON)) == ["old"]


def test_what_has_not_ended_stays():
    running = to_simulation(manifest(phase="Running"))

    assert expired([running], Lifetimes(default=timedelta(0)), NOON) == []
    assert surplus([running], Lifetimes(max_ended=0)) == []


def test_what_a_receiver_is_owed_stays():
    owed = ended(callback=CALLBACK)

    assert expired([owed], Lifetimes(default=HOUR), NOON) == []
    assert surplus([owed], Lifetimes(max_ended=0)) == []


def test_of_too_many_the_oldest_of_each_namespace_go():
    simulations = [ended(f"s{days}", ago=days * DAY) for days in range(1, 6)]
    other = ended("other", ago=9 * DAY, namespace="lab")

    assert names(surplus([*simulations, other], Lifetimes(max_ended=3))) == ["s5", "s4"]


def test_settings():
    settings = LifetimeSettings(
        default_seconds=604800,
        namespaces={"lab": 3600, "archive": 0},
        job_manager_seconds=86400,
        max_ended_per_namespace=1000,
    )

    assert settings.read() == Lifetimes(
        default=7 * DAY,
        by_namespace={"lab": HOUR, "archive": None},
        by_creator={"job-manager": DAY},
        max_ended=1000,
    )


def test_simulations_are_kept_for_good_by_default():
    assert LifetimeSettings().read() == Lifetimes(by_creator={"job-manager": None})


class Clock:
    """Seconds that go forward when told to."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def simulations() -> ObjectCache:
    return ObjectCache()


@pytest.fixture
def monotonic() -> Clock:
    return Clock()


@pytest.fixture
def reaper(cluster, simulations, monotonic) -> Reaper:
    return Reaper(
        cluster, simulations, Lifetimes(default=DAY), Metrics().deleted_simulations, lambda: NOON, monotonic
    )


def have(cluster, simulations, *items: ObjectState) -> None:
    cluster.objects = {item.name: item for item in items}
    simulations.replace(None, Listing(items, "2"))


async def reap_for_good(reaper, monotonic) -> None:
    await reaper.reap()
    monotonic.seconds += GRACE_SECONDS
    await reaper.reap()


async def test_what_is_over_is_deleted_after_it_has_been_over_for_a_while(
    reaper, cluster, simulations, monotonic
):
    have(cluster, simulations, ended("old"), ended("new", ago=HOUR))

    await reaper.reap()
    assert set(cluster.objects) == {"old", "new"}
    monotonic.seconds += GRACE_SECONDS
    await reaper.reap()

    assert set(cluster.objects) == {"new"}


async def test_what_has_changed_since_is_read_again_and_stays(reaper, cluster, simulations, monotonic):
    have(cluster, simulations, ended("old"))
    cluster.objects["old"] = ended("old", callback=CALLBACK)

    await reap_for_good(reaper, monotonic)

    assert set(cluster.objects) == {"old"}


async def test_another_object_of_the_name_stays(reaper, cluster, simulations, monotonic):
    have(cluster, simulations, ended("old"))
    cluster.objects["old"] = ended("old")._replace(uid="00000000-0000-0000-0000-999999999999")

    await reap_for_good(reaper, monotonic)

    assert set(cluster.objects) == {"old"}


async def test_one_that_cannot_be_deleted_keeps_no_other(
    reaper, cluster, simulations, monotonic, monkeypatch
):
    have(cluster, simulations, ended("a", ago=4 * DAY), ended("b"), ended("c"))
    delete = cluster.delete

    async def refuse_one(namespace, name, uid=None):
        if name == "a":
            raise ClusterError("403 a webhook denies it")
        return await delete(namespace, name, uid)

    monkeypatch.setattr(cluster, "delete", refuse_one)

    await reap_for_good(reaper, monotonic)

    assert set(cluster.objects) == {"a"}


async def test_a_round_deletes_a_portion(reaper, cluster, simulations, monotonic):
    have(cluster, simulations, *(ended(f"s{number}") for number in range(PORTION + 1)))

    await reap_for_good(reaper, monotonic)

    assert len(cluster.objects) == 1
