"""From a shape to a compiled simulation: the equations that PyBaMM hands to its solver, kept as they are."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple, cast

import casadi
import numpy as np
import pybamm
from pybamm.solvers import idaklu_solver

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.electrode_balance import StoichiometryLimits
from batterysim_runner.cell.electrodes import ElectrodeFunctions
from batterysim_runner.cell.parameters import parameter_values
from batterysim_runner.cell.stoichiometries import (
    electrode_functions,
    electrode_symbols,
    has_two_plain_electrodes,
)
from batterysim_runner.cell.tables import observe_tables, table_ends
from batterysim_runner.compiled.file import CompiledFile, Description, Inputs
from batterysim_runner.compiled.names import (
    FUNCTIONS,
    NEGATIVE_EMPTY,
    NEGATIVE_FULL,
)
from batterysim_runner.compiled.recipe import recipe_sha256
from batterysim_runner.compiled.scalars import in_scalars
from batterysim_runner.compiled.shape import Shape
from batterysim_runner.compiled.table import with_table
from batterysim_runner.continuation.states import plain_variables
from batterysim_runner.model.equations import build_model, complete_parameters
from batterysim_runner.model.mesh import mesh_points
from batterysim_runner.model.needed_parameters import geometry_parameters
from batterysim_runner.model.series import Observables
from batterysim_runner.model.solver import solver_for
from batterysim_runner.model.variables import add_default_variables, observables

NOTHING: Mapping[str, float] = MappingProxyType({})

_RADIUS = "particle radius [m]"
_PARTICLES = ("negative particle", "positive particle")
BUILT_IN = {
    "SPM": frozenset({"Initial concentration in electrolyte [mol.m-3]"}),
    "SPMe": frozenset(
        {
            "Negative electrode porosity",
            "Separator porosity",
            "Positive electrode porosity",
            "Maximum concentration in negative electrode [mol.m-3]",
            "Maximum concentration in positive electrode [mol.m-3]",
        }
    ),
}
"""By family of models the numbers that change PyBaMM's results when they are inputs, in the fifth to the
eighth digit, because it simplifies formulas of numbers further (`python -m evidence.inputs` finds them)."""

_FUNCTIONS = (
    "rhs_alg",
    "jac_times_cjmass",
    "jac_action",
    "mass_action",
    "sens",
    "events",
    "alg_res",
    "alg_jac",
)
"""What IDAKLU takes, by its own names."""


class Built(NamedTuple):
    """A discretised model with inputs in the place of numbers."""

    simulation: pybamm.Simulation
    inputs: Inputs
    electrode_inputs: tuple[str, ...]
    electrodes: ElectrodeFunctions
    wanted: Observables
    tables: tuple[str, ...]


def compile_shape(
    shape: Shape, built_in: frozenset[str] | None = None, fixed: Mapping[str, float] = NOTHING
) -> CompiledFile:
    """Return the compiled simulation of a shape.

    built_in: parameters that are no inputs; None: those that its family of models has to have built in.
    fixed: other values of parameters that are no inputs, such as a thickness, than the cell's own.

    Raises:
        InvalidSpecError: the cell lacks parameters that the model needs.
        NotImplementedError: simulations of this shape cannot be compiled.
    """
    if shape.control.is_table:
        return with_table(compile_shape(shape.of_one_number, built_in, fixed))
    built = build_with_inputs(shape, built_in, fixed)
    model, solver = built.simulation.built_model, built.simulation.solver
    example = {name: np.ones(1) for name in built.inputs.names}
    with recorded() as handed:
        solver.set_up(model, [example], np.array([0.0, 1.0]))
    if not model.is_standard_form_dae:
        raise NotImplementedError(f"{shape.name}: its mass matrix is not the identity")
    inputs = len(example)
    functions = {name: handed[name] for name in _FUNCTIONS} | {
        "events": _in_scalars(casadi.Function.deserialize(handed["events"])).serialize(),
        "outputs": _in_scalars(_outputs(solver, model.len_rhs_and_alg, inputs)).serialize(),
        "initial_conditions": model.initial_conditions_eval.serialize(),
        "physical_states": _physical_states(built).serialize(),
        "electrode_amounts": built.electrodes.amounts.function.serialize(),
        "electrode_curve": built.electrodes.curve.function.serialize(),
    }
    blobs = {name: text.encode() for name, text in functions.items()}
    for name in ("colptrs", "rowvals"):
        blobs[name] = np.asarray(handed[f"jac_times_cjmass_{name}"], dtype=np.int64).tobytes()
    return CompiledFile(_describe(shape, built, handed, inputs), blobs)


def build_with_inputs(
    shape: Shape,
    built_in: frozenset[str] | None = None,
    given: Mapping[str, float] = NOTHING,
    controlled: pybamm.Symbol | None = None,
) -> Built:
    """Build the model as the runner does for a spec of this shape, but with inputs for numbers.

    built_in, given: see `compile_shape`.
    controlled: the current in A or the power in W; None: an input, too.
    """
    spec = _spec(shape, given)
    control = shape.control
    built_in = BUILT_IN.get(shape.family, frozenset()) if built_in is None else built_in
    values = parameter_values(spec)
    value = FUNCTIONS[control.quantity]
    controlled = pybamm.InputParameter(value) if controlled is None else controlled
    values.update({value: controlled}, check_already_exists=False)
    model = build_model(spec, control.quantity.lower())
    values = complete_parameters(spec, model, values)
    if not has_two_plain_electrodes(model):
        raise NotImplementedError(f"{shape.name}: its state of charge is not linear in one stoichiometry")
    numbers = {name: float(value) for name, value in values.items() if _is_number(value)}
    fixed = {name for name in geometry_parameters(model) if not name.endswith(_RADIUS)}
    fixed |= built_in & numbers.keys()
    inputs = {name: pybamm.InputParameter(name) for name in numbers.keys() - fixed}
    values.update(inputs)
    # Formulas in the place of numbers. Those of the positive electrode follow from them.
    empty, full = (cast(float, pybamm.InputParameter(name)) for name in (NEGATIVE_EMPTY, NEGATIVE_FULL))
    add_default_variables(model, values, StoichiometryLimits(empty, full, math.nan, math.nan))
    wanted = observables(spec, model)
    solver = solver_for(spec)
    solver.output_variables = list(wanted.names)
    simulation = pybamm.Simulation(
        model,
        parameter_values=values,
        solver=solver,
        var_pts=mesh_points(model, spec.solver.mesh),
        submesh_types=model.default_submesh_types
        | dict.fromkeys(_PARTICLES, pybamm.SymbolicUniform1DSubMesh),
    )
    observe_tables(simulation)
    symbols, rest = electrode_symbols(model, values)
    of_electrodes = _input_names([*symbols, rest]) & numbers.keys()
    of_model = {parameter.name for parameter in simulation.built_model.input_parameters}
    used = of_model | of_electrodes
    return Built(
        simulation,
        Inputs(
            names=tuple(sorted(of_model)),
            defaults={name: numbers[name] for name in sorted(used & numbers.keys())},
            fixed={name: numbers[name] for name in sorted(fixed)},
            unused=frozenset(numbers.keys() - used - fixed),
        ),
        tuple(sorted(of_electrodes)),
        electrode_functions(model, values, sorted(of_electrodes)),
        wanted,
        tuple(event.name for event in table_ends(simulation.built_model)),
    )


def _spec(shape: Shape, given: Mapping[str, float]) -> BatterySimulationSpec:
    """Return a spec of the shape, with a protocol that nothing but its quantity is taken of."""
    protocol: dict[str, Any] = {"constantCurrent": {"currentAmperes": 1, "durationSeconds": 1}}
    if shape.control.quantity == "Power":
        protocol = {"constantPower": {"powerWatts": 1, "durationSeconds": 1}}
    return BatterySimulationSpec.model_validate(
        {
            "model": {
                "family": shape.family,
                "options": {name: _listed(value) for name, value in shape.options},
            },
            "cell": {"parameterSet": shape.parameter_set, "parameters": dict(given)},
            "protocol": protocol,
            "solver": {"mesh": dict(shape.mesh)},
        }
    )


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _input_names(symbols: Sequence[pybamm.Symbol]) -> set[str]:
    return {
        symbol.name for symbol in pybamm.SymbolUnpacker(pybamm.InputParameter).unpack_list_of_symbols(symbols)
    }


@contextmanager
def recorded() -> Iterator[dict[str, Any]]:
    """Give what PyBaMM hands to IDAKLU within the block, functions in CasADi's own text."""
    handed: dict[str, Any] = {}
    recorder = SimpleNamespace(generate_function=lambda text: text, create_casadi_solver_group=handed.update)
    given = idaklu_solver.idaklu
    idaklu_solver.idaklu = recorder
    try:
        yield handed
    finally:
        idaklu_solver.idaklu = given


