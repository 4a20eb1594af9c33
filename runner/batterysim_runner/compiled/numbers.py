"""The numbers of a spec, in the order in which compiled equations take them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterysim.catalogue.parameter_names import LOWER_CUT_OFF, NOMINAL_CAPACITY, UPPER_CUT_OFF
from batterysim.catalogue.prescription import Prescription
from batterysim.spec.cell import Cell
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.electrodes import ElectrodeFunctions, electrode_state
from batterysim_runner.cell.limit_events import VoltageLimits, voltage_limits
from batterysim_runner.cell.own_parameters import own_parameters
from batterysim_runner.compiled.file import Description, Inputs
from batterysim_runner.compiled.names import (
    FUNCTIONS,
    INITIAL_CONCENTRATIONS,
    NEGATIVE_EMPTY,
    NEGATIVE_FULL,
    TABLE_TIMES,
    TABLE_VALUES,
)
from batterysim_runner.compiled.shape import TABLE_ROWS

Numbers = NDArray[np.float64]


class Bound(NamedTuple):
    """The numbers of one simulation.

    inputs: one after the other.
    limits: where the voltage ends it.
    cut_offs: the cell's, lower and upper, in V.
    initial: the parameters of the state at the start, by name.
    """

    inputs: Numbers
    limits: VoltageLimits
    cut_offs: tuple[float, float]
    initial: Mapping[str, float]


def bind(
    spec: BatterySimulationSpec,
    prescription: Prescription,
    description: Description,
    electrodes: ElectrodeFunctions,
) -> Bound | None:
    """Return the numbers of a spec of the description's shape; None: they do not fit in.

    prescription: what the spec's protocol sets over time.
    """
    parameters = _parameters(spec.cell, description.inputs)
    values = None if parameters is None else _with_state(spec.cell, parameters, description, electrodes)
    if values is None:
        return None
    cut_offs = values[LOWER_CUT_OFF], values[UPPER_CUT_OFF]
    limits = voltage_limits(spec, *cut_offs)
    one_c_amperes = values[NOMINAL_CAPACITY]
    controlled = _controlled(prescription, one_c_amperes)
    values |= {LOWER_CUT_OFF: limits.lower_volts, UPPER_CUT_OFF: limits.upper_volts}
    known: Mapping[str, float | Numbers] = {**values, **controlled}
    inputs = np.hstack([known[name] for name in description.inputs.names]).astype(np.float64)
    initial = {name: values[name] for name in INITIAL_CONCENTRATIONS if name in values}
    return Bound(inputs, limits, cut_offs, initial)


def _parameters(cell: Cell, inputs: Inputs) -> dict[str, float] | None:
    """Return the cell's parameters by name; None: one of its own is none of theirs, or is built in."""
    values = dict(inputs.defaults)
    for name, value in own_parameters(cell).items():
        if name in values:
            values[name] = value
        elif name not in inputs.unused and inputs.fixed.get(name) != value:
            return None
    return values


def _with_state(
    cell: Cell, values: dict[str, float], description: Description, electrodes: ElectrodeFunctions
) -> dict[str, float] | None:
    """Return the parameters with the state at the start, and with what the state of charge is told by.

    None: the cell cannot be in that state, or its limits are not known.
    """
    found = electrode_state(electrodes, _of_electrodes(values, description))
    stoichiometry, charge = cell.initial_stoichiometry, cell.initial_state_of_charge
    if stoichiometry is not None and stoichiometry.negative is not None:
        given = stoichiometry.negative, stoichiometry.positive
        values = values | _concentrations(given, found.max_concentrations)
        # It says how much lithium there is, too.
        found = electrode_state(electrodes, _of_electrodes(values, description))
    elif charge is not None and found.limits is not None:
        given = found.limits.at(charge)
        if not all(0 < place < 1 for place in given):
            return None
        values = values | _concentrations(given, found.max_concentrations)
    if found.limits is None or (stoichiometry is not None and stoichiometry.negative is None):
        return None
    limits = found.limits
    return values | {NEGATIVE_EMPTY: limits.negative_empty, NEGATIVE_FULL: limits.negative_full}


def _of_electrodes(values: Mapping[str, float], description: Description) -> Numbers:
    return np.array([values[name] for name in description.electrode_inputs])


def _concentrations(stoichiometries: tuple[float, float], most: tuple[float, float]) -> dict[str, float]:
    return {
        name: place * highest
        for name, place, highest in zip(INITIAL_CONCENTRATIONS, stoichiometries, most, strict=True)
    }


def _controlled(prescription: Prescription, one_c_amperes: float) -> dict[str, float | Numbers]:
    """Return what the protocol sets: one value, or a table that goes on after its end with its last value."""
    prescribed = prescription.in_amperes(one_c_amperes)
    table = prescribed.whole_table()
    if table is None:
        return {FUNCTIONS[prescribed.quantity]: prescribed.value}
    more = TABLE_ROWS - len(table.times_seconds)
    after = table.times_seconds[-1] + np.arange(1, more + 1)
    return {
        TABLE_TIMES: np.concatenate([table.times_seconds, after]),
        TABLE_VALUES: np.pad(np.asarray(table.values), (0, more), mode="edge"),
    }
