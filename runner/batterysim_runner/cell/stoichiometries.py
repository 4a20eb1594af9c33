"""The stoichiometries of a cell's electrodes at 0 % and 100 % state of charge, as its parameters have it."""

from collections.abc import Sequence

import casadi
import numpy as np
import pybamm

from batterysim_runner.cell.electrode_balance import StoichiometryLimits
from batterysim_runner.cell.electrodes import ElectrodeFunctions, electrode_state
from batterysim_runner.cell.numeric_function import NumericFunction

_NEGATIVE, _POSITIVE = "x", "y"


def limits_of(model: pybamm.BaseModel, parameters: pybamm.ParameterValues) -> StoichiometryLimits | None:
    """Return the limits of a cell of two electrodes; None if it is another one, or none are found.

    They depend on the parameters alone, and in the state at the start on nothing but how much lithium there
    is. PyBaMM takes fifteen times as long to find the same, because it also looks for energies.
    """
    if not has_two_plain_electrodes(model):
        return None
    return electrode_state(electrode_functions(model, parameters), np.empty(0)).limits


def has_two_plain_electrodes(model: pybamm.BaseModel) -> bool:
    """Tell a cell of two electrodes of one material each, whose potentials depend on their lithium alone."""
    if not isinstance(model, pybamm.lithium_ion.BaseModel):
        return False
    options = model.options
    plain = {"working electrode": "both", "particle phases": "1", "open-circuit potential": "single"}
    return all(options[name] == value for name, value in plain.items())


def electrode_symbols(
    model: pybamm.BaseModel, parameters: pybamm.ParameterValues
) -> tuple[list[pybamm.Symbol], pybamm.Symbol]:
    """Return the amounts that `ElectrodeFunctions` names, and the voltage at rest as a formula of inputs."""
    param = model.param
    amounts = [
        param.n.Q_init,
        param.p.Q_init,
        param.Q_Li_particles_init,
        param.ocp_soc_0,
        param.ocp_soc_100,
        param.n.prim.c_max,
        param.p.prim.c_max,
    ]
    positive = param.p.prim.U(pybamm.InputParameter(_POSITIVE), param.T_ref)
    negative = param.n.prim.U(pybamm.InputParameter(_NEGATIVE), param.T_ref)
    return (
        [parameters.process_symbol(symbol) for symbol in amounts],
        parameters.process_symbol(positive - negative),
    )


def electrode_functions(
    model: pybamm.BaseModel, parameters: pybamm.ParameterValues, names: Sequence[str] = ()
) -> ElectrodeFunctions:
    """Return the functions of a cell of two plain electrodes.

    names: the parameters that are inputs, in the order in which the functions take them.
    """
    symbols, rest = electrode_symbols(model, parameters)
    vector = casadi.MX.sym("p", len(names))
    by_name = {name: vector[number] for number, name in enumerate(names)}
    values = casadi.vertcat(*(symbol.to_casadi(inputs=by_name) for symbol in symbols))
    amounts = casadi.MX.sym("amounts", len(symbols))
    negative = casadi.MX.sym(_NEGATIVE)
    positive = (amounts[2] - negative * amounts[0]) / amounts[1]
    volts = rest.to_casadi(inputs=by_name | {_NEGATIVE: negative, _POSITIVE: positive})
    slope = casadi.jacobian(volts, negative)
    return ElectrodeFunctions(
        NumericFunction(casadi.Function("amounts", [vector], [values])),
        NumericFunction(casadi.Function("curve", [negative, amounts, vector], [volts, slope])),
    )
