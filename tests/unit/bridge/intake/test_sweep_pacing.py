"""A sweep of 100,000 points, half of which fail: its status stays small, and is written once a second."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from batterysim.failure import MESSAGE_MAX_LENGTH, FailureReason
from batterysim.status import Failure
from batterysim.sweep.cluster.tally import ShardTally
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.sweeps import SweepIdentity
from batterysim_bridge.intake import sweep_intake
from batterysim_bridge.intake.sweep_intake import SweepIntake
from batterysim_bridge.store.tables.tables import DirectorySweepStore
from batterysim_operator.reconcile.sweep import status as operator_status
from tests.unit.operator.reconcile.sweep.builders import accepted, decide, job, observed, sweep, sweep_pod

from ..builders import NOON
from ..fake_sweeps import IDENTITY, FakeSweeps

POINTS, SHARDS = 100_000, 20
POINTS_PER_SHARD = POINTS // SHARDS
REPORT_SECONDS = 0.05
POINTS_PER_REPORT = 50
MOST_BYTES = 16 << 10


class Time:
    """Seconds that go forward when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self._real_sleep = asyncio.sleep

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until these seconds have been told."""
        until = self.now + seconds
        while self.now < until:
            await self._real_sleep(0)

    async def go_on(self, seconds: float) -> None:
        """Let time pass, and everybody who waits for it have a turn."""
        self.now += seconds
        for _ in range(5):
            await self._real_sleep(0)


class TimedSweeps(FakeSweeps):
    """Notes when each status was written."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self.times: list[float] = []
        self._time = time

    async def apply_status(self, sweep: SweepIdentity, status: Mapping[str, object]) -> None:
        self.times.append(self._time.now)
        await super().apply_status(sweep, status)


def tally(done: int) -> ShardTally:
    """Return the report of a shard half of whose points have failed, with long names and messages."""
    values = {f"a parameter with a long name, number {number} [m]": "1.23457e-05" for number in range(50)}
    examples = [
        {"point": number, "reason": FailureReason.INFEASIBLE, "message": "ü" * 500} for number in range(10)
    ]
    best = [{"point": number, "value": 1 / 3, "values": values} for number in range(10)]
    return ShardTally.model_validate(
        {
            **{"designPoints": POINTS, "designSha256": "a" * 64, "shards": SHARDS},
            **{"points": POINTS_PER_SHARD, "done": done, "failed": done // 2, "goal": "Minimise"},
            "reasons": {FailureReason.INFEASIBLE: done // 2},
            "examples": examples,
            "best": best,
            "isOver": done == POINTS_PER_SHARD,
        }
    )


async def written_statuses(store: DirectorySweepStore, bridge: Bridge, time: Time) -> TimedSweeps:
    """Have all points reported, 1000 a second; return what was written meanwhile."""
    sweeps = TimedSweeps(time)
    sweeps.add()
    intake = SweepIntake(sweeps, store, bridge.shares, "http://bridge:8084", lambda: NOON, time)
    for done in range(POINTS_PER_REPORT, POINTS_PER_SHARD + 1, POINTS_PER_REPORT):
        for shard in range(SHARDS):
            await intake.take_tally(IDENTITY, shard, tally(done))
            await time.go_on(REPORT_SECONDS)
    await intake.close()
    return sweeps


def bytes_of(status: Mapping[str, Any]) -> int:
    return len(json.dumps(status, ensure_ascii=False, separators=(",", ":")).encode())


async def test_the_status_of_many_points_is_small_and_seldom_written(
    sweep_store: DirectorySweepStore, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time()
    monkeypatch.setattr(sweep_intake.asyncio, "sleep", time.sleep)

    sweeps = await written_statuses(sweep_store, bridge, time)

    pauses = [later - earlier for earlier, later in zip(sweeps.times, sweeps.times[1:-1], strict=False)]
    assert min(pauses) >= 1
    assert time.now == pytest.approx(POINTS / POINTS_PER_REPORT * REPORT_SECONDS)
    assert len(sweeps.times) <= time.now + 1
    failure = Failure(reason=FailureReason.TOO_MANY_FAILED_POINTS, message="ü" * MESSAGE_MAX_LENGTH)
    seen = observed(sweep(status=accepted() | sweeps.statuses[-1]), job())
    ended = operator_status.failed(seen, failure).to_json_dict()
    last = sweeps.statuses[-1]
    assert (last["progress"]["done"], last["progress"]["failed"]) == (POINTS, POINTS // 2)
    assert len(last["best"]) > 0
    assert bytes_of({**last, **ended, "design": last["design"]}) <= MOST_BYTES


def test_failing_points_are_no_reason_for_the_operator_to_write() -> None:
    first = decide(observed(sweep(status=accepted()), job(), sweep_pod("Running"))).status
    assert first is not None
    status = accepted() | first.to_json_dict()

    for failed in range(0, POINTS // 2, 1000):
        progress = {"points": POINTS, "done": 2 * failed, "failed": failed, "shards": SHARDS, "shardsDone": 0}
        seen = observed(sweep(status=status | {"progress": progress}), job(), sweep_pod("Running"))
        again = decide(seen).status
        assert again is not None
        assert not operator_status.differs(again, seen.status)
