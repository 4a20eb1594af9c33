"""A run that waits says for what, in words, and what can be done about it."""

import pytest
from playwright.sync_api import expect

from batterysim.status import AT_WORK, WaitReason
from tests.e2e.browser import Visitor

from .served import Served, example_spec

WORDS = "Kubernetes rejects the Job: exceeded quota: jobs0. Remedy: raise ResourceQuota jobs0"
CAUSE = "Cause of the wait"


def add_waiting(served: Served, reason: str, message: str) -> None:
    course = {
        "type": "Succeeded",
        "status": "Unknown",
        "reason": reason,
        "message": message,
        "lastTransitionTime": "2026-03-01T12:00:00Z",
    }
    served.add("waits", example_spec("cell-discharge"), phase="Pending", conditions=[course])


def test_the_cause_and_the_remedy_are_shown(viewer: Visitor, served: Served):
    add_waiting(served, "JobNotAdmitted", WORDS)

    viewer.open("#/simulations/default/waits")

    cause = viewer.page.get_by_role("region", name=CAUSE)
    expect(cause.get_by_role("heading")).to_have_text("Job not admitted")
    expect(cause).to_contain_text(WORDS)
    assert viewer.accessibility_problems() == []


@pytest.mark.parametrize("reason", WaitReason)
def test_the_page_and_the_command_line_agree_on_what_is_a_wait(
    viewer: Visitor, served: Served, reason: WaitReason
):
    add_waiting(served, reason, "the pod is being started")

    viewer.open("#/simulations/default/waits")

    expect(viewer.page.get_by_role("region", name="Progress")).to_be_visible()
    expect(viewer.page.get_by_role("region", name=CAUSE)).to_have_count(int(reason not in AT_WORK))
