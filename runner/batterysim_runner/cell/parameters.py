"""The cell's parameters, as PyBaMM takes them."""

import pybamm

from batterysim.catalogue.model_options import needed_parameters, settable_parameters
from batterysim.catalogue.parameters import cell_base
from batterysim.checks.cell import parameter_problems, unknown_function_problems
from batterysim.problem import InvalidSpecError
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.ambient_temperature import ambient_temperature, start_temperature
from batterysim_runner.cell.functions import functions_of
from batterysim_runner.cell.own_parameters import own_parameters


def parameter_values(spec: BatterySimulationSpec) -> pybamm.ParameterValues:
    """Return PyBaMM's parameter values for a spec: the cell's own, then overrides, then the spec's fields.

    Raises:
        InvalidSpecError: the BPX file is wrong, or it has no parameter that is overridden.
    """
    cell = spec.cell
    base = cell_base(cell)
    if base.parameter_set is None:
        values = _bpx_parameter_values(spec)
    else:
        values = pybamm.ParameterValues(base.parameter_set)
    own = own_parameters(cell)
    values.update({name: own[name] for name in needed_parameters(spec.model) & own.keys()})
    # strict, because PyBaMM takes unknown names silently otherwise
    values.update(own, strict=True)
    values.update(functions_of(cell.functions, values))
    values.update(ambient_temperature(cell))
    values.update(start_temperature(spec))
    return values


def _bpx_parameter_values(spec: BatterySimulationSpec) -> pybamm.ParameterValues:
    # Imported here, not above: only who has a BPX file waits for the bpx package.
    from batterysim_runner.cell.bpx_file import bpx_parameter_values  # noqa: PLC0415

    cell = spec.cell
    assert cell.bpx is not None and cell.bpx.content is not None  # noqa: S101, PT018 - references are resolved
    values = bpx_parameter_values(cell.bpx.content)
    known = {name: value if isinstance(value, int | float) else None for name, value in values.items()}
    settable = settable_parameters(spec.model, known)
    if problems := parameter_problems(cell, settable) + unknown_function_problems(cell, settable):
        raise InvalidSpecError(problems)
    return values
