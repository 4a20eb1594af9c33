"""The Battery Data Format, read back by the Battery Data Alliance's own package."""

from pathlib import Path

import bdf
import pandas as pd
import pytest

from batterysim.results import IMPEDANCE_COLUMNS, TIME
from batterysim.spec.measured import MEASURED_COLUMNS
from batterysim_formats.bdf import bdf_pieces
from tests.unit.formats.builders import DISCHARGE, series


@pytest.fixture
def frame(tmp_path: Path) -> pd.DataFrame:
    file = tmp_path / "cell.bdf.csv"
    file.write_bytes(b"".join(bdf_pieces(series())))
    read: pd.DataFrame = bdf.read(str(file))
    return read


def test_the_package_finds_it_valid(frame: pd.DataFrame) -> None:
    report = bdf.validate(frame)

    assert report["ok"]
    assert report["extras"] == ["State of charge / 1", "X-averaged cell temperature / degC"]


def test_voltage_and_time_come_back_as_they_were(frame: pd.DataFrame) -> None:
    values = {column.name: numbers for column, numbers in DISCHARGE.items()}

    assert frame["Test Time / s"].to_list() == values["Time [s]"]
    assert frame["Voltage / V"].to_list() == values["Voltage [V]"]
    assert frame["Surface Temperature T1 / degC"].to_list()[:2] == [25.0, 25.5]
    assert frame["Surface Temperature T1 / degC"].isna().to_list() == [False, False, True]


def test_a_charge_is_positive(frame: pd.DataFrame) -> None:
    """The formulas of BDF 1.0.0: the charged capacity is the integral of max(current, 0)."""
    assert frame["Current / A"].to_list() == [-5.0, 0.0, 5.0]
    assert frame["Power / W"].to_list() == [-20.327779500000005, 0.0, 1.5000000000000002]
    assert frame["Net Capacity / Ah"].to_list() == [0.0, -2.4801587301587302, -2.4801587301587302]
    assert frame["Power / W"].to_numpy() == pytest.approx(frame["Current / A"] * frame["Voltage / V"])


def test_measured_data_have_its_sign_too() -> None:
    current, power = MEASURED_COLUMNS["Current"], MEASURED_COLUMNS["Power"]
    columns = {TIME: [0.0], current.measured: [5.0], current.residual: [0.5], power.measured: [20.0]}

    text = b"".join(bdf_pieces(series(columns))).decode().replace('"', "")

    assert text.splitlines() == [
        "Test Time / s,Measured current / A,Current residual / A,Measured power / W",
        "0,-5,-0.5,-20",
    ]


def test_no_zero_is_negative() -> None:
    assert b"-0," not in b"".join(bdf_pieces(series()))


def test_an_impedance_has_the_words_of_bdf() -> None:
    text = b"".join(bdf_pieces(series({column: [1.0] for column in IMPEDANCE_COLUMNS}))).decode()

    assert text.splitlines()[0].replace('"', "").split(",") == [
        "Frequency / Hz",
        "Real Impedance / ohm",
        "Imaginary Impedance / ohm",
        "Absolute Impedance / ohm",
        "Phase / deg",
    ]
