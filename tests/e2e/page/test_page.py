"""The web page in a real browser against a real cluster: submit, watch, plot, download, and the rest."""

import hashlib
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from devtools.kube import Kube, Manifest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import RUN_MILLISECONDS, Visitor, visitor
from tests.e2e.waiting import until

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def name() -> str:
    return f"page-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def finished(kube: Kube, simulation: Callable[..., Manifest]) -> Callable[..., str]:
    """Run an example to its end; return its name."""

    def run(example: str = "cell-discharge", **changes: Any) -> str:
        created = kube.create(simulation(example, **changes))["metadata"]["name"]
        kube.wait_for_end(created)
        return str(created)

    return run


def row(page: Page, kube: Kube, name: str) -> Any:
    return page.locator(f'[data-run="{kube.namespace}/{name}"]')


def value_under_cursor(page: Page, title: str) -> str:
    return page.locator("figure", has_text=title).locator(".value").first.inner_text()


def test_submit_watch_plot_and_download(kube: Kube, browser: Browser, url: str, token: str, name: str):
    with visitor(browser, url) as someone:
        page = someone.page
        someone.open()
        someone.sign_in(token)

        page.get_by_role("link", name="New simulation").click()
        # The list has a field "Name" too, and stays until the form is there.
        page.locator(".simulation-form").get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Duration", exact=True).fill("2")
        expect(page.get_by_text("This can be run.")).to_be_visible()
        assert "durationSeconds: 7200" in page.get_by_label("YAML").input_value()
        someone.take_picture("form-filled")
        page.get_by_role("button", name="Run the simulation").click()

        expect(page).to_have_url(re.compile(f"#/simulations/{kube.namespace}/{name}$"))
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        expect(page.locator(".badge-succeeded")).to_be_visible(timeout=RUN_MILLISECONDS)
        expect(page.locator(".plot canvas")).to_have_count(4)
        expect(page.get_by_role("row", name="Net charge discharged")).to_contain_text("A·h")
        page.locator(".plot").first.hover()
        assert 2.5 < float(value_under_cursor(page, "Voltage")) < 4.2
        assert value_under_cursor(page, "Current") == "5"
        someone.take_picture("detail-succeeded")

        stored = kube.get(name)["status"]["results"]
        assert hashlib.sha256(someone.download("Parquet")).hexdigest() == stored["sha256"]
        lines = someone.download("CSV").decode().splitlines()
        assert lines[0].startswith('"Time [s]"')
        assert len(lines) == 1 + stored["rows"]
        assert someone.download("PNG").startswith(PNG)
        assert someone.download("ZIP").startswith(b"PK")


def test_the_list_shows_what_others_do_without_being_asked(
    kube: Kube, editor: Visitor, simulation: Callable[..., Manifest]
):
    editor.open()
    expect(editor.page).to_have_url(re.compile(f"namespace={kube.namespace}"))

    created = kube.create(simulation())["metadata"]["name"]

    shown = row(editor.page, kube, created)
    expect(shown).to_be_visible()
    expect(shown).to_contain_text("Succeeded", timeout=RUN_MILLISECONDS)
    expect(shown).to_contain_text("Lower cut-off")
    expect(shown).to_contain_text("4.938 A·h")
    kube.delete(created)
    expect(shown).to_have_count(0)


def test_the_list_is_filtered_by_the_bridge_and_the_filter_is_in_the_address(
    kube: Kube, editor: Visitor, finished: Callable[..., str]
):
    discharge, impedance = finished(), finished("impedance")
    editor.open(f"#/?namespace={kube.namespace}")
    expect(row(editor.page, kube, discharge)).to_be_visible()

    editor.page.get_by_label("Protocol").select_option("impedance")

    expect(row(editor.page, kube, discharge)).to_have_count(0)
    expect(row(editor.page, kube, impedance)).to_be_visible()
    expect(editor.page).to_have_url(re.compile("protocol=impedance"))
    editor.page.get_by_role("checkbox", name="Failed").check()
    expect(editor.page.get_by_text("No simulations match.")).to_be_visible()


