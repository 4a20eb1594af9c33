"""What kstatus, and so Flux and `kubectl wait` of other tools, makes of our conditions.

The rules are those of sigs.k8s.io/cli-utils/pkg/kstatus for kinds that it does not know (`generic.go`): the
object is deleted, its status is of an earlier generation, it is reconciling or stalled; otherwise Current.
"""

import pytest

from batterysim.status import BatterySimulationStatus
from tests.builders import Json, condition, job, pod, raw_spec, simulation
from tests.unit.operator.reconcile.test_decision import RESULTS, decide, observation, started


def kstatus(simulation: Json) -> str:
    """Return the verdict of kstatus."""
    metadata, status = simulation["metadata"], simulation.get("status", {})
    if "deletionTimestamp" in metadata:
        return "Terminating"
    if status.get("observedGeneration", metadata["generation"]) != metadata["generation"]:
        return "InProgress"
    for item in status.get("conditions", []):
        if item["type"] == "Reconciling" and item["status"] == "True":
            return "InProgress"
        if item["type"] == "Stalled" and item["status"] == "True":
            return "Failed"
    return "Current"


def written(seen: Json, status: BatterySimulationStatus | None) -> Json:
    """Return an object with the status that the operator has decided on."""
    assert status is not None
    return {**seen, "status": status.to_json_dict()}


RUNNING = (job(active=1), pod("Running"))
TIMED_OUT = (job(condition("Failed", "True", "DeadlineExceeded")),)


@pytest.mark.parametrize(
    ("before", "children", "verdict"),
    [
        (simulation(), (), "InProgress"),
        (started(), RUNNING, "InProgress"),
        (started(**RESULTS), (job(active=1),), "Current"),
        (started(), TIMED_OUT, "Failed"),
        (simulation(spec=raw_spec(cell={"lowerCutoffVolts": 4.3})), (), "Failed"),
    ],
    ids=["new", "running", "succeeded", "failed", "invalid"],
)
def test_flux_sees_a_run_as_in_progress_until_its_end(
    before: Json, children: tuple[Json, ...], verdict: str
) -> None:
    decision = decide(observation(before, *children))

    assert kstatus(written(before, decision.status)) == verdict


def test_an_edit_is_in_progress_until_it_is_observed() -> None:
    before = started()
    seen = written(before, decide(observation(before, *RUNNING)).status)

    assert kstatus({**seen, "metadata": {**seen["metadata"], "generation": 2}}) == "InProgress"
