"""Each heading names the quantity below it: each number is computed again from the Parquet file."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import Visitor

from .conftest import EXAMPLES
from .served import RAN, example_spec

SECONDS_PER_HOUR = 3600.0
TINY_SECONDS = 1e-6
PIECES = 50
IN_SECONDS = {"d": 86400.0, "h": 3600.0, "min": 60.0, "s": 1.0, "ms": 1e-3}


class Measured(NamedTuple):
    """The series of a result, or of one cycle."""

    seconds: np.ndarray
    amperes: np.ndarray
    volts: np.ndarray
    net_ampere_hours: np.ndarray

    @classmethod
    def of(cls, file: Path) -> "Measured":
        table = pq.read_table(file)
        names = ("Time [s]", "Current [A]", "Voltage [V]", "Discharge capacity [A.h]")
        measured = cls(*(table[name].to_numpy() for name in names))
        is_drive_cycle = np.ptp(np.diff(measured.seconds)) < TINY_SECONDS
        return measured.finer() if is_drive_cycle else measured

    def finer(self) -> "Measured":
        """Straight lines between the points of a drive cycle, which are its own, cut into short pieces."""
        seconds = np.linspace(self.seconds[0], self.seconds[-1], PIECES * (len(self.seconds) - 1) + 1)
        amperes, volts = (np.interp(seconds, self.seconds, column) for column in (self.amperes, self.volts))
        moved = (amperes[1:] + amperes[:-1]) / 2 * np.diff(seconds) / SECONDS_PER_HOUR
        return Measured(seconds, amperes, volts, np.concatenate([[0.0], np.cumsum(moved)]))

    def between(self, start: float, end: float) -> "Measured":
        inside = (self.seconds >= start) & (self.seconds <= end)
        return Measured(*(column[inside] for column in self))

    def moved(self, sign: int) -> float:
        """Charge in one direction in A.h: the solver's own integral, not that of the current's points."""
        steps = np.diff(self.net_ampere_hours)
        return float(np.abs(steps[steps * sign > 0]).sum())

    def watt_hours(self, sign: int) -> float:
        """Energy in one direction: voltage over charge; the product integrates power over time."""
        parts = (self.volts[1:] + self.volts[:-1]) / 2 * np.diff(self.net_ampere_hours)
        return float(np.abs(parts[parts * sign > 0]).sum())

    def mean(self, values: np.ndarray) -> float:
        return float(np.trapezoid(values, self.seconds) / np.ptp(self.seconds))


def in_both_directions(measured: Measured) -> dict[str, float]:
    return {
        "Gross discharge capacity": measured.moved(1),
        "Gross charge capacity": measured.moved(-1),
        "Gross discharge energy": measured.watt_hours(1),
        "Gross charge energy": measured.watt_hours(-1),
        "Min voltage": measured.volts.min(),
        "Mean voltage": measured.mean(measured.volts),
        "Max voltage": measured.volts.max(),
    }


def summary_of(name: str, file: Path) -> dict[str, float]:
    """Compute what each row of the summary has to be; None: the row is text."""
    table, measured = pq.read_table(file), Measured.of(file)
    watts = measured.amperes * measured.volts
    at_points, resting = (
        table[column].to_numpy() for column in ("Time [s]", "Bulk open-circuit voltage [V]")
    )
    loss = measured.mean(
        (np.interp(measured.seconds, at_points, resting) - measured.volts) * measured.amperes
    )
    charge = table["State of charge"].to_numpy() * 100
    out, put_in = measured.watt_hours(1), measured.watt_hours(-1)
    expected = {
        **in_both_directions(measured),
        "End time": measured.seconds[-1],
        "Net charge discharged": measured.moved(1) - measured.moved(-1),
        "Net energy discharged": out - put_in,
        "Charge throughput": measured.moved(1) + measured.moved(-1),
        "Energy throughput": out + put_in,
        "Start voltage": measured.volts[0],
        "End voltage": measured.volts[-1],
        "Mean power": (out - put_in) / float(np.ptp(measured.seconds)) * SECONDS_PER_HOUR,
        "Max power": np.abs(watts).max(),
        "Max rate": np.abs(measured.amperes).max() / nominal_ampere_hours(name),
        "Internal resistance": loss / measured.mean(measured.amperes**2) * 1000,
        "Max temperature": table["Volume-averaged cell temperature [C]"].to_numpy().max(),
        "Start state of charge": charge[0],
        "End state of charge": charge[-1],
    }
    capacities = [
        cycle["ageing"]["capacityAmpereHours"] for cycle in records(file, "cycles") if "ageing" in cycle
    ]
    if capacities:
        expected["State of health"] = capacities[-1] / capacities[0] * 100
    return expected


def nominal_ampere_hours(name: str) -> float:
    """The cell sets' own nominal capacity."""
    return {"Chen2020": 5.0, "Mohtat2020": 5.0, "Marquis2019": 0.680616}[
        example_spec(name)["cell"]["parameterSet"]
    ]


