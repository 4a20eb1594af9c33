"""A step whose current is reduced where the voltage would pass a cut-off of the cell, as by a BMS."""

from typing import Any

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.catalogue.parameter_names import NOMINAL_CAPACITY
from batterysim.catalogue.parameters import CutOffs
from batterysim.results import CURRENT, TIME, VOLTAGE
from batterysim.spec.steps.plan import Control
from batterysim_runner.report.trace import C_RATE, Series

NO_LIMIT_VOLTS = 10.0
"""Where a cut-off is ignored. No cell's voltage comes near it."""

AMPERES_PER_VOLT = 10.0
"""For each A.h of the cell: it weighs volts against amperes in the equation, not in its solution."""

ROUNDED = 1e-3
"""The part of what is asked for over which the current bends off: at a kink Newton goes to and fro."""

PIVOT = 1e-10
"""The share of all equations in the one that holds. It changes the current by 1e-9 of 1C at most.

When the equation changes, what KLU has divided by so far would become exactly zero, which SUNDIALS takes for
a failed step. Where it becomes very small, KLU orders the equations again.
"""

AT_LIMIT_VOLTS = 1e-3
"""How near to a cut-off a voltage is at it: the solver's tolerance is 1e-4 of it, or what the spec says."""

NOISE = 1e-6
"""So much less than asked for, in A, W or as a C-rate, is no reduction: the solver's absolute tolerance."""


class ClippedStep(pybamm.step.BaseStepImplicit):  # type: ignore[misc]
    """Asks for a current, C-rate, power or resistance, and takes as much of it as the cut-offs allow.

    value: what is asked for; positive discharges. Or an array of shape (n, 2): seconds and values.
    control: its quantity.
    limits: the cut-offs in V; None: ignored.
    """

    calculate_charge_or_discharge = True

    def __init__(self, value: Any, control: Control, limits: CutOffs, **options: Any) -> None:
        super().__init__(value, **options)
        self.hash_args += f", {control}, {limits}"
        self._control, self._options = control, options
        lower, upper = limits
        self._lower = -NO_LIMIT_VOLTS if lower is None else lower
        self._upper = NO_LIMIT_VOLTS if upper is None else upper
        self._limits = limits

    def copy(self) -> "ClippedStep":
        """Return a copy of the step."""
        options = self._options | {"termination": self.termination}
        return ClippedStep(self.input_value, self._control, self._limits, **options)

    def get_submodel(self, model: pybamm.BaseModel) -> pybamm.external_circuit.FunctionControl:
        """Return the equation of the current."""
        return pybamm.external_circuit.FunctionControl(model.param, self._residual, model.options)

    def reduced_seconds(self, values: Series) -> float:
        """Return for how long, in s, a cut-off kept the step from taking what it asked for.

        values: the points of the step, from its beginning on.
        """
        volts = values[VOLTAGE.name]
        taken, asked = self._taken_and_asked(values)
        on_average = asked[:-1] + asked[1:]
        is_less = abs(on_average) - abs(taken[:-1] + taken[1:]) > ROUNDED * abs(on_average) + NOISE
        is_full = volts > self._upper - AT_LIMIT_VOLTS
        is_empty = volts < self._lower + AT_LIMIT_VOLTS
        is_at = np.where(on_average < 0, is_full[:-1] & is_full[1:], is_empty[:-1] & is_empty[1:])
        return float(np.diff(values[TIME.name])[is_less & is_at].sum())

    def _taken_and_asked(self, values: Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return both at each point, in the unit of what the step asks for; of a resistance, in A."""
        seconds, amperes, volts = values[TIME.name], values[CURRENT.name], values[VOLTAGE.name]
        if self.is_drive_cycle:
            asked = np.interp(seconds - seconds[0], *self.input_value.T)
        else:
            asked = np.full(len(seconds), float(self.input_value))
        match self._control:
            case Control.POWER:
                return amperes * volts, asked
            case Control.RESISTANCE:
                return amperes, volts / asked
            case Control.C_RATE:
                return values[C_RATE], asked
            case _:
                return amperes, asked

    def _residual(self, variables: dict[str, pybamm.Symbol]) -> pybamm.Symbol:
        """Return what is zero at the current that is taken.

        That is between zero and what is asked for: less than that only where the voltage is at the cut-off,
        and zero only where the voltage is past it. As a mixed complementarity problem (Dirkse, Ferris 1995):
        current = median(0, asked, current - excess), where the excess grows with the current.
        """
        current, volts = variables["Current [A]"], variables["Voltage [V]"]
        capacity = pybamm.Parameter(NOMINAL_CAPACITY)
        asked = self._asked(volts, capacity)
        limit = self._lower + (self._upper - self._lower) * (asked < 0)
        excess = AMPERES_PER_VOLT * capacity * (limit - volts)
        width = ROUNDED * abs(asked) + 1e-9 * capacity
        least, most = pybamm.minimum(asked, 0), pybamm.maximum(asked, 0)
        taken = _smaller(most, -_smaller(-least, excess - current, width), width)
        return current - taken + PIVOT * (current - asked + excess)

    def _asked(self, volts: pybamm.Symbol, capacity: pybamm.Symbol) -> pybamm.Symbol:
        """Return the current that is asked for, in A."""
        value = pybamm.convert_to_symbol(self.value)
        match self._control:
            case Control.POWER:
                return value / volts
            case Control.RESISTANCE:
                return volts / value
            case Control.C_RATE:
                return value * capacity
            case _:
                return value


def _smaller(one: pybamm.Symbol, other: pybamm.Symbol, width: pybamm.Symbol) -> pybamm.Symbol:
    """Return the smaller one; where they are nearer to each other than the width, a parabola's."""
    near = pybamm.maximum(width - abs(one - other), 0)
    return pybamm.minimum(one, other) - near**2 / (4 * width)
