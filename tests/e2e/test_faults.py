"""Short forms of the campaigns in tests/faults, which `make faults-…` runs in full."""

from devtools.kube import Kube

from ..faults.test_bridge_away import run_without_bridge


def test_results_wait_for_a_bridge_that_is_away_for_half_a_minute() -> None:
    run_without_bridge(Kube("batterysim-e2e-away"), runs=5, away_seconds=30)
