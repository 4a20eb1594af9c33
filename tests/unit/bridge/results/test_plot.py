"""Pictures: voltage and current against time, and the Nyquist plot of an impedance."""

import io
import math
import struct
import xml.etree.ElementTree as ET

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim import results
from batterysim.spec.measured import MEASURED_COLUMNS
from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.results.plot import plot_svg
from batterysim_bridge.results.selection import Selection
from batterysim_bridge.results.svg import Axis
from batterysim_bridge.store.directory import DirectoryStore
from batterysim_formats.series import Series, series_of_file

from ..builders import NAME, NAMESPACE, READER_TOKEN, SERIES, parquet, record

AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}
PATH = f"/v1/simulations/{NAMESPACE}/{NAME}/plot"
SVG = "{http://www.w3.org/2000/svg}"
finite = st.floats(-1e6, 1e6)


def made_of(columns: dict[results.Column, list[float]]) -> Series:
    return series_of_file(pq.ParquetFile(io.BytesIO(parquet(columns))))


def picture(columns: dict[results.Column, list[float]] = SERIES, **selection: float) -> ET.Element:
    return ET.fromstring(plot_svg(made_of(columns), Selection(**selection), "default/cell-discharge"))


def texts(svg: ET.Element) -> list[str]:
    return [element.text or "" for element in svg.iter(f"{SVG}text")]


def curves(svg: ET.Element) -> list[list[tuple[float, float]]]:
    return [
        [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        for line in svg.iter(f"{SVG}polyline")
    ]


def test_a_picture_has_a_curve_for_voltage_and_one_for_current_with_their_units():
    svg = picture()

    assert [len(curve) for curve in curves(svg)] == [3, 3]
    assert {"default/cell-discharge", "Voltage [V]", "Current [A]", "Time [s]"} <= set(texts(svg))


def test_measured_data_are_drawn_over_what_they_are_compared_with():
    measured = MEASURED_COLUMNS["Voltage"].measured
    svg = picture({**SERIES, measured: [math.nan, 3.0, 2.9]})

    dashed = [line for line in svg.iter(f"{SVG}polyline") if "stroke-dasharray" in line.attrib]
    assert [len(curve) for curve in curves(svg)] == [3, 2, 3]
    assert [line.attrib["points"].count(",") for line in dashed] == [2]
    assert "positive current discharges; dashed: measured" in texts(svg)


def test_data_beyond_what_is_simulated_are_inside_the_picture():
    svg = picture({**SERIES, MEASURED_COLUMNS["Current"].measured: [-100.0, 0.0, 100.0]})

    assert all(0 <= y <= 520 for curve in curves(svg) for _, y in curve)


@pytest.mark.parametrize(("seconds", "unit"), [(600, "s"), (36_000, "h"), (864_000, "d")])
def test_time_is_shown_in_a_unit_that_suits_it(seconds, unit):
    columns = {**SERIES, results.TIME: [0.0, seconds / 2, float(seconds)]}

    assert f"Time [{unit}]" in texts(picture(columns))


def test_a_window_shows_less():
    assert [len(curve) for curve in curves(picture(start_seconds=1000.0))] == [2, 2]


@given(st.lists(st.tuples(finite, finite), max_size=20))
def test_any_numbers_are_drawn_inside_the_picture(points):
    columns = {
        results.TIME: [float(number) for number in range(len(points))],
        results.CURRENT: [current for current, _ in points],
        results.VOLTAGE: [voltage for _, voltage in points],
    }

    for curve in curves(picture(columns)):
        assert len(curve) == len(points)
        assert all(0 <= x <= 800 and 0 <= y <= 520 for x, y in curve)


@given(finite, st.floats(1e-3, 1e6))
def test_ticks_are_round_and_between_the_ends(low, span):
    ticks = Axis(low, low + span, 0, 1).ticks()

    assert 2 <= len(ticks) <= 8
    assert all(low - 1e-6 * span <= tick <= low + 1.000001 * span for tick in ticks)


def test_a_title_cannot_get_out_of_its_place():
    svg = ET.fromstring(plot_svg(made_of(SERIES), Selection(), "<script>&"))

    assert "<script>&" in texts(svg)


def test_a_result_without_a_current_cannot_be_drawn():
    columns = {column: values for column, values in SERIES.items() if column != results.CURRENT}

    with pytest.raises(ProblemError, match=r"no-plot: the result has no 'Current \[A\]'"):
        picture(columns)


IMPEDANCE = {
    results.FREQUENCY: [1000.0, 10.0, 0.1],
    results.REAL_IMPEDANCE: [0.020, 0.030, 0.040],
    results.IMAGINARY_IMPEDANCE: [0.001, -0.010, -0.004],
    results.IMPEDANCE_MAGNITUDE: [0.020, 0.032, 0.040],
    results.IMPEDANCE_PHASE: [2.9, -18.4, -5.7],
}


def test_an_impedance_is_a_nyquist_plot_with_equal_scales():
    (start, top, end), *others = curves(picture(IMPEDANCE))

    assert others == []
    # 10 mOhm to the right, and 11 mOhm up from an inductive beginning below the axis.
    assert (top[0] - start[0]) / 10 == pytest.approx((start[1] - top[1]) / 11, rel=0.01)
    assert end[0] - top[0] == pytest.approx(top[0] - start[0], abs=0.2)
    assert {"Re Z [mOhm]", "-Im Z [mOhm]"} <= set(texts(picture(IMPEDANCE)))


@given(st.lists(st.tuples(finite, finite), max_size=20))
def test_any_impedance_is_drawn_inside_the_picture(points):
    real, imaginary = [one for one, _ in points], [other for _, other in points]
    columns = {
        **{column: [1.0] * len(points) for column in IMPEDANCE},
        results.REAL_IMPEDANCE: real,
        results.IMAGINARY_IMPEDANCE: imaginary,
    }

    for curve in curves(picture(columns)):
        assert len(curve) == len(points)
        assert all(0 <= x <= 800 and 0 <= y <= 520 for x, y in curve)


@pytest.fixture
def stored(store: DirectoryStore) -> None:
    with store.incoming() as file:
        file.write_bytes(parquet())
        store.commit(file, record(parquet()))


async def test_svg_goes_over_http(client, stored):
    answer = await client.get(f"{PATH}.svg?width=400", headers=AS_READER)

    assert answer.headers["content-type"] == "image/svg+xml"
    assert "default/cell-discharge" in texts(ET.fromstring(answer.text))


async def test_png_is_as_wide_as_asked_for_and_has_letters(client, stored, monkeypatch):
    answer = await client.get(f"{PATH}.png?width=400", headers=AS_READER)

    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert struct.unpack(">II", answer.content[16:24]) == (400, 260)
    monkeypatch.setattr("batterysim_bridge.results.svg.text", lambda *_args, **_options: "")
    without = await client.get(f"{PATH}.png?width=400", headers=AS_READER)
    assert len(without.content) < len(answer.content)


@pytest.mark.parametrize(("kind", "status"), [("pdf", 406), ("svg?width=1", 400), ("png?width=4001", 400)])
async def test_another_picture_is_refused(client, stored, kind, status):
    answer = await client.get(f"{PATH}.{kind}", headers=AS_READER)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_without_a_result_there_is_no_picture(client):
    assert (await client.get(f"{PATH}.svg", headers=AS_READER)).status_code == 404