def records(file: Path, kind: str) -> list[dict[str, Mapping[str, float]]]:
    metadata = json.loads(pq.read_schema(file).metadata[b"batterysim"])
    found: list[dict[str, Mapping[str, float]]] = metadata.get(kind) or []
    return found


def number(text: str) -> float:
    """Read a number or a duration as a person would."""
    if re.search(r"\d (d|h|min|s|ms)\b", text):
        return sum(float(count) * IN_SECONDS[unit] for count, unit in re.findall(r"([\d.]+) (\w+)", text))
    if text == "~0":
        return 0.0
    if scientific := re.fullmatch(r"(\S+) \u00d7 10(\S+)", text):
        raised = scientific[2].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
        return float(scientific[1]) * 10.0 ** int(raised)
    return float(text.replace("\u202f", ""))


def cells(row: Locator) -> list[str]:
    """Return a row's texts, read at once when it is there: the page replaces rows while it loads."""
    texts: list[str] = row.evaluate("row => [...row.cells].map(cell => cell.innerText.trim())")
    return texts


def body(table: Locator) -> list[list[str]]:
    """Return the texts of a table's rows, read at once."""
    table.locator("tbody tr").first.wait_for()
    texts: list[list[str]] = table.evaluate(
        "table => [...table.querySelectorAll('tbody tr')]"
        ".map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return texts


def rows(page: Page, label: str) -> tuple[list[str], list[list[str]]]:
    """Return the headings, without their units, and the rows of a table."""
    table = page.get_by_label(label)
    headings = [
        re.sub(r"\s+\S+$", "", text) if "·" in text or text.endswith((" V", " %", " mol")) else text
        for text in cells(table.locator("thead tr"))
    ]
    return headings, body(table)


OVER_TIME = [name for name in EXAMPLES if name != "impedance"]


@pytest.mark.parametrize("name", OVER_TIME)
def test_each_row_of_a_summary_is_what_its_heading_says(editor: Visitor, solved: Path, name: str):
    editor.open(f"#/simulations/default/{name}")
    table = editor.page.get_by_label("Summary table")
    expect(table).to_be_visible()
    expect(editor.page.locator(".plot canvas").first).to_be_visible()

    shown = {re.sub(r" \[.*\]", "", row[0]).strip(): row[1] for row in body(table)}

    del shown["End reason"]
    expected = summary_of(name, solved / f"{name}.parquet")
    # A difference of large numbers is as exact as these are.
    watt_hours = 4e-3 * expected["Energy throughput"]
    hours = expected["End time"] / SECONDS_PER_HOUR
    # The voltage drops within the 600 s between two points of the ageing, which only the runner sees.
    milliohms = 0.25 * expected["Internal resistance"] if name == "ageing" else 2e-4
    spares = {
        "Internal resistance": milliohms,
        "Net energy discharged": watt_hours,
        "Mean power": watt_hours / hours,
    }
    for heading, text in shown.items():
        spare = spares.get(heading, 2e-4)
        assert number(text) == pytest.approx(expected[heading], rel=8e-3, abs=spare), heading
    assert {"Net charge discharged", "Net energy discharged", "Gross discharge capacity"} <= set(shown)


@pytest.mark.parametrize("name", ["ageing", "cycling"])
def test_each_column_of_the_cycles_is_what_its_heading_says(editor: Visitor, solved: Path, name: str):
    editor.open(f"#/simulations/default/{name}")
    editor.page.get_by_text("Cycles", exact=True).click()
    headings, shown = rows(editor.page, "Table of cycles")
    measured = Measured.of(solved / f"{name}.parquet")
    start = measured.seconds[0]

    cycles = records(solved / f"{name}.parquet", "cycles")
    assert len(shown) == len(cycles) > 1
    for texts, cycle in zip(shown, cycles, strict=True):
        by_heading = dict(zip(headings, texts, strict=True))
        end = float(str(cycle["endTimeSeconds"]))
        expected = in_both_directions(measured.between(start, end))
        for heading, value in expected.items():
            assert number(by_heading[heading]) == pytest.approx(value, rel=6e-3), heading
        assert number(by_heading["End time"]) == pytest.approx(end, rel=6e-3)
        start = end
    assert not any("Net" in heading for heading in headings)


def test_each_column_of_the_steps_is_what_its_heading_says(editor: Visitor, solved: Path):
    editor.open("#/simulations/default/cycling")
    editor.page.get_by_text("Steps", exact=True).click()
    headings, shown = rows(editor.page, "Table of steps")
    assert headings == ["Cycle", "Step", "Instruction", "Ended at", "Ended by"]
    measured = Measured.of(solved / "cycling.parquet")

    for _, _, _, ended_at, ended_by in shown:
        place = np.abs(measured.seconds - number(ended_at)).argmin()
        near = slice(max(0, place - 1), place + 2)
        if voltage := re.fullmatch(r"Voltage (below|above) (\S+) V", ended_by):
            assert np.abs(measured.volts[near] - float(voltage[2])).min() < 2e-3
        elif current := re.fullmatch(r"Current below (\S+) A", ended_by):
            assert np.abs(np.abs(measured.amperes[near]) - float(current[1])).min() < 2e-3
        else:
            assert ended_by == "Duration reached"


@pytest.mark.parametrize("name", OVER_TIME)
def test_the_list_shows_the_net_charge_and_the_time_without_the_wait(
    editor: Visitor, solved: Path, name: str
):
    editor.open()
    row = editor.page.locator(f'[data-run="default/{name}"]')
    measured = Measured.of(solved / f"{name}.parquet")

    net = row.locator('[data-label="Net charge"]').inner_text().removesuffix(" A·h")
    assert float(net) == pytest.approx(measured.moved(1) - measured.moved(-1), rel=2e-3, abs=1e-4)
    expect(row.locator('[data-label="Run time"]')).to_have_text(f"{RAN.total_seconds():.0f} s")


def test_an_impedances_resistances_are_those_of_its_ends(editor: Visitor, solved: Path):
    editor.open("#/simulations/default/impedance")
    table = pq.read_table(solved / "impedance.parquet").sort_by("Frequency [Hz]")
    milliohms = table["Real impedance [Ohm]"].to_numpy() * 1000

    for heading, value in (
        ("Low frequency resistance", milliohms[0]),
        ("High frequency resistance", milliohms[-1]),
    ):
        row = editor.page.get_by_label("Summary table").get_by_role("row", name=heading)
        assert number(cells(row)[1]) == pytest.approx(value, rel=1e-3)


def test_cells_stand_below_their_headings(editor: Visitor):
    """The heads of the table of steps were on the right, their cells on the left."""
    for name, summary, label in (
        ("cycling", "Cycles", "Table of cycles"),
        ("cycling", "Steps", "Table of steps"),
    ):
        editor.open(f"#/simulations/default/{name}")
        editor.page.get_by_text(summary, exact=True).click()
        alignments = editor.page.get_by_label(label).evaluate(
            "table => [...table.querySelectorAll('tr')].map(row =>"
            " [...row.children].map(cell => getComputedStyle(cell).textAlign.replace('start', 'left')))"
        )
        assert len({json.dumps(row) for row in alignments}) == 1
