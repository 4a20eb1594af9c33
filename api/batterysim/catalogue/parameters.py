"""The offer: drive cycles and the parameters of each parameter set, without importing PyBaMM."""

import json
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from batterysim.catalogue.parameter_names import (
    AMBIENT_TEMPERATURE,
    CIRCUIT_CAPACITY,
    CURRENT,
    INITIAL_STATE_OF_CHARGE,
    INITIAL_TEMPERATURE,
    LOWER_CUT_OFF,
    NOMINAL_CAPACITY,
    SERIES_COUNT,
    UPPER_CUT_OFF,
)
from batterysim.catalogue.preset import preset
from batterysim.catalogue.profile_csv import Table, read_profile
from batterysim.spec.cell import Cell, ParameterSet
from batterysim.spec.protocols.drive_cycle import DRIVE_CYCLES
from batterysim_data import data_file

MANAGED_PARAMETERS = {
    CURRENT: "protocol",
    UPPER_CUT_OFF: "cell.upperCutoffVolts",
    LOWER_CUT_OFF: "cell.lowerCutoffVolts",
    NOMINAL_CAPACITY: "cell.nominalCapacityAmpereHours",
    AMBIENT_TEMPERATURE: "cell.ambientTemperatureCelsius",
    INITIAL_TEMPERATURE: "cell.ambientTemperatureCelsius",
    INITIAL_STATE_OF_CHARGE: "cell.initialStateOfCharge",
    # PyBaMM only multiplies some variables by it: voltage, power and cut-offs stay those of one cell.
    SERIES_COUNT: "pack.seriesCount",
}
"""Parameters that have a field of their own in the spec; two places for one number would be a trap."""


@cache
def drive_cycle(name: str) -> Table:
    """Return a drive cycle of the catalogue, in A, W or V after its quantity in DRIVE_CYCLES.

    Positive discharges.

    Raises:
        ProfileError: it is no such thing, which a test rules out.
    """
    text = data_file("drive_cycles", f"{name}.csv").read_text(encoding="utf-8")
    return read_profile(text, DRIVE_CYCLES[name].quantity)


@cache
def parameter_defaults(parameter_set: str) -> dict[str, float | None]:
    """Return each parameter of a set and its value; None where PyBaMM has a function instead of a number."""
    text = data_file("parameter_sets", f"{parameter_set}.json").read_text(encoding="utf-8")
    defaults: dict[str, float | None] = json.loads(text)
    return defaults


class CellBase(NamedTuple):
    """What a cell's parameters begin with, before the spec's own overrides.

    parameter_set: None for a BPX file, whose parameters only PyBaMM can tell.
    parameters: numbers in the place of the set's own, which a premade cell has.
    """

    parameter_set: ParameterSet | None
    parameters: Mapping[str, float]

    @property
    def defaults(self) -> Mapping[str, float | None] | None:
        """Each parameter and its value, None where it is a function; None altogether for a BPX file."""
        if self.parameter_set is None:
            return None
        return {**parameter_defaults(self.parameter_set), **self.parameters}


def cell_base(cell: Cell) -> CellBase:
    """Return what a cell's parameters begin with: its parameter set, or its preset's set and numbers."""
    if cell.preset is None:
        return CellBase(cell.parameter_set, {})
    premade = preset(cell.preset)
    return CellBase(
        premade.parameter_set, {name: number.value for name, number in premade.parameters.items()}
    )


def given_nominal_capacity(cell: Cell) -> float | None:
    """Return the capacity in A.h that a spec gives for C-rates; None: it is the cell's own.

    A circuit that is given another capacity has other C-rates, too.
    """
    if cell.nominal_capacity_ampere_hours is not None:
        return cell.nominal_capacity_ampere_hours
    return cell.parameters.get(CIRCUIT_CAPACITY)


class CutOffs(NamedTuple):
    """The voltages in V at which a discharge and a charge end; None where only PyBaMM knows."""

    lower: float | None
    upper: float | None

    def in_series(self, count: int) -> "CutOffs":
        """Return those of this many cells in series."""
        lower, upper = (None if volts is None else volts * count for volts in self)
        return CutOffs(lower, upper)


def cut_offs(cell: Cell) -> CutOffs:
    """Return a cell's cut-offs: those that the spec gives, else its parameters' own."""
    own = cell_base(cell).defaults or {}
    return CutOffs(
        own.get(LOWER_CUT_OFF) if cell.lower_cutoff_volts is None else cell.lower_cutoff_volts,
        own.get(UPPER_CUT_OFF) if cell.upper_cutoff_volts is None else cell.upper_cutoff_volts,
    )
