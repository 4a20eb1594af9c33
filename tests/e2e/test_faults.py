"""Short forms of the campaigns in tests/faults, which `make faults-…` runs in full."""

from pathlib import Path

from devtools.kube import Kube

from ..faults.test_bridge_away import run_without_bridge
from ..faults.test_fairness import run_beside_others


def test_results_wait_for_a_bridge_that_is_away_for_half_a_minute() -> None:
    run_without_bridge(Kube("batterysim-e2e-away"), runs=5, away_seconds=30)


def test_a_receiver_that_hangs_and_a_crowded_tenant_hold_nobody_up(tmp_path: Path) -> None:
    course = run_beside_others(owed=20, objects=50, runs=2, directory=tmp_path)

    # A receiver that hangs is given a minute. How much the machine itself is slowed down is another matter.
    assert max(course.beside) < 30
