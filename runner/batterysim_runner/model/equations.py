"""The model's equations, with the voltage limits that the spec wants, ready to be solved."""

from typing import Any

import pybamm

from batterysim.catalogue.cell_kind import msmr_reactions
from batterysim.catalogue.model_options import MSMR_REACTIONS, in_text
from batterysim.catalogue.parameters import cell_base
from batterysim.checks.model import missing_parameters
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.initial_state import with_initial_state
from batterysim_runner.cell.limits import relax_limits, wanted_limits
from batterysim_runner.cell.stoichiometries import limits_of
from batterysim_runner.model.mesh import mesh_points
from batterysim_runner.model.needed_parameters import needed_parameters
from batterysim_runner.model.solver import solver_for
from batterysim_runner.model.variables import add_default_variables

_NUMBERS = ("dimensionality", "number of rc elements")
"""The options whose values are numbers to PyBaMM; all others are text."""


def build_model(spec: BatterySimulationSpec, operating_mode: str = "current") -> pybamm.BaseModel:
    """Return the spec's model. A cut-off that the spec ignores does not end it.

    operating_mode: what the protocol sets, in PyBaMM's words: current, power, voltage or resistance.

    Raises:
        InvalidSpecError: PyBaMM does not take the options.
    """
    family = spec.model.family
    module = pybamm.equivalent_circuit if family == "Thevenin" else pybamm.lithium_ion
    options = _options(spec) | {"operating mode": operating_mode}
    try:
        model = getattr(module, family)(options=options)
    except Exception as error:  # depends on nothing but the options, and PyBaMM has many ways of refusing
        message = f"PyBaMM does not take these options together ({_first_line(error)}): change one of them"
        problem = Problem(FailureReason.INVALID_SPEC, "spec.model.options", message)
        raise InvalidSpecError([problem]) from error
    model.events = wanted_limits(spec.cut_off_policy, model)
    if family != "Thevenin" and model.options["dimensionality"] == 0:
        model.insert_reference_electrode()  # in the middle of the separator; adds nothing to the equations
    return model


def build_simulation(
    spec: BatterySimulationSpec,
    model: pybamm.BaseModel,
    parameters: pybamm.ParameterValues,
    experiment: pybamm.Experiment | None = None,
) -> pybamm.Simulation:
    """Return a simulation with the spec's mesh and tolerances, of a cell in its state at the start.

    Raises:
        InvalidSpecError: the cell lacks parameters, or cannot be in that state, or the mesh divides what the
            model does not have.
    """
    parameters = complete_parameters(spec, model, parameters)
    relax_limits(spec, model, parameters)
    limits = limits_of(model, parameters)
    values = with_initial_state(spec.cell, model, parameters, limits)
    if spec.cell.initial_stoichiometry is not None:
        limits = limits_of(model, values)  # it says how much lithium there is, too
    add_default_variables(model, values, limits)
    return pybamm.Simulation(
        model,
        parameter_values=values,
        experiment=experiment,
        solver=solver_for(spec),
        var_pts=mesh_points(model, spec.solver.mesh),
    )


def complete_parameters(
    spec: BatterySimulationSpec, model: pybamm.BaseModel, parameters: pybamm.ParameterValues
) -> pybamm.ParameterValues:
    """Return the parameters with all that the model needs, which for particles of many sizes are more.

    Their sizes are spread as PyBaMM does by default: log-normally around the cell's particle radius, with a
    standard deviation of 0.3 times that radius.

    Raises:
        InvalidSpecError: names what is missing.
    """
    if spec.model.family != "Thevenin" and model.options["particle size"] == "distribution":
        blends = [side for side in ("negative", "positive") if len(model.options.phases[side]) > 1]
        parameters = pybamm.get_size_distribution_parameters(
            parameters.copy(),
            working_electrode=model.options["working electrode"],
            composite="both" if len(blends) > 1 else "".join(blends) or "neither",
        )
    if missing := sorted(needed_parameters(model) - parameters.keys()):
        raise InvalidSpecError([missing_parameters(missing, spec.cell.label)])
    return parameters


def _options(spec: BatterySimulationSpec) -> dict[str, Any]:
    """Return the options as PyBaMM takes them: tuples for lists, and all but numbers of things as text."""
    options = {name: in_text(value) for name, value in spec.model.options.items()}
    options |= {name: int(options[name]) for name in _NUMBERS if name in options}
    if spec.model.family == "MSMR":
        described = tuple(msmr_reactions(cell_base(spec.cell).defaults or {}))
        options.setdefault(MSMR_REACTIONS, described)
    return options


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
