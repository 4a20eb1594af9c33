"""The operator is killed at each of its calls, before it is carried out and after. Another one goes on."""

import functools
from collections.abc import Mapping
from typing import IO, Any

import pytest

from batterysim.names import message_id
from batterysim_kube.api_server import Json
from batterysim_operator.control.controller import SimulationController
from batterysim_operator.control.workqueue import Key
from batterysim_operator.delivery.body import Body
from batterysim_operator.delivery.callback import is_owed
from batterysim_operator.delivery.controller import DeliveryController
from batterysim_operator.delivery.receivers import Answer, Receivers
from batterysim_operator.delivery.result_source import ResultSource
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from tests.builders import NOW, UID, judge, pod, raw_spec, simulation
from tests.unit.operator.fake_cluster import FakeCluster

KEY = Key("lab", "cell-discharge")
MOST_LIVES = 5
WORD = '{"reason": "Infeasible", "message": "use a smaller current"}'
CALLS = (
    *("simulation", "job", "pods_of", "create_job", "change_job", "create_event", "apply_status"),
    *("give_up_pod", "fetch", "post"),
)


class KilledError(BaseException):
    """SIGKILL, which nothing in the process can survive."""


class Killer:
    """Kills at one call, counted over all lives of the operator. at: from 1; None: never."""

    def __init__(self, at: int | None = None, *, after: bool = False) -> None:
        self.count = 0
        self.at = at
        self.after = after

    def guard(self, item: Any) -> Any:
        """Count the calls of an object."""
        for name in CALLS:
            if hasattr(item, name):
                setattr(item, name, self._guarded(getattr(item, name)))
        return item

    def _guarded(self, do: Any) -> Any:
        @functools.wraps(do)
        async def call(*arguments: Any) -> Any:
            self.count += 1
            is_last = self.count == self.at
            if is_last and not self.after:
                raise KilledError
            answer = await do(*arguments)
            if is_last:
                raise KilledError
            return answer

        return call


class OneResult(ResultSource):
    """Has the result."""

    def __init__(self) -> None:
        pass

    async def fetch(self, namespace: str, name: str, uid: str, kind: str, body: Body) -> None:
        await body.write(b"{}")


class Taking(Receivers):
    """Takes everything, and keeps the identifiers of what it has taken."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def post(
        self, url: str, namespace: str, body: bytes | IO[bytes], headers: Mapping[str, str], now: Any
    ) -> Answer:
        self.ids.append(headers["webhook-id"])
        return Answer(204)


class Witness(FakeCluster):
    """Keeps what a reader could have seen."""

    def __init__(self) -> None:
        super().__init__(simulation(spec=raw_spec(callback={"url": "http://receiver.example.com/"})))
        self.ends: list[str] = []
        self.jobs_made = 0

    async def create_job(self, manifest: Json) -> None:
        self.jobs_made += manifest["metadata"]["name"] not in self.jobs
        await super().create_job(manifest)

    async def apply_status(self, *arguments: Any) -> Json:
        applied = await super().apply_status(*arguments)
        phase = applied["status"].get("phase")
        if phase in ("Succeeded", "Failed", "Invalid") and self.ends[-1:] != [phase]:
            self.ends.append(phase)
        return applied


class World:
    """A cluster, a runner's pod, a bridge and a receiver, and operators that live one after the other."""

    def __init__(self, killer: Killer) -> None:
        self.cluster, self.receiver, self.bridge = Witness(), Taking(), OneResult()
        for item in (self.cluster, self.receiver, self.bridge):
            killer.guard(item)

    async def settle(self) -> None:
        """Let operators work until nothing is left to do. One that is killed is followed by another."""
        for _ in range(MOST_LIVES):
            try:
                await self._live()
            except KilledError:
                continue
            return
        pytest.fail("it does not come to rest")

    async def _live(self) -> None:
        settings = RunnerSettings(image="runner:1", bridge_url="http://bridge")
        simulations = SimulationController(self.cluster, judge(), settings, lambda: NOW)
        deliveries = DeliveryController(self.cluster, self.bridge, self.receiver, lambda: NOW, lambda: 0.5)
        # Twice, because each event of the first look brings another one.
        for _ in range(2):
            await simulations.reconcile(KEY)
            assert self.cluster.object is not None
            if is_owed(self.cluster.object):
                await deliveries.reconcile(KEY)

    def store_result(self) -> None:
        assert self.cluster.object is not None
        self.cluster.object["status"]["results"] = {"rows": 101}
        self.cluster.object["metadata"]["resourceVersion"] += "0"


async def run(world: World, *, fails: bool = False) -> None:
    """Let a run come from its creation to its end and its callback."""
    await world.settle()
    world.cluster.pods = [pod("Running")]
    await world.settle()
    if fails:
        world.cluster.pods = [pod("Failed", terminated={"exitCode": 65, "message": WORD})]
    else:
        world.store_result()
    await world.settle()


@pytest.mark.parametrize("fails", [False, True], ids=["succeeds", "fails"])
async def test_a_run_that_nobody_kills(fails: bool) -> None:
    world = World(Killer())

    await run(world, fails=fails)

    assert world.receiver.ids == [message_id(UID)]
    assert world.cluster.jobs_made == 1


@pytest.mark.parametrize("fails", [False, True], ids=["succeeds", "fails"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_kill_at_any_call_changes_neither_the_end_nor_the_number_of_runs(
    after: bool, fails: bool
) -> None:
    quiet = Killer()
    await run(World(quiet), fails=fails)
    assert quiet.count > 12
    for at in range(1, quiet.count + 1):
        killer = Killer(at, after=after)
        world = World(killer)

        await run(world, fails=fails)

        where = f"killed at call {at} of {quiet.count}"
        assert killer.count >= at, where
        assert world.cluster.jobs_made == 1, where
        assert world.cluster.ends == ["Failed" if fails else "Succeeded"], where
        # A POST whose answer nobody has written down is made once more, and the receiver can tell by the id.
        assert set(world.receiver.ids) == {message_id(UID)}, where
        assert len(world.receiver.ids) <= 2, where
        status = world.cluster.object["status"] if world.cluster.object else {}
        assert status["callback"]["deliveredTime"], where
