"""Errors in a cell, as far as they show without PyBaMM."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from batterysim.catalogue.cell_functions import OCP, function_variables
from batterysim.catalogue.model_options import in_text, settable_parameters
from batterysim.catalogue.nearest_names import nearest_names
from batterysim.catalogue.parameters import MANAGED_PARAMETERS, cell_base, cut_offs
from batterysim.catalogue.profile_csv import ProfileError
from batterysim.catalogue.temperature_table import temperature_table
from batterysim.checks.bpx import ELECTRODES, bpx_problems, is_blend
from batterysim.checks.cell_functions import function_field, function_problems
from batterysim.checks.initial_state import initial_state_problems
from batterysim.checks.magnitudes import composition_complaints, magnitude_complaint
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.cell import Cell
from batterysim.spec.cell_function import CellFunction
from batterysim.spec.model import Model
from batterysim.spec.simulation import BatterySimulationSpec

ParameterValues = Mapping[str, float | None]
"""Each parameter that a cell has, with its value; None where that is a function."""

SWITCHES = {"Contact resistance [Ohm]": "contact resistance"}
"""Parameters, each with the one option that has the model read it when it is "true". Those of mechanics, for
example, are read because of any of several options."""


def cell_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Return everything that is wrong with a cell and its state at the start."""
    document = spec.cell.bpx.content if spec.cell.bpx else None
    if document is not None and (problems := bpx_problems(document)):
        return problems
    problems = [] if document is None else _blend_problems(spec, document)
    known = cell_base(spec.cell).defaults
    if known is not None:
        problems += parameter_problems(spec.cell, settable_parameters(spec.model, known))
        problems += _magnitude_problems(spec.cell, known)
        problems += unknown_function_problems(spec.cell, settable_parameters(spec.model, known))
        problems += _cut_off_problems(spec.cell)
    problems += function_problems(spec.cell) + unused_problems(spec.model, _overrides(spec.cell))
    problems += _temperature_problems(spec)
    return problems + initial_state_problems(spec)


def unused_problems(model: Model, overrides: Sequence[tuple[str, str, float | str]]) -> list[Problem]:
    """Return the problems of overrides that would change nothing, because an option is off.

    overrides: fields, each with the name of the parameter that it overrides, and with its value.
    """
    return [
        Problem(
            FailureReason.INVALID_SPEC,
            field,
            f"{value} changes nothing, because the model leaves it out: set "
            f"spec.model.options[{SWITCHES[name]!r}] to 'true', or remove this",
        )
        for field, name, value in overrides
        if name in SWITCHES and value != 0 and in_text(model.options.get(SWITCHES[name])) != "true"
    ]


def _overrides(cell: Cell) -> list[tuple[str, str, float | str]]:
    numbers = [(f"spec.cell.parameters[{name!r}]", name, value) for name, value in cell.parameters.items()]
    return [*numbers, *((function_field(name), name, "a function") for name in cell.functions)]


def _temperature_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check a temperature over time, and that there is one cell that it is around."""
    field = "spec.cell.ambientTemperatureProfile"
    if spec.cell.ambient_temperature_profile is not None and spec.pack is not None:
        message = "is for one cell, not for a pack: set ambientTemperatureCelsius instead"
        return [Problem(FailureReason.INVALID_SPEC, field, message)]
    try:
        temperature_table(spec.cell)
    except ProfileError as error:
        return [Problem(FailureReason.INVALID_SPEC, f"{field}.csv", str(error))]
    return []


def parameter_problems(cell: Cell, known: ParameterValues) -> list[Problem]:
    """Return what is wrong with a cell's overrides of parameters."""
    places = [(f"spec.cell.parameters[{name!r}]", name) for name in cell.parameters]
    return override_problems(places, known, cell.label, may_be_function=True)


def override_problems(
    places: Sequence[tuple[str, str]], known: ParameterValues, label: str, *, may_be_function: bool = False
) -> list[Problem]:
    """Return what is wrong with parameters that are overridden somewhere.

    places: fields, each with the name of the parameter that it overrides.
    label: what to call the cell that has the known parameters.
    may_be_function: whether a number may take the place of a function.
    """
    near = nearest_names((name for _, name in places if name not in known), known)
    return [
        problem
        for field, name in places
        if (problem := _override_problem(field, name, known, near, label, may_be_function)) is not None
    ]


