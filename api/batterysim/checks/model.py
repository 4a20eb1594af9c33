"""Errors in a model, its options and its fit to the cell, as far as they show without PyBaMM."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from batterysim.catalogue.cell_kind import cell_kind, msmr_reactions
from batterysim.catalogue.model_options import (
    MSMR_REACTIONS,
    Option,
    in_text,
    model_options,
    needed_parameters,
    structure_of,
)
from batterysim.catalogue.nearest_names import nearest_names
from batterysim.catalogue.parameters import cell_base
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.simulation import BatterySimulationSpec

REFUSED = {
    "operating mode": "follows from spec.protocol: remove it and choose the protocol instead",
    "convection": "is for lead-acid cells only: remove it",
    "hydrolysis": "is for lead-acid cells only: remove it",
}
"""Options of PyBaMM that are not for the user, and why."""

MANY = 4
"""More missing parameters than that are not all named."""


def model_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Return everything that is wrong with the model, by itself and for this cell."""
    return option_problems(spec) or _fit_problems(spec) or _parameter_problems(spec)


def option_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Return everything that is wrong with the model's options by themselves."""
    known = model_options(structure_of(spec.model))
    near = nearest_names((name for name in spec.model.options if name not in known), known)
    problems = [
        problem
        for name, value in spec.model.options.items()
        if (problem := _option_problem(name, value, known, near)) is not None
    ]
    return problems + _lost_heat_problems(spec.model.options)


def _option_problem(
    name: str, value: JsonValue, known: dict[str, Option], near: Mapping[str, list[str]]
) -> Problem | None:
    if name in REFUSED:
        return _problem(name, REFUSED[name])
    if name not in known:
        hint = "a name from docs/models.md"
        if name in near:
            hint = " or ".join(map(repr, near[name])) or "one of " + ", ".join(map(repr, known))
        return _problem(name, f"the model has no such option; use {hint}")
    option = known[name]
    values = list(_values(value))
    if values != [value] and not option.per_electrode:
        return _problem(name, f"takes one value, not {value!r}")
    if not _is_pair_or_value(value):
        return _problem(name, f"takes one value or two, [negative, positive], not {value!r}")
    wrong = [item for item in values if not _is_possible(item, option)]
    if not wrong:
        return None
    possible = list(map(repr, option.values)) + ["a whole number"] * option.counts
    return _problem(name, f"must be {' or '.join(possible)}, not {wrong[0]!r}")


def _values(value: JsonValue) -> Iterator[JsonValue]:
    """Return the value, or those of both electrodes, or of both phases of them."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item)
    else:
        yield value


def _is_pair_or_value(value: JsonValue) -> bool:
    return not isinstance(value, list) or (len(value) == 2 and all(map(_is_pair_or_value, value)))


def _is_possible(value: JsonValue, option: Option) -> bool:
    if not isinstance(value, str | int):
        return False
    text = in_text(value)
    return text in option.values or (option.counts and text.isdecimal())


def _lost_heat_problems(options: Mapping[str, JsonValue]) -> list[Problem]:
    """Refuse a contact resistance whose heat would warm nothing: PyBaMM adds it to the temperature of a cell
    that has one, and to no other."""
    thermal, dimensions = (in_text(options.get(name)) for name in ("thermal", "dimensionality"))
    varies = thermal == "x-full" or (thermal == "x-lumped" and dimensions in ("1", "2"))
    if not varies or in_text(options.get("contact resistance")) != "true":
        return []
    message = "PyBaMM does not add its heat to temperatures that vary in space: use 'thermal': 'lumped'"
    return [_problem("contact resistance", message)]


def _fit_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check that the model is one for what the cell's parameters describe."""
    kind, model, label = cell_kind(spec.cell), spec.model, spec.cell.label
    if model.family not in kind.models:
        message = (
            f"{label} is {kind.words}: use {' or '.join(kind.models)}; docs/cells.md has the cells for "
            f"{model.family}"
        )
        return [Problem(FailureReason.INVALID_SPEC, "spec.model.family", message)]
    return [
        _problem(name, f"must be {value!r} for {model.family} with {label}, which is {kind.words}")
        for name, value in kind.models[model.family].items()
        if in_text(model.options.get(name)) != in_text(value)
    ] + _reaction_problems(spec)


def _reaction_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check that an MSMR model takes all reactions: with fewer, PyBaMM solves some other cell."""
    given = spec.model.options.get(MSMR_REACTIONS)
    if spec.model.family != "MSMR" or given is None:
        return []
    described = msmr_reactions(cell_base(spec.cell).defaults or {})
    if in_text(given) == in_text([*described]):
        return []
    message = f"must be {described}, the reactions that {spec.cell.label} describes, not {given!r}"
    return [_problem(MSMR_REACTIONS, message)]


def _parameter_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check that the cell has all parameters that the options need."""
    known = cell_base(spec.cell).defaults
    if known is None:
        return []
    given = spec.cell.parameters.keys() | spec.cell.functions.keys()
    missing = sorted(needed_parameters(spec.model) - known.keys() - given)
    if not missing:
        return []
    return [missing_parameters(missing, spec.cell.label)]


def missing_parameters(names: list[str], label: str) -> Problem:
    """Return the problem of a cell that lacks parameters which the model needs."""
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    message = (
        f"the model needs {', '.join(map(repr, names[:MANY]))}{more}, which {label} does not have: add "
        "what is missing to spec.cell.parameters, or choose other options or another cell (docs/cells.md)"
    )
    return Problem(FailureReason.UNKNOWN_PARAMETER, "spec.model.options", message)


def _problem(option: str, message: str) -> Problem:
    return Problem(FailureReason.INVALID_SPEC, f"spec.model.options[{option!r}]", message)
