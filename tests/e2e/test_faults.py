"""Short forms of the campaigns in tests/faults, which `make faults-…` runs in full."""

from devtools.kube import Kube

from ..faults.test_bridge_away import run_without_bridge
from ..faults.test_sweeps import Killer, check, run_with_kills
from .sweeps import many_rates, progress, sweep
from .waiting import until

POINTS = 3000


def test_results_wait_for_a_bridge_that_is_away_for_half_a_minute() -> None:
    run_without_bridge(Kube("batterysim-e2e-away"), runs=5, away_seconds=30)


def test_each_point_of_a_sweep_is_in_its_table_once_whatever_is_killed() -> None:
    def kill_each_once(killer: Killer, sweeps: Kube) -> None:
        for number, what in enumerate(("child", "pod", "bridge", "operator")):
            enough = number * POINTS // 6
            until(lambda enough=enough: done(sweeps) > enough, 120)
            until(lambda what=what: killer.kill(what), 60)
            assert done(sweeps) < POINTS

    def done(sweeps: Kube) -> int:
        return int(progress(sweeps, "killed").get("done", 0))

    manifest = sweep("killed", many_rates(POINTS), shards=1, retries=5)
    course = run_with_kills(Kube("batterysim-e2e-kills"), manifest, kill_each_once)

    check(course, POINTS, shards_at_once=1)
    assert set(course.killed) == {"child", "bridge", "operator", "pod"}
