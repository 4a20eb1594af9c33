"""What is said while one waits."""

import io

import pytest
from rich.console import Console

from batterysim_cli.display.live_table import live_table, stage_of
from batterysim_client import Simulation
from batterysim_client.simulation import to_simulation
from tests.builders import Json, condition, simulation

WORDS = "Kubernetes rejects the Job: exceeded quota: jobs0"


def one_that_waits(phase: str, reason: str, message: str, **status: Json) -> Simulation:
    course = condition("Succeeded", "Unknown", reason, message=message)
    return to_simulation(simulation(status={"phase": phase, "conditions": [course], **status}))


def said(phase: str, reason: str, message: str = "", **status: Json) -> str:
    return stage_of(one_that_waits(phase, reason, message, **status))


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


def test_a_narrow_terminal_does_not_cut_the_remedy_off() -> None:
    waiting = one_that_waits("Pending", "JobNotAdmitted", f"{WORDS}. Remedy: raise ResourceQuota jobs0")
    console = Console(file=io.StringIO(), width=100)

    console.print(live_table([waiting]))

    assert isinstance(console.file, io.StringIO)
    shown = " ".join(console.file.getvalue().split())
    assert "raise ResourceQuota jobs0" in shown
