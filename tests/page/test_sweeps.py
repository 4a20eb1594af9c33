"""Sweeps on the page: their list, how far one is, what failed, and what may be done with it."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.browser import Visitor, visitor

from .served import EDITOR, Served
from .sweep_tables import GRID, SALTELLI, cold_ones_fail, many


@pytest.fixture(scope="module", autouse=True)
def _sweeps(served: Served) -> None:
    served.add_sweep("rate-map", GRID, cold_ones_fail)
    served.add_sweep("ranking", SALTELLI)
    running = served.add_sweep("tolerances", many(2000), phase="Running")
    running["status"]["progress"] |= {
        "pointsPerSecond": 52.13,
        "etaSeconds": 80,
        "shards": 4,
        "shardsDone": 1,
    }


def amount(page: Page, label: str) -> str:
    """Return an amount of the progress by its label."""
    return (
        page.get_by_label("Progress", exact=True)
        .locator("div", has=page.get_by_text(label, exact=True))
        .locator("dd")
        .inner_text()
    )


def test_the_list_is_reached_from_the_navigation_and_leads_to_a_sweep(viewer: Visitor):
    viewer.open()
    viewer.page.get_by_role("navigation").get_by_role("link", name="Sweeps").click()

    row = viewer.page.locator('[data-run="default/tolerances"]')
    expect(row).to_contain_text("Running")
    expect(row.get_by_role("progressbar")).to_have_attribute("value", "50")
    expect(row).to_contain_text("52.1 points/s")
    expect(row).to_contain_text("1 min 20 s")
    expect(viewer.page.locator('[data-run="default/rate-map"]')).to_contain_text("16.537")
    row.get_by_role("link", name="tolerances").click()
    expect(viewer.page.get_by_role("heading", name="tolerances")).to_be_visible()
    expect(viewer.page.get_by_role("main")).to_be_focused()


def test_the_list_is_filtered_and_the_filter_is_in_the_address(viewer: Visitor):
    viewer.open("#/sweeps")
    viewer.page.get_by_role("checkbox", name="Running").check()

    expect(viewer.page.locator(".sweeps tbody tr")).to_have_count(1)
    expect(viewer.page).to_have_url(re.compile("#/sweeps\\?phase=Running$"))
    viewer.page.get_by_label("Name", exact=True).fill("rate")
    expect(viewer.page.get_by_text("No sweeps match.")).to_be_visible()


def test_a_running_sweep_shows_progress_and_rate_and_follows_both(viewer: Visitor, served: Served):
    viewer.open("#/sweeps/default/tolerances")
    page = viewer.page
    expect(page.get_by_role("progressbar", name="Progress of the sweep")).to_have_attribute("value", "50")
    assert amount(page, "Points done") == "1000 of 2000"
    assert amount(page, "Rate") == "52.1 points/s"
    assert amount(page, "Left") == "about 1 min 20 s"
    assert amount(page, "Shards done") == "1 of 4"

    served.sweeps.manifests["tolerances"]["status"]["progress"] |= {"done": 1500, "failed": 3}

    expect(page.get_by_role("progressbar", name="Progress of the sweep")).to_have_attribute("value", "75")
    assert amount(page, "Points done") == "1500 of 2000"
    assert amount(page, "Failed") == "3"


def test_failed_points_are_counted_by_reason_with_examples_as_text(viewer: Visitor):
    viewer.open("#/sweeps/default/rate-map")
    card = viewer.page.locator(".card", has_text="Failed points")

    expect(card.get_by_role("row", name=re.compile("^Infeasible"))).to_contain_text("1")
    expect(card).to_contain_text("Solver failed: the solver gives up at 12 s: <b>warm</b> the cell")
    expect(card).to_contain_text("Point 15")


def test_the_best_points_have_units_and_the_varied_values(viewer: Visitor):
    viewer.open("#/sweeps/default/rate-map")
    table = viewer.page.get_by_label("Table of the best points")

    expect(table.get_by_role("columnheader")).to_have_text(
        ["Point", "Net energy discharged W·h", "C-rate ", "Ambient temperature °C"]
    )
    expect(table.get_by_role("row").nth(1)).to_contain_text("4")
    expect(table.get_by_role("row")).to_have_count(11)


def test_the_table_is_downloaded(viewer: Visitor):
    viewer.open("#/sweeps/default/rate-map")

    assert viewer.download("Parquet").startswith(b"PAR1")
    lines = viewer.download("CSV").decode().splitlines()
    assert lines[0].startswith('"point","protocol.constantCurrent.cRate"')
    assert len(lines) == 21


def test_deleting_a_sweep_asks_first_and_returns_to_the_list(editor: Visitor, served: Served):
    served.add_sweep("to-delete", GRID)
    editor.open("#/sweeps/default/to-delete")
    editor.page.get_by_role("button", name="Delete").click()
    expect(editor.page.get_by_role("dialog")).to_contain_text("The sweep is deleted, and its table with it.")
    editor.page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(editor.page.get_by_role("heading", name="Sweeps")).to_be_visible()
    assert "to-delete" not in served.sweeps.manifests


def test_a_sweep_is_suspended_and_goes_on(editor: Visitor, served: Served):
    served.add_sweep("pausing", GRID, phase="Running")
    editor.open("#/sweeps/default/pausing")
    editor.page.get_by_role("button", name="Suspend").click()

    expect(editor.page.get_by_role("button", name="Resume")).to_be_visible()
    assert served.sweeps.manifests["pausing"]["spec"]["run"] == {"suspend": True}
    editor.page.get_by_role("button", name="Resume").click()
    expect(editor.page.get_by_role("button", name="Suspend")).to_be_visible()
    assert served.sweeps.manifests["pausing"]["spec"]["run"] == {"suspend": False}


def test_a_sweep_that_has_ended_or_is_in_a_queue_cannot_be_suspended(editor: Visitor, served: Served):
    served.add_sweep("queued", {**GRID, "run": {"queueName": "lab"}}, phase="Running")
    for name, control in (("rate-map", "Delete"), ("queued", "Cancel")):
        editor.open(f"#/sweeps/default/{name}")
        expect(editor.page.get_by_role("button", name=control)).to_be_visible()
        expect(editor.page.get_by_role("button", name="Suspend")).to_have_count(0)


def test_a_sweep_that_is_suspended_elsewhere_can_be_resumed(editor: Visitor, served: Served):
    """Events are without the spec, which says so."""
    served.add_sweep("shared-one", GRID, phase="Running")
    editor.open("#/sweeps/default/shared-one")
    expect(editor.page.get_by_role("button", name="Suspend")).to_be_visible()

    sweep = served.sweeps.manifests["shared-one"]
    sweep["spec"] = {**sweep["spec"], "run": {"suspend": True}}
    sweep["metadata"]["generation"] = 2

    expect(editor.page.get_by_role("button", name="Resume")).to_be_visible()


def test_a_sweep_that_is_deleted_elsewhere_says_so_and_keeps_what_was_known(viewer: Visitor, served: Served):
    served.add_sweep("vanishing", GRID, phase="Running")
    viewer.open("#/sweeps/default/vanishing")
    # The heading is there before the sweep is.
    expect(viewer.page.get_by_label("Progress", exact=True)).to_be_visible()

    del served.sweeps.manifests["vanishing"]

    expect(viewer.page.get_by_role("alert").filter(has_text="This sweep has been deleted")).to_be_visible()
    expect(viewer.page.get_by_label("Progress", exact=True)).to_be_visible()


def test_a_sweep_that_is_deleted_before_its_events_begin_says_so_too(viewer: Visitor, served: Served):
    served.add_sweep("soon-gone", GRID, phase="Running")

    def delete_and_go_on(route: Route) -> None:
        served.sweeps.manifests.pop("soon-gone", None)
        route.continue_()

    viewer.page.route("**/soon-gone/events", delete_and_go_on)
    viewer.open("#/sweeps/default/soon-gone")

    expect(viewer.page.get_by_role("alert").filter(has_text="This sweep has been deleted")).to_be_visible()
    expect(viewer.page.get_by_label("Progress", exact=True)).to_be_visible()


def test_a_table_that_retention_has_removed_is_not_offered(viewer: Visitor, served: Served):
    gone = served.add_sweep("old", GRID)
    gone["status"]["results"] |= {"removedTime": "2026-11-24T12:00:00Z", "removalMessage": "older than 30 d"}
    viewer.open("#/sweeps/default/old")

    expect(viewer.page.get_by_text("The table is no longer stored: older than 30 d.")).to_be_visible()
    expect(viewer.page.get_by_role("button", name="CSV")).to_have_count(0)
    assert viewer.failed_requests == []


def test_an_invalid_sweep_says_what_is_wrong(viewer: Visitor, served: Served):
    wrong = "spec.vary[0].field: 'cRat' is no field of a simulation: use 'cRate'"
    served.add_sweep("wrong", GRID, phase="Invalid", failure={"reason": "InvalidSpec", "message": wrong})
    viewer.open("#/sweeps/default/wrong")

    expect(viewer.page.locator(".notice-error")).to_contain_text(wrong)


def test_a_sweep_that_does_not_exist_is_named(viewer: Visitor):
    viewer.open("#/sweeps/default/nowhere")

    expect(viewer.page.get_by_role("alert").filter(has_text="nowhere")).to_be_visible()


def test_who_may_not_read_sweeps_is_told_the_right(browser: Browser, served: Served):
    with visitor(browser, served.url, token=EDITOR) as someone:
        someone.open("#/sweeps/closed/any")

        told = someone.page.get_by_role("alert").filter(has_text="You are not allowed")
        expect(told).to_contain_text("grace needs the verb 'get' on batterysweeps.batterysim.dev")
        assert someone.failed_requests == []
