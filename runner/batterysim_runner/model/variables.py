"""Which variables are taken out of a solution: the default columns, those that the spec asks for, and what
only the summary needs."""

from collections.abc import Mapping, Sequence

import pybamm

from batterysim.catalogue.variables import VariableNames, complaints
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.results import (
    CELL_TEMPERATURE,
    DEFAULT_COLUMNS,
    DISCHARGE_CAPACITY,
    OPEN_CIRCUIT_VOLTAGE,
    STATE_OF_CHARGE,
    Column,
)
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.electrode_balance import StoichiometryLimits
from batterysim_runner.cell.state_of_charge import CIRCUIT, state_of_charge
from batterysim_runner.model.series import Observables
from batterysim_runner.report.trace import C_RATE, HEATING

_CIRCUIT_NAMES = {
    OPEN_CIRCUIT_VOLTAGE.name: "Open-circuit voltage [V]",
    CELL_TEMPERATURE.name: "Cell temperature [degC]",
    HEATING: "Total heat generation [W]",
}
"""What an equivalent circuit calls the same."""


def add_default_variables(
    model: pybamm.BaseModel, parameters: pybamm.ParameterValues, limits: StoichiometryLimits | None
) -> None:
    """Give a model those of the default columns that PyBaMM has by another name, or not at all.

    limits: the cell's stoichiometries at 0 % and 100 %, where they are known.
    """
    variables = model.variables
    if CIRCUIT in variables:
        drawn = (model.param.initial_soc - variables[CIRCUIT]) * model.param.cell_capacity
        variables[DISCHARGE_CAPACITY.name] = drawn
        for name, own_name in _CIRCUIT_NAMES.items():
            variables[name] = variables[own_name]
    else:
        variables[HEATING] = _heating(model)
    charge = state_of_charge(model, parameters, limits)
    if charge is not None:
        variables[STATE_OF_CHARGE.name] = charge


def _heating(model: pybamm.BaseModel) -> pybamm.Symbol:
    """Return PyBaMM's total and what the contact resistance adds, which warms a lumped cell as well."""
    variables = model.variables
    total = variables["Total heating [W]"]
    if model.options["contact resistance"] == "false":
        return total
    ohms = model.param.R_contact(variables["Volume-averaged cell temperature [K]"])
    return total + variables["Current [A]"] ** 2 * ohms


def observables(spec: BatterySimulationSpec, model: pybamm.BaseModel) -> Observables:
    """Return what is taken out of the solutions of a model that has the default variables.

    Raises:
        InvalidSpecError: names each variable of the spec that the model does not have, that varies in space,
            or that PyBaMM leaves at 0, because an option is off.
    """
    fields = [(f"spec.output.variables[{number}]", name) for number, name in enumerate(spec.output.variables)]
    require_variables(fields, model)
    known = model_variables(model)
    default = [column for column in DEFAULT_COLUMNS if column.name in known.scalar]
    columns = dict.fromkeys(default + [Column.of(name) for name in spec.output.variables])
    needed = [column.name for column in columns] + [C_RATE]
    if _switched_off(HEATING, model) is None:
        needed.append(HEATING)
    return Observables(tuple(columns), tuple(dict.fromkeys(needed)))


def require_variables(fields: Sequence[tuple[str, str]], model: pybamm.BaseModel) -> None:
    """Return if a model has variables. fields: each field of the spec that names one, and the name.

    Raises:
        InvalidSpecError: names each that the model does not have, that varies in space, or that PyBaMM leaves
            at 0, because an option is off.
    """
    wrong = complaints([name for _, name in fields], model_variables(model))
    problems = [
        Problem(FailureReason.INVALID_SPEC, field, f"{name!r}: {message}")
        for field, name in fields
        if (message := wrong.get(name) or _switched_off(name, model)) is not None
    ]
    if problems:
        raise InvalidSpecError(problems)


def model_variables(model: pybamm.BaseModel) -> VariableNames:
    """Return the names of what a model has."""
    flat = ([], ["current collector"]) if _has_flat_collectors(model) else ([],)
    scalar = frozenset(name for name, symbol in model.variables.items() if symbol.domain in flat)
    return VariableNames(scalar, frozenset(model.variables) - scalar)


def _has_flat_collectors(model: pybamm.BaseModel) -> bool:
    return CIRCUIT in model.variables or model.options["dimensionality"] == 0


def _switched_off(name: str, model: pybamm.BaseModel) -> str | None:
    """Say why PyBaMM has only zeros for a variable that is not zero."""
    options = model.options
    if name.endswith("energy [W.h]") and options["calculate discharge energy"] == "false":
        return (
            "PyBaMM leaves energies at 0 unless spec.model.options has 'calculate discharge energy': 'true'; "
            "the summary has the energy in any case"
        )
    if "heating" in name.lower() and CIRCUIT not in model.variables and _has_no_heat(options):
        return "an isothermal model has no heat: set spec.model.options['thermal'], for example to 'lumped'"
    return None


def _has_no_heat(options: Mapping[str, str]) -> bool:
    return (
        options["thermal"] == "isothermal"
        and options["calculate heat source for isothermal models"] == "false"
    )
