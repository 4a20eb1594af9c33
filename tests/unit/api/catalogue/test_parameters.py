"""The drive cycles and parameter names on offer are the ones that we say they are."""

import hashlib
from itertools import pairwise
from typing import get_args

import pytest

from batterysim.catalogue.parameter_names import SERIES_COUNT
from batterysim.catalogue.parameters import MANAGED_PARAMETERS, drive_cycle, parameter_defaults
from batterysim.spec.cell import ParameterSet
from batterysim.spec.protocols.drive_cycle import DRIVE_CYCLES
from batterysim_data import data_file


@pytest.mark.parametrize("name", DRIVE_CYCLES)
def test_each_cycle_is_the_file_whose_licence_we_state(name: str) -> None:
    notice = data_file("drive_cycles", "NOTICE.md").read_text(encoding="utf-8")
    facts = DRIVE_CYCLES[name]

    assert hashlib.sha256(data_file("drive_cycles", f"{name}.csv").read_bytes()).hexdigest() == facts.sha256
    assert not facts.licence.endswith("NOTICE.md") or f"| {name}.csv |" in notice
    assert facts.source


def test_each_file_has_its_entry() -> None:
    files = {file.name for file in data_file("drive_cycles").iterdir() if file.name.endswith(".csv")}

    assert files == {f"{name}.csv" for name in DRIVE_CYCLES}


def test_us06_is_601_points_over_600_seconds() -> None:
    cycle = drive_cycle("US06")

    assert len(cycle.times_seconds) == len(cycle.values) == 601
    assert (cycle.times_seconds[0], cycle.duration_seconds) == (0.0, 600.0)
    assert min(cycle.values) < 0 < max(cycle.values)


def test_wltc_is_18001_points_over_1800_seconds_that_drive_a_vehicle_by_2_9_kilowatt_hours() -> None:
    cycle = drive_cycle("WLTC")

    assert (len(cycle.values), cycle.duration_seconds) == (18001, 1800.0)
    assert (min(cycle.values), max(cycle.values)) == pytest.approx((-26_435.354, 43_249.505))
    joules = sum(
        (later - earlier) * (before + after) / 2
        for (earlier, later), (before, after) in zip(
            pairwise(cycle.times_seconds), pairwise(cycle.values), strict=True
        )
    )
    assert joules / 3.6e6 == pytest.approx(2.947, rel=1e-3)


@pytest.mark.parametrize("name", get_args(ParameterSet))
def test_each_set_has_every_managed_parameter_as_a_number(name: str) -> None:
    defaults = parameter_defaults(name)

    without = {parameter for parameter in MANAGED_PARAMETERS if defaults.get(parameter) is None}
    only_a_circuit_has, circuits_lack = {"Initial SoC"}, {SERIES_COUNT}
    assert without == (circuits_lack if name == "ECM_Example" else only_a_circuit_has)


def test_chen2020_cuts_off_at_2_5_and_4_2_volts() -> None:
    defaults = parameter_defaults("Chen2020")

    assert (defaults["Lower voltage cut-off [V]"], defaults["Upper voltage cut-off [V]"]) == (2.5, 4.2)
    assert defaults["Electrolyte conductivity [S.m-1]"] is None  # a function in PyBaMM
