"""What Prometheus is told about the operator."""

from datetime import datetime
from typing import Any

from prometheus_client import REGISTRY, Counter, Histogram

from batterysim_kube.skipping import SKIPPED
from batterysim_operator.reconcile.events import Transition

TRANSITIONS = Counter("batterysim_transitions_total", "Transitions of simulations", ["reason"])
SECONDS_TO_END = Histogram(
    "batterysim_simulation_seconds",
    "From the creation of a simulation to its end",
    ["end"],
    buckets=(1, 2, 3, 4, 5, 7.5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600),
)
REGISTRY.register(SKIPPED)

DELIVERIES = Counter("batterysim_callback_deliveries_total", "Attempts to deliver a callback", ["outcome"])


def count_transition(transition: Transition, simulation: dict[str, Any]) -> None:
    """Count a transition, and at the end how long it took."""
    TRANSITIONS.labels(transition.reason).inc()
    ended = simulation["status"].get("completionTime")
    if ended is not None:
        created = datetime.fromisoformat(simulation["metadata"]["creationTimestamp"])
        seconds = (datetime.fromisoformat(ended) - created).total_seconds()
        SECONDS_TO_END.labels(transition.reason).observe(seconds)
