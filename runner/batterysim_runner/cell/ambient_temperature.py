"""A temperature around the cell that changes, and the cell's own at the start, as PyBaMM's parameters."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.catalogue.parameter_names import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE
from batterysim.catalogue.temperature_table import temperature_table
from batterysim.spec.cell import Cell
from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.steps.experiment import plan_of, steps_of
from batterysim_runner.cell.own_parameters import ZERO_CELSIUS_IN_KELVIN

FOR_EVER_SECONDS = 1e12
"""The last temperature stays for so long after the last row."""


# No NamedTuple: PyBaMM takes a tuple for a table.
@dataclass(frozen=True, eq=False)
class _Temperature:
    """Kelvin over seconds, linear between the points."""

    seconds: NDArray[np.float64]
    kelvin: NDArray[np.float64]

    def __call__(self, *place_and_time: Any) -> pybamm.Symbol:
        """Return the temperature. A model with current collectors has a place before the time."""
        return pybamm.Interpolant(self.seconds, self.kelvin, place_and_time[-1], name="Ambient temperature")


def ambient_temperature(cell: Cell) -> dict[str, Any]:
    """Return the parameters of a temperature over time; none if the cell has none."""
    table = temperature_table(cell)
    if table is None:
        return {}
    seconds = np.append(table.times_seconds, table.duration_seconds + FOR_EVER_SECONDS)
    kelvin = np.append(table.values, table.values[-1]) + ZERO_CELSIUS_IN_KELVIN
    return {AMBIENT_TEMPERATURE: _Temperature(seconds, kelvin), INITIAL_TEMPERATURE: float(kelvin[0])}


def start_temperature(spec: BatterySimulationSpec) -> dict[str, float]:
    """Return the parameter, in K, of the temperature at the start that an experiment's first step sets; none
    if it sets none, or for a pack, around which the steps do not set the temperature.

    PyBaMM starts from it, too, but only after the state at the start has been found.
    """
    if spec.pack is not None or not isinstance(spec.protocol.given, Experiment):
        return {}
    celsius = plan_of(steps_of(spec.protocol.given)[0]).ambient_temperature_celsius
    return {} if celsius is None else {INITIAL_TEMPERATURE: celsius + ZERO_CELSIUS_IN_KELVIN}
