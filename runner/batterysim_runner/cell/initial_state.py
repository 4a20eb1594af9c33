"""The cell's state at the start, as PyBaMM's parameters."""

import warnings

import numpy as np
import pybamm

from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.cell import Cell
from batterysim_runner.cell.electrode_balance import StoichiometryLimits
from batterysim_runner.cell.reference_temperature import REFERENCE_TEMPERATURE, at_start, is_msmr

_INITIAL_CONCENTRATION = "Initial concentration in {} electrode [mol.m-3]"
_ELECTRODES = ("negative", "positive")


def with_initial_state(
    cell: Cell,
    model: pybamm.BaseModel,
    parameters: pybamm.ParameterValues,
    limits: StoichiometryLimits | None,
) -> pybamm.ParameterValues:
    """Return the parameters with the state that the spec wants, the same ones where it wants none.

    model: whose options say which parameters hold the state.
    limits: the cell's stoichiometries at 0 % and 100 %; None: only PyBaMM finds the state.

    Raises:
        InvalidSpecError: the cell cannot be in that state.
    """
    if cell.initial_stoichiometry is not None:
        given = cell.initial_stoichiometry
        return _with_stoichiometries(given.negative, given.positive, model, parameters)
    value: float | str
    if cell.initial_state_of_charge is not None and limits is not None:
        negative, positive = limits.at(cell.initial_state_of_charge)
        # PyBaMM says how far, where it cannot be.
        if 0 < negative < 1 and 0 < positive < 1:
            return _with_stoichiometries(negative, positive, model, parameters)
    if cell.initial_state_of_charge is not None:
        field, value = "initialStateOfCharge", cell.initial_state_of_charge
    elif cell.initial_volts is not None:
        field, value = "initialVolts", f"{cell.initial_volts} V"
        if isinstance(model, pybamm.equivalent_circuit.Thevenin):
            _check_circuit_volts(cell.initial_volts, model, parameters)
    else:
        return parameters
    try:
        changed = _with_value(value, model, parameters)
    except (ValueError, KeyError, pybamm.SolverError) as error:
        raise _error(
            field, f"PyBaMM finds no such state of this cell ({error}): check its parameters"
        ) from error
    _check_particles(field, changed)
    return changed


def _with_value(
    value: float | str, model: pybamm.BaseModel, parameters: pybamm.ParameterValues
) -> pybamm.ParameterValues:
    """Return the parameters with a state of charge from 0 to 1, or with a voltage such as "4.1 V"."""
    given = at_start(model, parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of PyBaMM, about names of its own
        changed = given.set_initial_state(value, inplace=False, param=model.param, options=model.options)
    if is_msmr(model):
        changed[REFERENCE_TEMPERATURE] = parameters[REFERENCE_TEMPERATURE]
    return changed


def _with_stoichiometries(
    negative: float | None,
    positive: float | None,
    model: pybamm.BaseModel,
    parameters: pybamm.ParameterValues,
) -> pybamm.ParameterValues:
    given = zip(
        _ELECTRODES,
        (negative, positive),
        (model.param.n, model.param.p),
        strict=True,
    )
    changed = parameters.copy()
    changed.update(
        {
            _INITIAL_CONCENTRATION.format(electrode): value * parameters.evaluate(side.prim.c_max)
            for electrode, value, side in given
            if value is not None
        }
    )
    return changed


def _check_circuit_volts(volts: float, model: pybamm.BaseModel, parameters: pybamm.ParameterValues) -> None:
    """Refuse what PyBaMM would round to the nearest state of charge of an equivalent circuit."""
    lowest, highest = (
        np.asarray(parameters.evaluate(model.param.ocv(pybamm.Scalar(charge)))).item() for charge in (0, 1)
    )
    if not lowest <= volts <= highest:
        raise _error(
            "initialVolts",
            f"must be from {lowest:g} to {highest:g}, the open-circuit voltages of this circuit at 0 % and "
            f"100 %, not {volts:g}",
        )


def _check_particles(field: str, parameters: pybamm.ParameterValues) -> None:
    """Refuse a state with more lithium in a particle than fits, which PyBaMM would solve without a word."""
    for electrode in _ELECTRODES:
        for phase in ("", "Primary: ", "Secondary: "):
            name = phase + _INITIAL_CONCENTRATION.format(electrode)
            value, most = parameters.get(name), parameters.get(name.replace("Initial", "Maximum"))
            if isinstance(value, float) and isinstance(most, float) and not 0 < value < most:
                raise _error(
                    field,
                    f"it would need a stoichiometry of {value / most:.5g} in the {electrode} electrode: "
                    "check the open-circuit voltages at 0 % and 100 %, and the concentrations",
                )


def _error(field: str, message: str) -> InvalidSpecError:
    return InvalidSpecError([Problem(FailureReason.INVALID_SPEC, f"spec.cell.{field}", message)])