def _outputs(solver: pybamm.IDAKLUSolver, states: int, inputs: int) -> casadi.Function:
    """Return one function of all outputs, which computes what they have in common once."""
    time, state, vector = casadi.MX.sym("t"), casadi.MX.sym("y", states), casadi.MX.sym("p", inputs)
    functions = solver._setup["var_fcns"]
    rows = [functions[name].call([time, state, vector], True, False)[0] for name in solver.output_variables]
    stacked = casadi.cse(casadi.densify(casadi.vertcat(*rows)))
    return casadi.Function("outputs", [time, state, vector], [stacked])


def _in_scalars(function: casadi.Function) -> casadi.Function:
    """Return the same function in scalar operations where possible: with small matrices they cost less."""
    scalar = in_scalars(function, function.name())
    return function if scalar is None else scalar


def _physical_states(built: Built) -> casadi.Function:
    """Return the function of a state vector and the inputs that gives the states in physical units."""
    model = built.simulation.built_model
    names = built.inputs.names
    vector, state = casadi.MX.sym("p", len(names)), casadi.MX.sym("y", model.len_rhs_and_alg)
    by_name = dict(zip(names, casadi.vertsplit(vector), strict=True))
    parts = []
    for variable, start, end in plain_variables(model):
        scale, reference = (
            symbol.to_casadi(inputs=by_name) for symbol in (variable.scale, variable.reference)
        )
        parts.append(reference + scale * state[start:end])
    return casadi.Function("physical_states", [state, vector], [casadi.densify(casadi.vertcat(*parts))])


def _describe(shape: Shape, built: Built, handed: dict[str, Any], inputs: int) -> Description:
    model = built.simulation.built_model
    ends = (event.name for event in model.events if event.event_type == pybamm.EventType.TERMINATION)
    return Description(
        shape=shape,
        recipe_sha256=recipe_sha256(),
        pybamm_version=pybamm.__version__,
        inputs=built.inputs,
        electrode_inputs=built.electrode_inputs,
        events=tuple(ends),
        columns=built.wanted.columns,
        names=built.wanted.names,
        tables=built.tables,
        solver={
            "states": int(model.len_rhs_and_alg),
            "differential_states": int(model.len_rhs),
            "inputs": inputs,
            "nonzeros": int(handed["jac_times_cjmass_nnz"]),
            "bandwidth_lower": int(handed["jac_bandwidth_lower"]),
            "bandwidth_upper": int(handed["jac_bandwidth_upper"]),
        },
        options=handed["options"],
        states=tuple(
            (variable.name, start, end, bool(end <= model.len_rhs))
            for variable, start, end in plain_variables(model)
        ),
    )
