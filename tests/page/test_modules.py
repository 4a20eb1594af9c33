"""What the page's modules decide, without a view: asked in the browser that runs them."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from .served import Served


@pytest.fixture(scope="module")
def page(browser: Browser, served: Served) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(served.url)
    yield page
    page.close()


def call(page: Page, module: str, code: str, argument: Any = None) -> Any:
    """Return what an expression gives in which `m` is a module of the page and `x` the argument."""
    return page.evaluate(
        f"async (x) => {{ const m = await import('/page/{module}.js'); return {code}; }}", argument
    )


def test_an_event_stream_may_be_cut_anywhere(page: Page):
    stream = (
        ': heartbeat\n\nretry: 3000\n\nevent: phase\nid: 7\ndata: {"a":\ndata: 1}\n\n'
        "event: end\r\nid: 8\r\ndata: {}\r\n\r\n"
    )
    read = """(() => {
        const seen = [];
        const push = m.createParser((item) => seen.push(item));
        for (let at = 0; at < x.text.length; at += x.size) push(x.text.slice(at, at + x.size));
        return seen;
    })()"""

    for size in range(1, 40):
        assert call(page, "live/server_sent_events", read, {"text": stream, "size": size}) == [
            {"event": "phase", "id": "7", "data": '{"a":\n1}'},
            {"event": "end", "id": "8", "data": "{}"},
        ]


def test_tries_become_rarer_and_do_as_the_bridge_asks(page: Page):
    waits = [
        call(page, "live/backoff", "m.delaySeconds(x, undefined, () => 1)", number) for number in range(1, 9)
    ]

    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    assert call(page, "live/backoff", "m.delaySeconds(1, 5, () => 1)") == 5
    assert call(page, "live/backoff", "m.delaySeconds(3, undefined, () => 0)") == 2


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        (
            "dischargeCapacityAmpereHours",
            4.938188,
            {"label": "Net charge discharged", "text": "4.9382", "unit": "A·h"},
        ),
        ("chargedWattHours", 0, {"label": "Gross charge energy", "text": "0", "unit": "W·h"}),
        ("minVolts", 2.5, {"label": "Min voltage", "text": "2.5", "unit": "V"}),
        ("internalResistanceOhms", 0.03331, {"label": "Internal resistance", "text": "33.31", "unit": "mΩ"}),
        ("maxTemperatureCelsius", 25, {"label": "Max temperature", "text": "25", "unit": "°C"}),
        ("endStateOfCharge", 0.031, {"label": "End state of charge", "text": "3.1", "unit": "%"}),
        ("stateOfHealth", 0.98, {"label": "State of health", "text": "98", "unit": "%"}),
        ("maxCRate", 1.62, {"label": "Max rate", "text": "1.62", "unit": "C"}),
        ("limitingCell", "s2p3", {"label": "Limiting cell", "text": "s2p3", "unit": ""}),
        (
            "endTimeSeconds",
            3.54e6,
            {"label": "End time", "text": "40 d 23 h 20 min", "unit": "", "title": "3\u202f540\u202f000 s"},
        ),
        (
            "dischargeEnergyWattHours",
            8.304e-48,
            {"label": "Net energy discharged", "text": "~0", "unit": "W·h"},
        ),
    ],
)
def test_a_number_is_shown_with_its_unit(page: Page, name: str, value: Any, shown: dict[str, str]):
    assert (
        call(page, "common/quantity", "m.describeField(x.name, x.value)", {"name": name, "value": value})
        == shown
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "40 ms"),
        (4.23, "4.2 s"),
        (75, "1 min 15 s"),
        (3600, "1 h"),
        (93784, "1 d 2 h"),
        (None, "\u2013"),
    ],
)
def test_a_duration_is_read_at_a_glance(page: Page, seconds: float | None, text: str):
    assert call(page, "common/quantity", "m.duration(x)", seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.54e6, "3\u202f540\u202f000"),
        (8.3e-5, "8.3 \u00d7 10⁻⁵"),
        (-1.25e13, "-1.25 \u00d7 10¹³"),
        (4.93819, "4.9382"),
        (0, "0"),
    ],
)
def test_a_number_is_written_as_people_do(page: Page, value: float, text: str):
    assert call(page, "common/quantity", "m.number(x)", value) == text


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("event: Voltage < 2.5 [V] [experiment]", "Voltage below 2.5 V"),
        ("event: abs(Current [A]) < 0.05 [A] [experiment]", "Current below 0.05 A"),
        ("event: C-rate cut-off [experiment]", "C-rate cut-off"),
        ("event: Minimum voltage [V]", "Minimum voltage"),
        ("final time", "Duration reached"),
    ],
)
def test_the_end_of_a_step_is_told_in_words(page: Page, told: str, shown: str):
    assert call(page, "simulation/simulation", "m.endedByInWords(x)", told) == shown


def test_a_change_of_a_manifest_leaves_no_empty_parts_and_no_trace_in_the_old_one(page: Page):
    changed = """(() => {
        const before = { metadata: {}, spec: { cell: { preset: "LGM50" }, solver: { mesh: { points: 3 } } } };
        const kept = JSON.stringify(before);
        const after = m.setAt(m.setAt(before, "spec.solver.mesh.points", undefined), "spec.run.retries", 0);
        return { after, isKept: JSON.stringify(before) === kept };
    })()"""

    assert call(page, "form/spec_path", changed) == {
        "after": {"metadata": {}, "spec": {"cell": {"preset": "LGM50"}, "run": {"retries": 0}}},
        "isKept": True,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" 3.5 ", 3.5),
        ("-3,5", -3.5),
        ("0,125", 0.125),
        ("3,600", "3,600"),  # 3600 to some, 3.6 to others
        ("1e-3", 0.001),
        ("an hour", "an hour"),
    ],
)
def test_a_number_is_read_as_it_is_meant_or_left_to_the_bridge(page: Page, text: str, value: Any):
    assert call(page, "form/field_text", "m.numberOf(x)", text) == value


def test_a_number_in_another_unit_has_no_binary_dust(page: Page):
    assert call(page, "form/field_text", "m.rounded(1.1 * 3600)") == 3960


def test_a_text_in_the_place_of_an_object_has_no_parts(page: Page):
    manifest = {"spec": {"protocol": {"driveCycle": "US06"}}}

    assert call(page, "form/spec_path", "m.getAt(x, 'spec.protocol.driveCycle.repeat')", manifest) is None
    assert call(page, "form/spec_path", "m.setAt(x, 'spec.protocol.driveCycle.scale', 2)", manifest) == {
        "spec": {"protocol": {"driveCycle": {"scale": 2}}}
    }


def test_yaml_that_refers_to_itself_is_no_manifest(page: Page):
    with pytest.raises(Error, match="inside of its own anchor"):
        call(page, "simulation/manifest", "m.fromYaml(x)", "spec: &a\n  cell: *a\n")


def test_problems_of_a_part_belong_to_its_control(page: Page):
    inside = (
        "['spec.cell', 'spec.cell.x', 'spec.cell[0]', 'spec.cells'].map((f) => m.isWithin(f, 'spec.cell'))"
    )

    assert call(page, "form/spec_path", inside) == [True, True, True, False]


def test_another_cell_brings_the_options_that_it_needs_and_takes_the_last_ones_away(page: Page):
    half_cell = {"working electrode": "positive"}
    catalogue = {
        "cells": [
            {"field": "parameterSet", "name": "Xu2019", "models": {"SPM": half_cell}},
            {"field": "preset", "name": "LGM50", "models": {"SPM": {}, "DFN": {}}},
        ]
    }
    manifest = {
        "spec": {
            "model": {"family": "DFN", "options": {"thermal": "lumped"}},
            "cell": {"preset": "LGM50", "initialStateOfCharge": 1},
        }
    }
    there = call(page, "form/cell_choice", "m.withCell(x[0], x[1].cells[0], x[1])", [manifest, catalogue])
    back = call(page, "form/cell_choice", "m.withCell(x[0], x[1].cells[1], x[1])", [there, catalogue])

    assert there["spec"] == {
        "model": {"family": "SPM", "options": {"thermal": "lumped", **half_cell}},
        "cell": {"parameterSet": "Xu2019", "initialStateOfCharge": 1},
    }
    assert back["spec"]["model"] == {"family": "SPM", "options": {"thermal": "lumped"}}


def test_a_cursor_finds_the_nearest_point_of_each_run_and_nothing_beyond_its_end(page: Page):
    nearest = "x.map((index) => m.nearestWithValue([0, 1, 2, 3, 9], [null, 5, undefined, 7, null], index))"

    assert call(page, "charts/aligned_data", nearest, [0, 1, 2, 3, 4]) == [None, 1, 1, 3, None]


@pytest.mark.parametrize(
    ("ends", "axis"),
    [([2.5, 4.2], [2.398, 4.302]), ([25, 25], [23.75, 26.25]), ([0, 0], [-1, 1]), ([None, None], [0, 1])],
)
def test_an_axis_has_room_around_the_curve_also_around_a_flat_one(
    page: Page, ends: list[Any], axis: list[float]
):
    assert call(page, "charts/aligned_data", "m.paddedRange(x[0], x[1])", ends) == pytest.approx(axis)


def test_a_window_stays_within_the_run(page: Page):
    assert call(page, "charts/time_window", "m.zoomed([0, 100], 0.5, [0, 100])") == [25, 75]
    assert call(page, "charts/time_window", "m.zoomed([25, 75], 4, [0, 100])") is None
    assert call(page, "charts/time_window", "m.shifted([10, 30], -0.75, [0, 100])") == [0, 20]
    assert call(page, "charts/time_window", "m.zoomedByRatio([1, 100], 0.5, [1, 1e4])") == pytest.approx(
        [10**0.5, 10**1.5]
    )
    assert call(page, "charts/time_window", "m.zoomedByRatio([1, 100], 2, [1, 1e4])") == pytest.approx(
        [1, 1e3]
    )


@pytest.mark.parametrize(
    ("window", "part"),
    [
        ([2.4, 2.6], {"from": 2, "to": 3}),  # a curve without a point in the window still runs through it
        ([2, 3], {"from": 2, "to": 3}),
        ([5, 9], {"from": 4, "to": None}),  # a run that ended before the others
    ],
)
def test_finer_points_reach_from_the_point_before_a_window_to_the_one_after_it(
    page: Page, window: list[float], part: dict[str, float]
):
    assert call(page, "charts/time_series", "m.withNeighbours([0, 1, 2, 3, 4], x)", window) == part


def test_finer_points_are_only_drawn_for_their_window_and_columns(page: Page):
    detail = "{ asked: 'run V', window: [10, 20] }"
    fits = f"x.map(([asked, window]) => m.isFitting({detail}, {{ asked }}, window))"
    asked = [["run V", [12, 18]], ["run V", [12, 21]], ["run V,I", [12, 18]], ["run V", None]]

    assert call(page, "charts/time_series", fits, asked) == [True, False, False, False]


def test_missing_numbers_are_gaps(page: Page):
    csv = '"Time [s]","Voltage [V]"\n0,4.1\n1,\n2.5,1e-3\n'

    assert call(page, "results/result", "m.readColumns(x, 2)", csv) == [[0, 1, 2.5], [4.1, None, 0.001]]


LIST = """((page) => m.afterEvent(m.fromPage(page, 1), x.event, x.phases))(
    { items: x.items, total: x.items.length, nextCursor: x.cursor })"""


def item(name: str, phase: str = "Running", *, version: int = 10, minute: int = 0) -> dict[str, Any]:
    metadata = {
        "namespace": "lab",
        "name": name,
        "creationTimestamp": f"2026-11-24T12:{minute:02d}:00Z",
        "resourceVersion": str(version),
    }
    return {"metadata": metadata, "status": {"phase": phase}}


def names_in(state: dict[str, Any]) -> list[str]:
    return [one["metadata"]["name"] for one in state["items"]]


@pytest.mark.parametrize(
    ("event", "changed", "phases", "left", "is_news"),
    [
        ("end", item("a", "Succeeded"), [], [("a", "Succeeded"), ("b", "Running")], False),
        ("end", item("a", "Succeeded"), ["Running"], [("b", "Running")], False),
        ("deleted", item("b"), [], [("a", "Running")], False),
        ("phase", item("c", "Pending"), [], [("a", "Running"), ("b", "Running")], True),
        # What cannot belong into the list must not load it anew.
        ("phase", item("c", "Pending"), ["Running"], [("a", "Running"), ("b", "Running")], False),
        ("progress", item("c"), [], [("a", "Running"), ("b", "Running")], False),
        ("phase", item("a", "Pending", version=9), [], [("a", "Running"), ("b", "Running")], False),
        ("deleted", item("a", version=9), [], [("a", "Running"), ("b", "Running")], False),
    ],
)
def test_an_event_changes_what_is_in_the_list_and_tells_what_is_not(
    page: Page,
    event: str,
    changed: dict[str, Any],
    phases: list[str],
    left: list[tuple[str, str]],
    is_news: bool,
):
    argument = {
        "items": [item("a"), item("b")],
        "event": {"event": event, "data": changed},
        "phases": phases,
    }

    after = call(page, "list/state", LIST, argument)

    shown = [(one["metadata"]["name"], one["status"]["phase"]) for one in after["state"]["items"]]
    assert (shown, after["state"]["total"], after["isNews"]) == (left, len(left), is_news)


def test_what_is_on_a_page_that_nobody_has_asked_for_is_no_news(page: Page):
    argument = {"items": [item("b", minute=5)], "phases": [], "cursor": "after-b"}
    older, newer = item("a", minute=4), item("c", minute=6)

    news = [
        call(page, "list/state", LIST, {**argument, "event": {"event": "phase", "data": data}})["isNews"]
        for data in (older, newer)
    ]

    assert news == [False, True]


def test_pages_become_one_list_with_each_simulation_once_and_the_newest_first(page: Page):
    first = {"items": [item("d", minute=4), item("c", minute=3)], "total": 4, "nextCursor": "after-c"}
    second = {"items": [item("c", minute=3), item("b", minute=2), item("a", minute=1)], "total": 5}
    anew = {"items": [item("e", minute=5), item("d", minute=4)], "total": 6, "nextCursor": "after-d"}
    merge = "m.withFirstPage(m.withNextPage(m.fromPage(x[0], 1), x[1], 2), x[2], 3)"

    merged = call(page, "list/state", merge, [first, second, anew])

    assert names_in(merged) == ["e", "d", "c", "b", "a"]
    assert (merged["total"], merged.get("nextCursor"), merged["loadedTime"]) == (6, None, 3)


def test_a_page_that_comes_late_undoes_nothing(page: Page):
    # "9" is older than "10", and a second "c" newer than the one that was deleted.
    first = {"items": [item("a", version=9), item("b", version=9), item("c", version=9)], "total": 3}
    events = [
        {"event": "end", "data": item("a", "Succeeded", version=10)},
        {"event": "deleted", "data": item("b", version=11)},
        {"event": "deleted", "data": item("c", version=12)},
    ]
    late = {"items": [item("a", version=9), item("b", version=9), item("c", version=13)], "total": 3}
    replay = """((known) => m.withFirstPage(known, x.late, 2))(
        x.events.reduce((state, event) => m.afterEvent(state, event, []).state, m.fromPage(x.first, 1)))"""

    after = call(page, "list/state", replay, {"first": first, "events": events, "late": late})

    shown = [(one["metadata"]["name"], one["status"]["phase"]) for one in after["items"]]
    assert shown == [("a", "Succeeded"), ("c", "Running")]


def test_a_list_that_has_missed_too_much_begins_anew(page: Page):
    known = {"items": [item("a")], "total": 1}
    later = {"items": [item("y"), item("z")], "total": 300, "nextCursor": "after-z"}

    anew = call(page, "list/state", "m.withFirstPage(m.fromPage(x[0], 1), x[1], 2)", [known, later])

    assert names_in(anew) == ["y", "z"]
    assert anew["nextCursor"] == "after-z"


def test_a_name_in_the_address_may_have_any_sign(page: Page):
    route = (
        "(({ view, namespace, name }) => [view, namespace, name])(m.parseRoute(m.detailAddress('lab', x)))"
    )

    assert call(page, "router", route, "a.b/c%?d") == ["detail", "lab", "a.b/c%?d"]


def test_who_a_token_is_for_is_read_from_it(page: Page):
    token = "e30.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6bGFiOmFkYSJ9.x"

    assert call(page, "session/session", "m.aboutToken(x)", token) == {"user": "ada", "namespace": "lab"}
    assert call(page, "session/session", "m.aboutToken('opaque')") == {"user": "signed in", "namespace": None}


def test_a_stream_without_a_heartbeat_is_asked_for_again(page: Page):
    page.route("**/silent", lambda _: None)  # never answered
    start = """async () => {
        const { follow } = await import('/page/live/follow.js');
        window.left = new AbortController();
        follow('silent', { onEvent() {}, signal: window.left.signal, silenceMilliseconds: 50 });
    }"""

    with page.expect_request("**/silent"):
        page.evaluate(start)
    with page.expect_request("**/silent"):
        expect(page.get_by_text("The connection was lost")).to_be_visible()
    page.evaluate("window.left.abort()")

    # Nobody waits any more, so there is no trouble.
    expect(page.get_by_text("The connection was lost")).to_have_count(0)


def test_trying_now_wakes_everybody_who_waits(page: Page):
    woken = """(async () => {
        const trouble = { message: 'lost' };
        const waiting = [1, 2].map(() => m.waitAfter(trouble, 9, new AbortController().signal));
        m.retryNow();
        await Promise.all(waiting);
        m.recovered();
        return true;
    })()"""

    assert call(page, "live/connection", f"await {woken}") is True
