"""The points of a sweep on the page: its table, which the bridge sorts and filters, and its charts."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from scipy import stats

from tests.e2e.browser import Visitor, visitor

from .served import VIEWER, Served
from .sweep_tables import ENERGY, GRID, RATE, SALTELLI, TEMPERATURE, cold_ones_fail, slow_ones_fail

LARGE = 100_000


@pytest.fixture(scope="module", autouse=True)
def _sweeps(served: Served) -> None:
    served.add_sweep("rate-map", GRID, cold_ones_fail)
    served.add_sweep("ranking", SALTELLI)
    served.add_sweep("ranking-with-gaps", SALTELLI, slow_ones_fail)
    served.add_large_sweep("large", LARGE)


def table(page: Page) -> Locator:
    return page.get_by_label("Table of points")


def column(page: Page, name: str) -> list[str]:
    """Return the shown texts of a column, as soon as the table is not busy."""
    expect(table(page)).to_have_attribute("aria-busy", "false")
    heads = [text.split()[0] for text in table(page).get_by_role("columnheader").all_inner_texts()]
    rows = table(page).locator("tbody tr").all()
    return [row.locator("th, td").nth(heads.index(name)).inner_text() for row in rows]


def call(page: Page, module: str, code: str, argument: Any) -> Any:
    return page.evaluate(
        f"async (x) => {{ const m = await import('/page/{module}.js'); return {code}; }}", argument
    )


def choose(page: Page, chart: str, **columns: str) -> None:
    """Choose a chart and its columns."""
    charts = page.get_by_role("region", name="Charts")
    charts.get_by_role("radio", name=chart).check()
    for label, name in columns.items():
        charts.get_by_role("combobox", name=label, exact=True).select_option(name)


def test_the_table_of_100_000_points_is_sorted_by_the_bridge_page_by_page(viewer: Visitor):
    page = viewer.page
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(answer.body())) if "/points" in answer.url else None)
    viewer.open("#/sweeps/default/large")
    expect(page.get_by_text(re.compile("1 to 50 of 100000 points")).first).to_be_visible()
    assert column(page, "Point") == [str(number) for number in range(50)]

    page.get_by_role("button", name="C-rate").click()
    expect(table(page).get_by_role("columnheader", name="C-rate")).to_have_attribute("aria-sort", "ascending")
    rising = [float(text) for text in column(page, "C-rate")]
    page.get_by_role("button", name="C-rate").click()
    expect(table(page).get_by_role("columnheader", name="C-rate")).to_have_attribute(
        "aria-sort", "descending"
    )
    falling = [float(text) for text in column(page, "C-rate")]
    page.get_by_role("button", name="Last", exact=True).click()

    expect(page.get_by_text("99951 to 100000 of 100000 points").first).to_be_visible()
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)
    assert rising[-1] < 0.51 < 1.99 < falling[-1]
    assert max(sizes) < 4 << 20
    assert table(page).locator("tbody tr").count() == 50


def test_the_points_are_filtered_in_the_units_that_are_shown(viewer: Visitor):
    page = viewer.page
    viewer.open("#/sweeps/default/rate-map")
    form = page.get_by_role("form", name="Filter the points")
    form.get_by_label("Column").select_option("internalResistanceOhms")
    form.get_by_label("Comparison").select_option("<")
    form.get_by_label("Value in mΩ").fill("30.003")
    form.get_by_role("button", name="Filter").click()

    expect(page.get_by_text("1 to 3 of 3 points").first).to_be_visible()
    assert column(page, "Point") == ["0", "1", "2"]
    page.get_by_role("button", name="Remove Internal resistance below 30.003 mΩ").click()
    expect(page.get_by_text("1 to 20 of 20 points").first).to_be_visible()


def test_a_value_that_is_no_number_is_not_sent(viewer: Visitor):
    page = viewer.page
    viewer.open("#/sweeps/default/rate-map")
    form = page.get_by_role("form", name="Filter the points")
    form.get_by_label("Column").select_option(ENERGY)
    form.get_by_label("Value in W·h").fill("much")
    form.get_by_role("button", name="Filter").click()

    expect(page.get_by_text("Write a number in W·h.")).to_be_visible()
    assert viewer.failed_requests == []


def test_a_reason_leads_to_its_points_in_the_table(viewer: Visitor):
    page = viewer.page
    viewer.open("#/sweeps/default/rate-map")
    page.get_by_role("button", name="Solver failed").click()

    expect(page.get_by_text("1 to 1 of 1 points").first).to_be_visible()
    assert column(page, "Point") == ["10"]
    expect(page.locator(".points-place")).to_be_focused()


def test_a_point_is_run_as_a_simulation_of_its_own(editor: Visitor):
    page = editor.page
    editor.open("#/sweeps/default/rate-map")
    page.get_by_label("Table of points").get_by_role("link", name="Run point 7 as a simulation").click()

    expect(page.get_by_text("point 7 of the sweep default/rate-map")).to_be_visible()
    expect(page.get_by_text("This can be run.")).to_be_visible()
    yaml = page.get_by_label("YAML").input_value()
    assert "cRate: 1\n" in yaml
    assert "ambientTemperatureCelsius: 25\n" in yaml
    assert "kind: BatterySimulation\n" in yaml


def test_a_viewer_is_not_offered_to_run_a_point(viewer: Visitor):
    viewer.open("#/sweeps/default/rate-map")

    expect(table(viewer.page).locator("tbody tr")).to_have_count(20)
    expect(viewer.page.get_by_role("link", name=re.compile("^Run point"))).to_have_count(0)


def test_the_best_points_have_their_curves_where_results_are_kept(
    viewer: Visitor, served: Served, solved: Path
):
    kept = {**GRID, "series": {"keep": "Best"}}
    served.add_sweep("kept", kept)
    for point in range(20):
        served.add_point_result("kept", point, solved / "cell-discharge.parquet")
    viewer.open("#/sweeps/default/kept")
    curves = viewer.page.locator("figure", has_text="Voltage")

    expect(curves.locator("canvas")).to_be_visible()
    expect(curves.locator(".curve-label").first).to_have_text("Point 4")
    assert viewer.failed_requests == []


def test_other_columns_can_be_shown(viewer: Visitor):
    page = viewer.page
    viewer.open("#/sweeps/default/rate-map")
    region = page.get_by_role("region", name="Points")
    region.get_by_text("Columns", exact=True).click()
    region.get_by_role("checkbox", name="End state of charge").check()

    expect(table(page).get_by_role("columnheader", name="End state of charge %")).to_be_visible()
    expect(table(page).locator("tbody tr").first).to_contain_text("2")


def test_a_chart_is_as_large_on_a_screen_of_small_pixels(served: Served, browser: Browser):
    with visitor(browser, served.url, token=VIEWER, pixel_ratio=2) as someone:
        someone.open("#/sweeps/default/rate-map")
        frame = someone.page.get_by_role("group", name=re.compile("^Heat map of"))
        drawn, around = (frame.locator(part).bounding_box() for part in ("canvas", "svg"))

    assert drawn is not None
    assert around is not None
    assert around["width"] - 102 - 1 <= drawn["width"] <= around["width"]
    assert drawn["height"] <= around["height"]


def test_a_heat_map_has_a_cell_for_each_point_of_a_grid(viewer: Visitor):
    page = viewer.page
    viewer.open("#/sweeps/default/rate-map")
    heat_map = page.get_by_role("group", name=re.compile("^Heat map of Net energy discharged"))
    heat_map.focus()
    said = page.get_by_role("status").filter(has_text="Point")
    page.keyboard.press("ArrowRight")
    expect(said.last).to_have_text(
        "Point 0: C-rate 0.5, Ambient temperature 0 °C, Net energy discharged 15.537 W·h"
    )
    page.keyboard.press("ArrowUp")
    expect(said.last).to_have_text(re.compile("^Point 1: C-rate 0.5, Ambient temperature 10 °C"))

    page.get_by_text("Heat map as a table").click()
    rows = page.get_by_label("Heat map as a table").get_by_role("row")
    expect(rows).to_have_count(6)
    expect(rows.nth(1)).to_have_text(re.compile("^0 °C15.537.*\u2013\u2013$"))


def test_a_scatter_tells_its_points_to_the_keyboard(viewer: Visitor):
    page = viewer.page
    viewer.open("#/sweeps/default/rate-map")
    choose(page, "Scatter", Horizontal=TEMPERATURE, Vertical=ENERGY, Colour=RATE)
    scatter = page.get_by_role("group", name=re.compile("^Scatter of Net energy discharged against Ambient"))
    scatter.focus()
    page.keyboard.press("ArrowRight")

    expect(page.locator(".chart-caption")).to_have_text(
        re.compile(r"^\s*Point \d+: Ambient temperature 0 °C, Net energy discharged \S+ W·h, C-rate \S+")
    )
    expect(scatter.locator("circle.hit")).to_have_count(1)


def test_a_large_scatter_says_how_many_points_it_draws(viewer: Visitor):
    viewer.open("#/sweeps/default/large")

    expect(viewer.page.get_by_text("Drawn are the first 20000 of about 90000 points")).to_be_visible()
    expect(viewer.page.get_by_role("group", name=re.compile("^Scatter of"))).to_be_visible()


def test_limits_of_parallel_coordinates_count_what_is_within(viewer: Visitor):
    page = viewer.page
    viewer.open("#/sweeps/default/rate-map")
    choose(page, "Parallel coordinates")
    expect(page.get_by_text("18 of 18 points are within the limits.")).to_be_visible()
    page.get_by_text("Limits", exact=True).click()
    page.get_by_label("C-rate: to").fill("1")
    page.get_by_label("C-rate: to").press("Enter")

    expect(page.get_by_text("10 of 18 points are within the limits.")).to_be_visible()


def test_a_ranking_has_the_largest_index_first(viewer: Visitor):
    viewer.open("#/sweeps/default/ranking")
    rows = viewer.page.get_by_label(re.compile("^Ranking for Net energy")).get_by_role("row")

    expect(rows.nth(1)).to_contain_text("C-rate")
    expect(rows.nth(3)).to_contain_text("Positive particle radius")


def test_a_ranking_with_missing_points_is_not_guessed(viewer: Visitor):
    viewer.open("#/sweeps/default/ranking-with-gaps")

    expect(viewer.page.get_by_text("none is guessed", exact=False)).to_contain_text("of 320 points have no")


@pytest.mark.parametrize("count", [2, 3])
def test_indices_are_those_of_scipy(viewer: Visitor, count: int):
    viewer.open()
    blocks = np.random.default_rng(count).normal(3, 1, (64, count + 2))
    values = {"f_A": blocks[:, :1].T, "f_B": blocks[:, -1:].T, "f_AB": blocks[:, 1:-1].T[:, None, :]}
    expected = stats.sobol_indices(func=values, n=len(blocks))

    found = call(
        viewer.page,
        "sweeps/charts/sensitivity",
        "m.sobolIndices(x.values, x.count)",
        {"values": blocks.ravel().tolist(), "count": count},
    )

    assert [item["firstOrder"] for item in found] == pytest.approx(expected.first_order.ravel(), rel=1e-9)
    assert [item["total"] for item in found] == pytest.approx(expected.total_order.ravel(), rel=1e-9)


def test_effects_of_a_plane_are_its_slopes_over_the_whole_range(viewer: Visitor):
    """y = 3 a - 2 b, with a from 0 to 1 and b from 0 to 10, on four levels: a step is two thirds."""
    viewer.open()
    a, b = [0, 2 / 3, 2 / 3, 1, 1, 1 / 3], [10 / 3, 10 / 3, 10, 0, 20 / 3, 20 / 3]
    values = [3 * one - 2 * other for one, other in zip(a, b, strict=True)]

    found = call(
        viewer.page,
        "sweeps/charts/sensitivity",
        "m.morrisEffects(x.values, x.varied, 4)",
        {"values": values, "varied": [a, b]},
    )

    assert [item["mean"] for item in found] == pytest.approx([3, -20])
    assert [item["meanAbsolute"] for item in found] == pytest.approx([3, 20])
    assert [item["standardDeviation"] for item in found] == pytest.approx([0, 0], abs=1e-9)


@pytest.mark.parametrize(
    ("name", "unit", "shown"),
    [
        (RATE, "1", ["C-rate", "", 1]),
        (TEMPERATURE, "degC", ["Ambient temperature", "°C", 1]),
        ("cell.initialStateOfCharge", "1", ["Initial state of charge", "", 1]),
        ("Positive particle diffusivity [m2.s-1]", "m2.s-1", ["Positive particle diffusivity", "m²·s⁻¹", 1]),
        ("model.options['SEI']", "", ["SEI", "", 1]),
        ("protocol.experiment.steps.0", "", ["Steps, item 0", "", 1]),
        ("internalResistanceOhms", "Ohm", ["Internal resistance", "mΩ", 1000]),
        ("endStateOfCharge", "1", ["End state of charge", "%", 100]),
        ("voltsAt600s", "V", ["voltsAt600s", "V", 1]),
        ("rmseOhms", "V", ["rmseOhms", "V", 1]),
    ],
)
def test_a_column_has_a_name_and_a_unit(viewer: Visitor, name: str, unit: str, shown: list[Any]):
    viewer.open()

    described = call(viewer.page, "sweeps/columns", "m.describeColumn(x)", {"name": name, "unit": unit})

    assert [described["label"], described["unit"], described["factor"]] == shown


@pytest.mark.parametrize("is_dark", [False, True])
def test_each_colour_of_the_ramp_can_be_told_from_the_paper(viewer: Visitor, is_dark: bool):
    viewer.open()
    colours = call(
        viewer.page,
        "sweeps/charts/colours",
        "Array.from({ length: 101 }, (_, at) => m.rampColour(at / 100, x).match(/\\d+/g).map(Number))",
        is_dark,
    )

    paper = luminance([0x17, 0x1E, 0x28] if is_dark else [255, 255, 255])
    contrasts = [(max(paper, one) + 0.05) / (min(paper, one) + 0.05) for one in map(luminance, colours)]
    assert min(contrasts) >= 3


def luminance(channels: list[int]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.array(channels) / 255]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))