def test_a_filter_that_is_chosen_while_another_is_typed_is_kept(editor: Visitor):
    editor.open()
    editor.page.get_by_label("Name", exact=True).fill("us06")
    editor.page.get_by_role("checkbox", name="Failed").check()

    expect(editor.page).to_have_url(re.compile("(?=.*q=us06)(?=.*phase=Failed)"))


def test_two_runs_are_compared_in_the_same_charts(kube: Kube, editor: Visitor, finished: Callable[..., str]):
    slow = finished(protocol__constantCurrent__currentAmperes=2.5)
    fast = finished()
    page = editor.page
    editor.open(f"#/?namespace={kube.namespace}")

    for chosen in (slow, fast):
        page.get_by_label(f"Compare {chosen}").check()
    page.get_by_role("link", name="Compare").click()

    expect(page.locator(".plot canvas")).to_have_count(4)
    expect(page.locator("figure", has_text="Voltage").locator("li")).to_have_text(
        [re.compile(slow), re.compile(fast)]
    )
    expect(page.get_by_role("table").get_by_role("columnheader")).to_have_text([slow, fast])
    page.locator(".plot").first.hover(position={"x": 100, "y": 60})
    editor.take_picture("compare")
    page.get_by_role("button", name=f"Remove {slow}").click()
    expect(page.locator("figure", has_text="Voltage").locator("li")).to_have_count(
        2
    )  # also the open-circuit voltage
    page.get_by_label("Add a run").fill(f"{kube.namespace}/{slow}")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("figure", has_text="Voltage").locator("li").last).to_contain_text(slow)


def test_zooming_fetches_finer_points_and_escape_resets(
    kube: Kube, editor: Visitor, finished: Callable[..., str]
):
    run = finished("us06-drive-cycle")
    page = editor.page
    editor.open(f"#/simulations/{kube.namespace}/{run}")
    plot = page.locator(".plot").first
    box = plot.bounding_box()
    assert box is not None
    reset = page.get_by_role("button", name="Reset zoom")
    expect(reset).to_be_disabled()

    with page.expect_request(lambda request: "from=" in request.url):
        page.mouse.move(box["x"] + 300, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 500, box["y"] + 60, steps=4)
        page.mouse.up()
    expect(reset).to_be_enabled()
    plot.focus()
    page.keyboard.press("ArrowRight")
    assert float(value_under_cursor(page, "Voltage")) > 2.5
    page.keyboard.press("Escape")

    expect(reset).to_be_disabled()


def test_a_curve_stays_however_far_it_is_zoomed(editor: Visitor, kube: Kube, finished: Callable[..., str]):
    page = editor.page
    editor.open(f"#/simulations/{kube.namespace}/{finished()}")
    plot = page.locator(".plot").first
    plot.focus()

    # A thousandth of the run, in which the result has no point.
    with page.expect_response(lambda answer: "from=" in answer.url) as answer:
        for _ in range(10):
            page.keyboard.press("+")
    answer.value.finished()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+0")  # the browser's own zoom

    expect(page.get_by_role("button", name="Reset zoom")).to_be_enabled()
    assert 2.5 < float(value_under_cursor(page, "Voltage")) < 4.2
    editor.take_picture("zoomed")


def test_another_column_leaves_the_charts_in_their_place(
    editor: Visitor, kube: Kube, finished: Callable[..., str]
):
    page = editor.page
    editor.open(f"#/simulations/{kube.namespace}/{finished()}")
    page.get_by_text("More columns").click()
    column = page.locator(".more-columns").get_by_role("checkbox").first

    column.check()

    expect(page.locator(".plot canvas")).to_have_count(5)
    expect(column).to_be_focused()
    expect(column).to_be_checked()


