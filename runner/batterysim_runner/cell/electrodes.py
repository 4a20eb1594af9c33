"""A cell's two electrodes as functions of its parameters: how much lithium fits, and the voltage at rest."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterysim_runner.cell.electrode_balance import (
    Electrodes,
    StoichiometryLimits,
    stoichiometry_limits,
)
from batterysim_runner.cell.numeric_function import NumericFunction


class ElectrodeFunctions(NamedTuple):
    """Functions of a vector of parameters p, which may be empty.

    amounts: p -> capacity of the negative and of the positive electrode and lithium in both (A.h), voltage at
        0 % and at 100 % (V), maximum concentration in the negative and in the positive electrode (mol.m-3).
    curve: stoichiometry of the negative electrode, amounts, p -> voltage at rest (V), its slope.
    """

    amounts: NumericFunction
    curve: NumericFunction


class ElectrodeState(NamedTuple):
    """The electrodes of a cell with certain parameters.

    limits: its stoichiometries at 0 % and 100 %; None: none were found.
    max_concentrations: in the negative and the positive electrode, in mol.m-3.
    """

    limits: StoichiometryLimits | None
    max_concentrations: tuple[float, float]


def electrode_state(functions: ElectrodeFunctions, parameters: NDArray[np.float64]) -> ElectrodeState:
    """Return the electrodes of a cell with these parameters, in the functions' own order."""
    (amounts,) = functions.amounts(parameters)
    negative, positive, lithium, empty_volts, full_volts, *most = amounts.tolist()

    def curve(place: float) -> tuple[float, float]:
        volts, slope = functions.curve(place, amounts, parameters)
        return float(volts[0]), float(slope[0])

    limits = stoichiometry_limits(Electrodes(negative, positive, lithium), curve, empty_volts, full_volts)
    return ElectrodeState(limits, (most[0], most[1]))
