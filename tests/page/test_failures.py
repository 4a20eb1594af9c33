"""A run that has failed says why, in words, with the end of its log if that is all there is."""

import pytest
from generate.failure_page import in_words
from playwright.sync_api import expect

from batterysim.failure import FailureReason
from tests.e2e.browser import Visitor

from .served import Served, example_spec


@pytest.mark.parametrize("reason", FailureReason)
def test_each_reason_is_told_in_the_words_of_the_docs(viewer: Visitor, served: Served, reason: FailureReason):
    served.add_failed("failed", example_spec("cell-discharge"), reason, "something happened: do something")

    viewer.open("#/simulations/default/failed")

    expect(viewer.page.locator(".notice-error").get_by_role("heading")).to_have_text(in_words(reason))
    expect(viewer.page.locator(".notice-error")).to_contain_text("something happened: do something")


def test_a_crash_shows_the_end_of_the_log_as_text(viewer: Visitor, served: Served):
    log = "Fatal Python error: Segmentation fault <img src=x>"
    served.add_failed("crashed", example_spec("cell-discharge"), "RunnerCrashed", "it crashed", logTail=log)

    viewer.open("#/simulations/default/crashed")

    expect(viewer.page.get_by_label("End of the log")).to_have_text(log)
    assert viewer.page.locator("main img").count() == 0
    assert viewer.accessibility_problems() == []
