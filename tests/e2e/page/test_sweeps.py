"""A sweep on the page, from its creation to its map, on a real cluster."""

import re

import pytest
from devtools.kube import Kube
from playwright.sync_api import expect

from batterysim import names
from tests.e2e.browser import RUN_MILLISECONDS, Visitor
from tests.e2e.sweeps import grid

RATES_AND_CHARGES = {
    "protocol.constantCurrent.cRate": (0.5, 1.0, 2.0),
    "cell.initialStateOfCharge": (0.8, 1.0),
}


@pytest.fixture
def sweeps(kube: Kube) -> Kube:
    return Kube(kube.namespace, names.SWEEP_PLURAL)


def test_a_sweep_goes_from_the_list_to_its_map_and_its_points(sweeps: Kube, editor: Visitor) -> None:
    page = editor.page
    editor.open(f"#/sweeps?namespace={sweeps.namespace}")
    expect(page.get_by_role("heading", name="Sweeps")).to_be_visible()

    sweeps.create(grid("page-rates", RATES_AND_CHARGES, suspend=True))
    page.get_by_role("link", name="page-rates").click()

    expect(page.locator(".badge-suspended")).to_be_visible()
    page.get_by_role("button", name="Resume").click()

    expect(page.locator(".badge-succeeded")).to_be_visible(timeout=RUN_MILLISECONDS)
    expect(page.get_by_label("Progress", exact=True)).to_contain_text("6 of 6")
    expect(page.get_by_role("group", name=re.compile("^Heat map of Net energy discharged"))).to_be_visible()
    page.get_by_role("button", name="C-rate").click()
    page.get_by_role("button", name="C-rate").click()
    table = page.get_by_label("Table of points")
    expect(table.get_by_role("columnheader", name="C-rate")).to_have_attribute("aria-sort", "descending")
    expect(table.locator("tbody tr").first.get_by_role("rowheader")).to_have_text("4")
    expect(page.get_by_label("Table of the best points").get_by_role("row")).to_have_count(7)
    editor.take_picture("sweep")
    assert editor.download("CSV").decode().count("\n") == 7
    assert editor.accessibility_problems() == []
