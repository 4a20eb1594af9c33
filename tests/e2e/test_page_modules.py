"""What the page's modules decide, without a view: asked in the browser that runs them."""

from collections.abc import Iterator
from typing import Any

import pytest
from devtools.kube import forwarded_bridge
from playwright.sync_api import Browser, Page

from .browser import running_browser


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with running_browser() as browser, forwarded_bridge() as url:
        yield page_of(browser, url)


def page_of(browser: Browser, url: str) -> Page:
    page = browser.new_page()
    page.goto(url)
    return page


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
        assert call(page, "server_sent_events", read, {"text": stream, "size": size}) == [
            {"event": "phase", "id": "7", "data": '{"a":\n1}'},
            {"event": "end", "id": "8", "data": "{}"},
        ]


def test_tries_become_rarer_and_do_as_the_bridge_asks(page: Page):
    waits = [call(page, "backoff", "m.delaySeconds(x, undefined, () => 1)", number) for number in range(1, 9)]

    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    assert call(page, "backoff", "m.delaySeconds(1, 5, () => 1)") == 5
    assert call(page, "backoff", "m.delaySeconds(3, undefined, () => 0)") == 2


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        (
            "dischargeCapacityAmpereHours",
            4.938188,
            {"label": "Net charge drawn", "text": "4.9382", "unit": "A·h"},
        ),
        ("chargedWattHours", 0, {"label": "Put in, energy", "text": "0", "unit": "W·h"}),
        ("minVolts", 2.5, {"label": "Min voltage", "text": "2.5", "unit": "V"}),
        ("internalResistanceOhms", 0.03331, {"label": "Internal resistance", "text": "33.31", "unit": "mΩ"}),
        ("maxTemperatureCelsius", 25, {"label": "Max temperature", "text": "25", "unit": "°C"}),
        ("endStateOfCharge", 0.031, {"label": "End state of charge", "text": "3.1", "unit": "%"}),
        ("stateOfHealth", 0.98, {"label": "State of health", "text": "98", "unit": "%"}),
        ("maxCRate", 1.62, {"label": "Max rate", "text": "1.62", "unit": "C"}),
        ("limitingCell", "s2p3", {"label": "Limiting cell", "text": "s2p3", "unit": ""}),
    ],
)
def test_a_number_is_shown_with_its_unit(page: Page, name: str, value: Any, shown: dict[str, str]):
    assert call(page, "quantity", "m.describeField(x.name, x.value)", {"name": name, "value": value}) == shown


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
    assert call(page, "quantity", "m.duration(x)", seconds) == text


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


def test_missing_numbers_are_gaps(page: Page):
    csv = '"Time [s]","Voltage [V]"\n0,4.1\n1,\n2.5,1e-3\n'

    assert call(page, "result", "m.readColumns(x, 2)", csv) == [[0, 1, 2.5], [4.1, None, 0.001]]


LIST = "((state) => m.afterEvent(state, x.event, x.phases))({ items: x.items, total: x.items.length })"


def item(name: str, phase: str = "Running") -> dict[str, Any]:
    metadata = {"namespace": "lab", "name": name, "creationTimestamp": "2026-11-24T12:00:00Z"}
    return {"metadata": metadata, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("event", "changed", "phases", "left", "is_news"),
    [
        ("end", item("a", "Succeeded"), [], [("a", "Succeeded"), ("b", "Running")], False),
        ("end", item("a", "Succeeded"), ["Running"], [("b", "Running")], False),
        ("deleted", item("b"), [], [("a", "Running")], False),
        ("phase", item("c", "Pending"), [], [("a", "Running"), ("b", "Running")], True),
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

    after = call(page, "list_state", LIST, argument)

    shown = [(one["metadata"]["name"], one["status"]["phase"]) for one in after["state"]["items"]]
    assert (shown, after["state"]["total"], after["isNews"]) == (left, len(left), is_news)


def test_pages_become_one_list_with_each_simulation_once_and_the_newest_first(page: Page):
    def of(name: str, minute: int) -> dict[str, Any]:
        one = item(name)
        one["metadata"]["creationTimestamp"] = f"2026-11-24T12:{minute:02d}:00Z"
        return one

    first = {"items": [of("d", 4), of("c", 3)], "total": 4, "nextCursor": "after-c"}
    second = {"items": [of("c", 3), of("b", 2), of("a", 1)], "total": 5}
    anew = {"items": [of("e", 5), of("d", 4)], "total": 6, "nextCursor": "after-d"}
    merge = "m.withFirstPage(m.withNextPage(m.fromPage(x[0], 1), x[1], 2), x[2], 3)"

    merged = call(page, "list_state", merge, [first, second, anew])

    assert [one["metadata"]["name"] for one in merged["items"]] == ["e", "d", "c", "b", "a"]
    assert (merged["total"], merged.get("nextCursor"), merged["loadedTime"]) == (6, None, 3)


def test_a_list_that_has_missed_too_much_begins_anew(page: Page):
    known = {"items": [item("a")], "total": 1}
    later = {"items": [item("y"), item("z")], "total": 300, "nextCursor": "after-z"}

    anew = call(page, "list_state", "m.withFirstPage(m.fromPage(x[0], 1), x[1], 2)", [known, later])

    assert [one["metadata"]["name"] for one in anew["items"]] == ["y", "z"]
    assert anew["nextCursor"] == "after-z"


def test_a_name_in_the_address_may_have_any_sign(page: Page):
    route = (
        "(({ view, namespace, name }) => [view, namespace, name])(m.parseRoute(m.detailAddress('lab', x)))"
    )

    assert call(page, "router", route, "a.b/c%?d") == ["detail", "lab", "a.b/c%?d"]


def test_who_a_token_is_for_is_read_from_it(page: Page):
    token = "e30.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6bGFiOmFkYSJ9.x"

    assert call(page, "session", "m.aboutToken(x)", token) == {"user": "ada", "namespace": "lab"}
    assert call(page, "session", "m.aboutToken('opaque')") == {"user": "signed in", "namespace": None}
