"""Summing up a run's series over its time."""

import math

from batterysim.results import (
    CURRENT,
    DISCHARGE_CAPACITY,
    OPEN_CIRCUIT_VOLTAGE,
    POWER,
    TIME,
    VOLTAGE,
)
from batterysim_runner.report.integrals import Mask, Pieces
from batterysim_runner.report.sums import Sums
from batterysim_runner.report.trace import HEATING, Series, charge_and_energy
from batterysim_runner.report.turns import split_where_current_turns

SUMMED = frozenset(
    (*(c.name for c in (TIME, CURRENT, VOLTAGE, DISCHARGE_CAPACITY, POWER, OPEN_CIRCUIT_VOLTAGE)), HEATING)
)
"""The columns that are integrated; not every model has the last two."""


def sums_of(values: Series, halves: Mask | None = None, *, by_state: bool) -> Sums:
    """Return what series add up to.

    halves: see trace.Integrand. by_state: see trace.charge_and_energy.
    """
    split, halves = split_where_current_turns(values, halves)
    pieces = Pieces(split[TIME.name], halves)
    charge, energy = charge_and_energy(split, by_state=by_state, pieces=pieces)
    current, volts = split[CURRENT.name], split[VOLTAGE.name]
    open_circuit, heating = split.get(OPEN_CIRCUIT_VOLTAGE.name), split.get(HEATING)
    return Sums(
        seconds=float(split[TIME.name][-1] - split[TIME.name][0]),
        discharged_ampere_hours=float(charge[charge > 0].sum()),
        charged_ampere_hours=float(abs(charge[charge < 0].sum())),
        discharged_watt_hours=float(energy[energy > 0].sum()),
        charged_watt_hours=float(abs(energy[energy < 0].sum())),
        volt_seconds=float(pieces.of(volts).sum()),
        joules=float(pieces.of(split[POWER.name]).sum()),
        heat_joules=math.nan if heating is None else float(pieces.of(heating).sum()),
        lost_joules=math.nan
        if open_circuit is None
        else float(pieces.of_product(open_circuit - volts, current).sum()),
        square_ampere_seconds=float(pieces.of_product(current, current).sum()),
    )