def _magnitude_problems(cell: Cell, known: ParameterValues) -> list[Problem]:
    """Return what cannot be about the numbers that a cell is given."""
    given = {name: value for name, value in cell.parameters.items() if name in known}
    found = [(name, magnitude_complaint(name, value)) for name, value in given.items()]
    found += composition_complaints({**known, **given}, given) if not any(text for _, text in found) else []
    return [
        Problem(FailureReason.INVALID_SPEC, f"spec.cell.parameters[{name!r}]", text)
        for name, text in found
        if text is not None
    ]


def _override_problem(
    field: str,
    name: str,
    known: ParameterValues,
    near: Mapping[str, list[str]],
    label: str,
    may_be_function: bool,
) -> Problem | None:
    if name in MANAGED_PARAMETERS:
        return Problem(
            FailureReason.INVALID_SPEC, field, f"set spec.{MANAGED_PARAMETERS[name]} instead and remove this"
        )
    if name not in known:
        hint = " or ".join(map(repr, near.get(name, ()))) or "one of its own names"
        return Problem(FailureReason.UNKNOWN_PARAMETER, field, f"{label} has no such parameter; use {hint}")
    if known[name] is None and may_be_function and OCP.search(name):
        return Problem(
            FailureReason.INVALID_SPEC,
            field,
            "a potential that does not change has no state of charge: give a formula or a table in "
            "spec.cell.functions",
        )
    if known[name] is None and not (may_be_function and function_variables(name)):
        return Problem(
            FailureReason.INVALID_SPEC,
            field,
            "this parameter is a function in PyBaMM, so one number cannot replace it; remove the override",
        )
    return None


def unknown_function_problems(cell: Cell, known: ParameterValues) -> list[Problem]:
    """Return what is wrong with the names of a cell's functions.

    known: as of `settable_parameters`.
    """
    near = nearest_names((name for name in cell.functions if name not in known), known)
    problems = []
    for name, given in cell.functions.items():
        field = function_field(name)
        if name in MANAGED_PARAMETERS or name not in known:
            problem = _override_problem(field, name, known, near, cell.label, True)
        else:
            problem = _unfit_function_problem(field, name, given, known[name], cell.label)
        if problem is not None:
            problems.append(problem)
    return problems


def _unfit_function_problem(
    field: str, name: str, given: CellFunction, own: float | None, label: str
) -> Problem | None:
    """Check that a parameter can be a function, and that the cell has one if only its scale is given."""
    if function_variables(name) is None:
        message = "PyBaMM takes a number for this, no function: set spec.cell.parameters instead"
    elif given.is_own and own is not None and math.isnan(own):
        message = f"{label} has none that could be scaled: set expression or table"
    else:
        return None
    return Problem(FailureReason.INVALID_SPEC, field, message)


def _cut_off_problems(cell: Cell) -> list[Problem]:
    """Check a cut-off that is given alone against the cell's own other one, which CEL cannot know."""
    lower, upper = cut_offs(cell)
    if lower is None or upper is None or lower < upper:
        return []
    field = "spec.cell.upperCutoffVolts" if cell.lower_cutoff_volts is None else "spec.cell.lowerCutoffVolts"
    return [
        Problem(
            FailureReason.INVALID_SPEC,
            field,
            f"the lower cut-off ({lower:g} V) must be below the upper one ({upper:g} V); "
            f"a cut-off that is not given is {cell.label}'s own",
        )
    ]


def _blend_problems(spec: BatterySimulationSpec, document: Mapping[str, Any]) -> list[Problem]:
    """Check that the model has as many active materials in each electrode as the BPX file."""
    phases = spec.model.options.get("particle phases", "1")
    given = [str(number) for number in (phases if isinstance(phases, list) else [phases, phases])]
    needed = ["2" if is_blend(document, electrode) else "1" for electrode in ELECTRODES]
    if given == needed:
        return []
    message = f"must be {needed}, the active materials in each electrode of this BPX file, not {phases!r}"
    return [Problem(FailureReason.INVALID_SPEC, "spec.model.options['particle phases']", message)]
