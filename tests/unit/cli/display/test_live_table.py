"""What is said while one waits."""

import pytest

from batterysim_cli.display.live_table import stage_of
from batterysim_client.simulation import to_simulation
from tests.builders import Json, condition, simulation

WORDS = "Kubernetes rejects the Job: exceeded quota: jobs0"


def said(phase: str, reason: str, message: str = "", **status: Json) -> str:
    course = condition("Succeeded", "Unknown", reason, message=message)
    return stage_of(to_simulation(simulation(status={"phase": phase, "conditions": [course], **status})))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (said("Pending", "Starting", "the pod is being started"), "Pending"),
        (said("Pending", "JobNotAdmitted", WORDS), f"Pending JobNotAdmitted: {WORDS}"),
        (said("Pending", "Unschedulable", "no room"), "Pending Unschedulable: no room"),
        (said("Running", "Running", "", progress={"percent": 1, "stage": "Solving"}), "Running, Solving"),
        (
            said("Pending", "NodeLost", "node-7", progress={"percent": 1, "stage": "Solving"}),
            "Pending NodeLost: node-7",
        ),
    ],
)
def test_the_reason_for_waiting_is_said(line: str, expected: str) -> None:
    assert line == expected
