"""The stoichiometries of a cell's electrodes at 0 % and 100 % state of charge, as its parameters have it."""

import casadi
import numpy as np
import pybamm

from batterysim_runner.cell.electrode_balance import (
    Curve,
    Electrodes,
    StoichiometryLimits,
    stoichiometry_limits,
)

_NEGATIVE, _POSITIVE = "x", "y"


def limits_of(model: pybamm.BaseModel, parameters: pybamm.ParameterValues) -> StoichiometryLimits | None:
    """Return the limits of a cell of two electrodes; None if it is another one, or none are found.

    They depend on the parameters alone, and in the state at the start on nothing but how much lithium there
    is. PyBaMM takes fifteen times as long to find the same, because it also looks for energies.
    """
    if not has_two_plain_electrodes(model):
        return None
    param = model.param
    negative_capacity, positive_capacity, lithium, empty_volts, full_volts = (
        np.asarray(parameters.evaluate(symbol)).item()
        for symbol in (
            param.n.Q_init,
            param.p.Q_init,
            param.Q_Li_particles_init,
            param.ocp_soc_0,
            param.ocp_soc_100,
        )
    )
    electrodes = Electrodes(negative_capacity, positive_capacity, lithium)
    return stoichiometry_limits(electrodes, _curve(model, parameters, electrodes), empty_volts, full_volts)


def has_two_plain_electrodes(model: pybamm.BaseModel) -> bool:
    """Tell a cell of two electrodes of one material each, whose potentials depend on their lithium alone."""
    if not isinstance(model, pybamm.lithium_ion.BaseModel):
        return False
    options = model.options
    plain = {"working electrode": "both", "particle phases": "1", "open-circuit potential": "single"}
    return all(options[name] == value for name, value in plain.items())


def open_circuit_voltage(
    model: pybamm.BaseModel, parameters: pybamm.ParameterValues, negative: casadi.MX, positive: casadi.MX
) -> casadi.MX:
    """Return the cell's voltage at rest at the reference temperature, as a formula of the stoichiometries."""
    potentials = model.param.p.prim.U(
        pybamm.InputParameter(_POSITIVE), model.param.T_ref
    ) - model.param.n.prim.U(pybamm.InputParameter(_NEGATIVE), model.param.T_ref)
    symbol = parameters.process_symbol(potentials)
    volts: casadi.MX = symbol.to_casadi(inputs={_NEGATIVE: negative, _POSITIVE: positive})
    return volts


def _curve(model: pybamm.BaseModel, parameters: pybamm.ParameterValues, electrodes: Electrodes) -> Curve:
    negative = casadi.MX.sym(_NEGATIVE)
    positive = (electrodes.lithium - negative * electrodes.negative_capacity) / electrodes.positive_capacity
    volts = open_circuit_voltage(model, parameters, negative, positive)
    function = casadi.Function("curve", [negative], [volts, casadi.jacobian(volts, negative)])

    def curve(place: float) -> tuple[float, float]:
        value, slope = function(place)
        return float(value), float(slope)

    return curve
