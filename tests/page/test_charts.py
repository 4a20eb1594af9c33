"""Charts in a real browser show what is in the file: no curve is left out, none is invented."""

import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, expect

from batterysim import results
from batterysim.spec.measured import MEASURED_COLUMNS
from tests.e2e.browser import Visitor, visitor
from tests.unit.bridge.builders import parquet

from .pixels import Frame, assert_same_envelope, canvas_extents, png_extents
from .served import EDITOR, Served, example_spec

LONG_ROWS = 100_000
COMPARED = [f"discharge-{number}" for number in range(1, 10)]
PNG_SCALE = 2
# The panels of plot.png at 1600 pixels: left, top, width, height.
PANELS = {"Voltage": (140, 80, 1420, 410), "Current": (140, 530, 1420, 410)}
QUANTITIES = {"Voltage": results.VOLTAGE, "Current": results.CURRENT}
COMPANION = "Bulk open-circuit voltage [V]"
"""A second, dashed curve in the page's chart of a voltage."""
CURVES = pytest.mark.parametrize(
    ("name", "quantity"), [(name, quantity) for name in ("ageing", "long") for quantity in PANELS]
)


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred cycles with rests, spikes of one row, and noise: 100,000 rows."""
    seconds = np.arange(LONG_ROWS) * 6.0
    place = seconds % 6000
    amperes = np.select([place < 3000, place < 3600, place < 5400], [5.0, 0.0, -6.0], 0.0)
    amperes[12_345::20_000] = 25.0
    volts = 3.7 - 0.02 * amperes + 0.2 * np.sin(seconds / 60_000) + 0.01 * np.sin(seconds * 1.7)
    columns = {
        results.TIME: seconds.tolist(),
        results.CURRENT: amperes.tolist(),
        results.VOLTAGE: volts.tolist(),
        results.DISCHARGE_CAPACITY: (np.cumsum(amperes) / 600).tolist(),
    }
    file = tmp_path_factory.mktemp("long") / "long.parquet"
    file.write_bytes(parquet(columns))
    return file


@pytest.fixture(scope="module", autouse=True)
def more_runs(served: Served, solved: Path, long_file: Path) -> None:
    served.add_result("long", long_file, example_spec("ageing"))
    for name in COMPARED:
        served.add_result(name, solved / "cell-discharge.parquet", example_spec("cell-discharge"))
    served.add_failed("too-hot", example_spec("cell-discharge"), "Infeasible", "the cell is too hot: cool it")


def series(file: Path, quantity: str) -> tuple[np.ndarray, np.ndarray]:
    table = pq.read_table(file)
    return table[results.TIME.name].to_numpy(), table[QUANTITIES[quantity].name].to_numpy()


@CURVES
def test_the_chart_covers_the_pixels_of_all_rows(
    editor: Visitor, solved: Path, long_file: Path, name: str, quantity: str
):
    editor.open(f"#/simulations/default/{name}")
    figure = editor.page.locator("figure", has=editor.page.get_by_role("heading", name=quantity))
    expect(figure.locator("canvas")).to_be_visible()
    editor.page.evaluate("() => new Promise(requestAnimationFrame)")

    painted = canvas_extents(editor.page, quantity)

    file = long_file if name == "long" else solved / f"{name}.parquet"
    x, y = series(file, quantity)
    has_companion = quantity == "Voltage" and COMPANION in pq.read_schema(file).names
    companions = [pq.read_table(file)[COMPANION].to_numpy()] if has_companion else []
    height = figure.locator(".u-over").evaluate("e => e.clientHeight")
    frame = Frame.around((len(painted), height), x, np.concatenate([y, *companions]), 0.06)
    assert_same_envelope(painted, frame, x, y, 1.8, *companions)


@CURVES
def test_the_png_covers_the_pixels_of_all_rows(
    editor: Visitor, solved: Path, long_file: Path, name: str, quantity: str
):
    editor.open()
    path = f"v1/simulations/default/{name}/plot.png?width=1600"

    painted = png_extents(editor.page, path, EDITOR, PANELS[quantity], is_red=quantity == "Current")

    x, y = series(long_file if name == "long" else solved / f"{name}.parquet", quantity)
    assert_same_envelope(
        painted, Frame.around(PANELS[quantity][2:], x, y, 0.05), x, y, stroke=1.5 * PNG_SCALE
    )


def test_a_hundred_thousand_rows_are_no_more_points_than_a_screen_shows(editor: Visitor):
    with editor.page.expect_response(re.compile("format=csv")) as answer:
        editor.open("#/simulations/default/long")

    assert 15_000 < len(answer.value.text().splitlines()) <= 20_001


STROKES = """
window.strokes = new Set();
const stroke = CanvasRenderingContext2D.prototype.stroke;
CanvasRenderingContext2D.prototype.stroke = function (...all) {
  window.strokes.add(`${this.strokeStyle} ${this.getLineDash().join(" ")}`);
  return stroke.apply(this, all);
};
"""
LEGEND = """(items) => items.map((item) => {
  const line = item.querySelector(".swatch line");
  const context = document.createElement("canvas").getContext("2d");
  context.strokeStyle = getComputedStyle(line).stroke;
  return `${context.strokeStyle} ${line.getAttribute("stroke-dasharray")}`;
})"""


def test_nine_compared_runs_look_different_and_as_in_the_legend(browser: Browser, served: Served):
    """The seventh looked like the first."""
    with visitor(browser, served.url, token=EDITOR) as someone:
        someone.page.add_init_script(STROKES)
        someone.open("#/compare?" + "&".join(f"run=default/{name}" for name in COMPARED))
        expect(someone.page.locator(".plot canvas")).to_have_count(4)

        legend = someone.page.locator("figure", has_text="Voltage").locator("li").evaluate_all(LEGEND)

        assert len(set(legend)) == len(COMPARED)
        assert set(legend) <= set(someone.page.evaluate("[...window.strokes]"))
        assert legend == someone.page.get_by_role("list", name="Runs").locator(
            "li:has(.swatch)"
        ).evaluate_all(LEGEND)


def test_measured_data_are_a_curve_of_their_own_and_as_in_the_legend(
    browser: Browser, served: Served, tmp_path: Path
):
    seconds = [0.0, 600.0, 1200.0]
    columns = {
        results.TIME: seconds,
        results.CURRENT: [5.0] * 3,
        results.VOLTAGE: [4.0, 3.9, 3.8],
        results.DISCHARGE_CAPACITY: [0.0, 0.8, 1.6],
        MEASURED_COLUMNS["Voltage"].measured: [4.1, 4.0, float("nan")],
    }
    file = tmp_path / "measured.parquet"
    file.write_bytes(parquet(columns))
    served.add_result("with-data", file, example_spec("cell-discharge"))
    with visitor(browser, served.url, token=EDITOR) as someone:
        someone.page.add_init_script(STROKES)
        someone.open("#/simulations/default/with-data")
        expect(someone.page.locator(".plot canvas")).to_have_count(2)

        curves = someone.page.locator("figure", has_text="Voltage").locator("li")

        expect(curves).to_have_count(2)
        assert curves.locator(".curve-label").all_inner_texts() == ["terminal", "measured"]
        legend = curves.evaluate_all(LEGEND)
        assert len(set(legend)) == 2
        assert set(legend) <= set(someone.page.evaluate("[...window.strokes]"))


def test_the_events_of_a_failed_run_end_with_its_failure(editor: Visitor):
    editor.open("#/simulations/default/too-hot")

    events = editor.page.locator(".timeline tbody tr")
    expect(events.first).to_be_visible()
    assert [text.split("\t")[0].strip() for text in events.all_inner_texts()][-2:] == [
        "Runner started",
        "Failed: Infeasible",
    ]


def test_an_impedance_has_a_picture(editor: Visitor):
    editor.open("#/simulations/default/impedance")

    assert editor.download("PNG").startswith(b"\x89PNG")
    assert editor.failed_requests == []