def test_an_impedance_is_a_nyquist_plot(kube: Kube, editor: Visitor, finished: Callable[..., str]):
    run = finished("impedance")
    editor.open(f"#/simulations/{kube.namespace}/{run}")

    nyquist = editor.page.get_by_role("img", name="Nyquist plot")
    expect(nyquist.locator("circle")).to_have_count(kube.get(run)["status"]["results"]["rows"])
    nyquist.hover()
    expect(editor.page.get_by_text(re.compile(r"Hz, Re .* mΩ"))).to_be_visible()
    editor.take_picture("impedance")


def test_an_experiment_shows_its_cycles(kube: Kube, editor: Visitor, finished: Callable[..., str]):
    run = finished("cycling")
    editor.open(f"#/simulations/{kube.namespace}/{run}")

    editor.page.get_by_text("Cycles", exact=True).click()
    expect(editor.page.get_by_label("Table of cycles").get_by_role("row").nth(1)).to_be_visible()
    editor.page.get_by_text("Steps", exact=True).click()
    expect(editor.page.get_by_label("Table of steps")).to_contain_text("Discharge")


def test_deleting_asks_first(kube: Kube, editor: Visitor, finished: Callable[..., str]):
    run = finished()
    page = editor.page
    editor.open(f"#/simulations/{kube.namespace}/{run}")

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep it").click()
    assert kube.exists(run)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(page.get_by_role("heading", name="Simulations")).to_be_visible()
    until(lambda: not kube.exists(run))


def test_other_peoples_text_is_text(kube: Kube, editor: Visitor, simulation: Callable[..., Manifest]):
    markup = "<img src=x onerror=document.title='owned'>"
    manifest = simulation()
    manifest["metadata"]["annotations"] = {"batterysim.dev/submitted-by": markup}
    manifest["spec"]["protocol"] = {"experiment": {"steps": [markup]}}
    created = kube.create(manifest)["metadata"]["name"]
    kube.wait_for_end(created)

    editor.open(f"#/simulations/{kube.namespace}/{created}")

    expect(editor.page.locator(".notice-error")).to_contain_text(markup)
    assert editor.page.locator("main img").count() == 0
    assert "owned" not in editor.page.title()


def test_a_reader_is_told_which_right_is_missing(kube: Kube, browser: Browser, url: str):
    with visitor(browser, url, token=kube.reader_token()) as reader:
        reader.open("#/new")
        expect(reader.page.get_by_role("alert").last).to_contain_text("needs the verb 'create'")
        expect(reader.page.get_by_role("button", name="Run the simulation")).to_have_count(0)
        reader.open("#/?namespace=kube-system")
        expect(reader.page.get_by_role("heading", name="You are not allowed to do this")).to_be_visible()


def test_a_bad_token_leads_back_to_signing_in(browser: Browser, url: str):
    with visitor(browser, url, token="no.such.token") as someone:
        someone.open()
        expect(someone.page.get_by_label("Token of the cluster")).to_be_visible()
        expect(someone.page.get_by_role("alert").last).to_contain_text("expired")


def test_where_everybody_may_read_nothing_that_changes_is_offered(
    kube: Kube, browser: Browser, url: str, finished: Callable[..., str]
):
    run, right = finished(), f"Bearer {kube.reader_token()}"
    with visitor(browser, url) as anyone:
        page = anyone.page
        # What a bridge with anonymous reading answers to those without a token.
        page.route(
            "**/v1/**",
            lambda route: route.continue_(headers={**route.request.headers, "authorization": right}),
        )
        anyone.open(f"#/?namespace={kube.namespace}")
        page.get_by_role("link", name=run).click()

        expect(page.locator(".plot canvas")).to_have_count(4)
        expect(page.get_by_role("button", name="Delete")).to_have_count(0)
        expect(page.get_by_role("link", name="Run again with changes")).to_have_count(0)
        expect(page.get_by_role("link", name="Sign in")).to_be_visible()
