"""Every view as every role: axe finds nothing, and the keyboard alone does everything."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import DESKTOP, PHONE, visitor

from .served import CLOSED_NAMESPACE, EDITOR, VIEWER, Served, example_spec
from .sweep_tables import GRID, SALTELLI, cold_ones_fail, many

# Role, address, and what the view shows when it is there.
VIEWS = {
    "list": (EDITOR, "#/", ".simulations tbody tr"),
    "empty-list": (EDITOR, "#/?q=nothing", ".nothing .button"),
    "closed": (EDITOR, f"#/?namespace={CLOSED_NAMESPACE}", ".notice-error"),
    "experiment": (EDITOR, "#/simulations/default/cycling", ".records"),
    "impedance": (EDITOR, "#/simulations/default/impedance", "svg[role=img]"),
    "failed": (EDITOR, "#/simulations/default/too-hot", ".notice-error"),
    "compare": (EDITOR, "#/compare?run=default/cell-discharge&run=default/cycling", ".wide-table"),
    "compare-impedance": (EDITOR, "#/compare?run=default/impedance&run=default/cycling", "svg[role=img]"),
    "form": (EDITOR, "#/new", ".check-valid"),
    "form-of-a-viewer": (VIEWER, "#/new", ".notice-error"),
    "form-again": (EDITOR, "#/new?from=default/ageing", ".check-valid"),
    "sweeps": (EDITOR, "#/sweeps", ".sweeps tbody tr"),
    "empty-sweeps": (EDITOR, "#/sweeps?q=nothing", ".nothing .button"),
    "sweep": (EDITOR, "#/sweeps/default/rate-map", ".examples"),
    "ranked-sweep": (EDITOR, "#/sweeps/default/ranking", ".ranking"),
    "running-sweep": (EDITOR, "#/sweeps/default/tolerances", ".amounts"),
    "nowhere": (EDITOR, "#/nowhere", "h1"),
    "sign-in": (None, "#/sign-in", ".sign-in"),
    "signed-out": (None, "#/simulations/default/cycling", ".sign-in"),
}
MOST_STOPS = 80


@pytest.fixture(scope="module", autouse=True)
def failed_run(served: Served) -> None:
    served.add_failed("too-hot", example_spec("cell-discharge"), "Infeasible", "the cell is too hot: cool it")
    served.add_sweep("rate-map", GRID, cold_ones_fail)
    served.add_sweep("ranking", SALTELLI)
    served.add_sweep("tolerances", many(1000), phase="Running")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(served: Served, browser: Browser, view: str, is_dark: bool, size: tuple[int, int]):
    token, address, sign = VIEWS[view]
    with visitor(browser, served.url, token=token, size=size, is_dark=is_dark) as someone:
        someone.open(address)
        expect(someone.page.locator(sign).first).to_be_visible()
        closed = someone.page.locator("details:not([open]) > summary")
        while closed.count():
            closed.first.click()

        assert someone.accessibility_problems() == []
        assert not someone.is_too_wide()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    with visitor(browser, served.url, token=EDITOR) as someone:
        someone.open("#/")
        expect(someone.page.locator(".simulations tbody tr").first).to_be_visible()
        yield someone.page


def press_until_focused(page: Page, role: str, name: str) -> None:
    """Go forward with the Tab key until a control has the focus."""
    wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if wanted.count() and wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{MOST_STOPS} times Tab do not lead to {role} {name!r}")


def test_the_keyboard_filters_selects_and_compares(page: Page):
    press_until_focused(page, "searchbox", "Name")
    page.keyboard.type("c")
    press_until_focused(page, "checkbox", "Succeeded")
    page.keyboard.press("Space")
    expect(page).to_have_url("".join((page.url.split("#")[0], "#/?phase=Succeeded&q=c")))
    for name in ("cycling", "cell-discharge"):
        page.get_by_role("searchbox", name="Name").focus()
        press_until_focused(page, "checkbox", f"Compare {name}")
        page.keyboard.press("Space")
    page.get_by_role("searchbox", name="Name").focus()
    press_until_focused(page, "link", "Compare")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    expect(page.locator(".plot canvas").first).to_be_visible()


def test_the_keyboard_reads_and_zooms_a_chart_and_opens_the_tables(page: Page):
    press_until_focused(page, "link", "cycling")
    page.keyboard.press("Enter")
    chart = "Voltage chart. Arrow keys move the cursor, plus and minus zoom, Escape resets."
    expect(page.get_by_role("group", name=chart)).to_be_visible()
    press_until_focused(page, "group", chart)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("+")

    assert float(page.locator("figure", has_text="Voltage").locator(".value").first.inner_text()) > 2.4
    expect(page.get_by_role("button", name="Reset zoom")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Reset zoom")).to_be_disabled()
    for table in ("Table of cycles", "Table of steps"):
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('.records summary')"):
                break
        page.keyboard.press("Enter")
        expect(page.get_by_label(table)).to_be_visible()


def test_the_keyboard_goes_through_the_points_of_a_nyquist_plot(page: Page):
    press_until_focused(page, "link", "impedance")
    page.keyboard.press("Enter")
    plot = "Nyquist plot. Left and right arrow keys go through the points."
    expect(page.get_by_role("group", name=plot)).to_be_visible()
    press_until_focused(page, "group", plot)
    seen = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        expect(page.locator("circle.hit")).to_have_count(1)
        seen.add(page.get_by_role("status").last.inner_text())

    assert len(seen) == 3
    assert all("Hz, Re" in text for text in seen)


def test_the_keyboard_deletes_after_a_question(page: Page, served: Served):
    served.add_failed(
        "to-delete", example_spec("cell-discharge"), "Infeasible", "the cell is too hot: cool it"
    )
    page.goto(f"{served.url}/#/simulations/default/to-delete")
    press_until_focused(page, "button", "Delete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Delete")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Simulations")).to_be_visible()
    assert "to-delete" not in served.cluster.objects


def test_the_keyboard_sorts_and_filters_the_points_of_a_sweep(page: Page):
    press_until_focused(page, "link", "Sweeps")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="rate-map")).to_be_visible()
    press_until_focused(page, "link", "rate-map")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Table of points")).to_be_visible()
    press_until_focused(page, "combobox", "Column")
    page.keyboard.type("C-rate")
    press_until_focused(page, "textbox", "Value")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 to 10 of 10 points").first).to_be_visible()
    press_until_focused(page, "button", "C-rate")
    page.keyboard.press("Enter")

    expect(page.get_by_role("columnheader", name="C-rate").last).to_have_attribute("aria-sort", "ascending")


def test_the_keyboard_fills_the_form_and_submits_it(page: Page, served: Served):
    press_until_focused(page, "link", "New")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This can be run.")).to_be_visible()
    press_until_focused(page, "textbox", "Name")
    page.keyboard.type("by-keyboard")
    press_until_focused(page, "button", "Run the simulation")
    expect(page.get_by_text("This can be run.")).to_be_visible()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="by-keyboard")).to_be_visible()
    assert "by-keyboard" in served.cluster.objects
