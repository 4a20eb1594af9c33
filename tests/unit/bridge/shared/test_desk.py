"""Handing out: each attempt to one runner, the oldest first, and nothing to nobody."""

import asyncio
from datetime import datetime, timedelta

import pytest

from batterysim.names import FieldManager
from batterysim.status import Outcome
from batterysim_bridge.cluster.cluster import WatchEvent, WatchEventType
from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.shared.claims import Host
from batterysim_bridge.shared.desk import Attempt, Desk, Work
from tests.builders import raw_spec
from tests.unit.bridge.fake_cluster import FakeCluster

HOST = Host("runner-abcde", "pod-uid", "1a")
OTHER = Host("runner-fghij", "other-uid", "2b")
START = datetime.fromisoformat("2026-11-24T12:00:01+00:00")


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Place:
    """Two bridges on one cluster, whose watches tell what the test lets them."""

    def __init__(self) -> None:
        self.cluster = FakeCluster()
        self.cluster.objects.clear()
        self.clock = Clock()
        self.simulations = ObjectCache()
        self.desk = Desk(self.cluster, self.simulations, frozenset({"lab"}), self.clock)
        self.other_desk = Desk(self.cluster, self.simulations, frozenset({"lab"}), self.clock)

    async def create(self, name: str, namespace: str = "lab") -> None:
        manifest = {
            "metadata": {"name": name, "namespace": namespace},
            "spec": raw_spec(run={"isolation": "Process", "deadlineSeconds": 60}),
        }
        created = await self.cluster.create(manifest)
        for desk in (self.desk, self.other_desk):
            desk.offer(created)

    def watch(self, name: str) -> None:
        """Let the watch tell of a simulation as it now is."""
        simulation = self.cluster.objects[name]
        self.simulations.apply(
            None, WatchEvent(WatchEventType.MODIFIED, simulation, simulation.resource_version)
        )

    async def take(self, host: Host = HOST) -> Work | None:
        return await self.desk.take("lab", host, 0)


@pytest.fixture
def place() -> Place:
    return Place()


async def test_what_is_handed_out_is_the_physics_with_a_credential_and_the_time_that_is_left(
    place: Place,
) -> None:
    await place.create("cell")

    work = await place.take()

    assert work is not None
    assert (work.name, work.attempt, work.seconds_left) == ("cell", 1, 59)
    assert set(work.spec) == {"cell", "protocol"}
    claim = place.cluster.manifests["cell"]["status"]["claim"]
    assert (claim["host"], claim["process"], claim["attempt"]) == ("runner-abcde", "1a", 1)
    assert work.credential not in str(claim)


async def test_two_bridges_hand_one_attempt_out_once(place: Place) -> None:
    await place.create("cell")

    got = await asyncio.gather(place.desk.take("lab", HOST, 0), place.other_desk.take("lab", OTHER, 0))

    assert [work is not None for work in got].count(True) == 1


async def test_the_oldest_comes_first_and_other_namespaces_never(place: Place) -> None:
    for name in ("b", "a", "c"):
        await place.create(name)
    await place.create("elsewhere", namespace="other")

    got = [await place.take() for _ in range(4)]

    assert [work and work.name for work in got] == ["b", "a", "c", None]


async def test_a_runner_that_waits_gets_a_simulation_the_moment_it_is_created(place: Place) -> None:
    taking = asyncio.create_task(place.desk.take("lab", HOST, 10))
    await asyncio.sleep(0)

    await place.create("cell")

    work = await asyncio.wait_for(taking, 1)
    assert work is not None


async def test_a_runner_that_has_gone_leaves_its_turn_to_the_next(place: Place) -> None:
    first = asyncio.create_task(place.desk.take("lab", HOST, 10))
    second = asyncio.create_task(place.desk.take("lab", OTHER, 10))
    await asyncio.sleep(0)

    first.cancel()
    await place.create("cell")

    work = await asyncio.wait_for(second, 1)
    assert work is not None


async def test_a_deleted_simulation_is_handed_out_to_nobody(place: Place) -> None:
    await place.create("cell")
    await place.cluster.delete("lab", "cell")

    assert await place.take() is None


async def test_a_runner_is_told_to_stop_what_is_not_its_own_any_more(place: Place) -> None:
    await place.create("cell")
    work = await place.take()
    assert work is not None
    attempt = Attempt("cell", work.uid, 1)

    assert await place.desk.beat("lab", HOST, [attempt]) == []
    assert await place.desk.beat("lab", OTHER, [attempt]) == [attempt]
    await place.cluster.delete("lab", "cell")
    assert await place.desk.beat("lab", HOST, [attempt]) == [attempt]


async def test_the_status_says_every_few_seconds_that_the_runner_is_there(place: Place) -> None:
    await place.create("cell")
    work = await place.take()
    assert work is not None
    attempt = Attempt("cell", work.uid, 1)

    for _ in range(3):
        place.clock.now += timedelta(seconds=2)
        assert await place.desk.beat("lab", HOST, [attempt]) == []

    claim = place.cluster.manifests["cell"]["status"]["claim"]
    assert datetime.fromisoformat(claim["renewTime"]) == START + timedelta(seconds=6)


async def test_an_outcome_ends_the_attempt_and_its_credential(place: Place) -> None:
    await place.create("cell")
    work = await place.take()
    assert work is not None
    simulation = await place.desk.identify(work.credential, "lab", "cell")
    outcome = Outcome(exit_code=70, reason="RunnerCrashed", message="crashed", time=START)

    await place.desk.end(work.credential, simulation, outcome)

    assert place.cluster.manifests["cell"]["status"]["claim"]["outcome"]["reason"] == "RunnerCrashed"
    with pytest.raises(ProblemError, match="over"):
        await place.desk.identify(work.credential, "lab", "cell")


async def test_the_next_attempt_is_handed_out_when_the_operator_grants_it(place: Place) -> None:
    await place.create("cell")
    work = await place.take()
    assert work is not None
    simulation = await place.desk.identify(work.credential, "lab", "cell")
    outcome = Outcome(exit_code=70, reason="RunnerCrashed", message="crashed", time=START)
    await place.desk.end(work.credential, simulation, outcome)
    assert await place.take() is None

    granted = await place.cluster.apply_status_once(
        place.cluster.objects["cell"], {"attempt": 2}, FieldManager.OPERATOR
    )
    assert granted is not None
    place.desk.offer(granted)
    again = await place.take(OTHER)

    assert again is not None
    assert (again.attempt, again.credential == work.credential) == (2, False)


async def test_a_lost_runner_is_written_down(place: Place) -> None:
    following = asyncio.create_task(place.desk.run())
    await asyncio.sleep(0)
    await place.create("cell")
    assert await place.take() is not None

    place.clock.now += timedelta(seconds=16)
    place.watch("cell")
    await asyncio.sleep(0.05)
    following.cancel()

    outcome = place.cluster.manifests["cell"]["status"]["claim"]["outcome"]
    assert outcome["reason"] == "HostLost"
