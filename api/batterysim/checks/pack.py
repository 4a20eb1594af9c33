"""Errors in a pack, as far as they show without PyBaMM."""

from collections.abc import Iterator

from batterysim.catalogue.model_options import in_text
from batterysim.catalogue.parameters import cell_base
from batterysim.checks.cell import ParameterValues, override_problems, unused_problems
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.cell import Cell
from batterysim.spec.pack import Pack
from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.protocols.protocol import PROTOCOL_KINDS
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.steps.experiment import plan_of, step_fields, steps_of
from batterysim.spec.steps.grammar import StepTextError


def pack_problems(spec: BatterySimulationSpec, pack: Pack) -> list[Problem]:
    """Return what of a spec a pack cannot do, and what is wrong with the pack's own parameters."""
    problems = _protocol_problems(spec) + _model_problems(spec, pack) + _heat_problems(spec, pack)
    if spec.protocol.experiment is not None:
        problems += _temperatures_of_steps(spec.protocol.experiment)
    problems += unused_problems(spec.model, _overrides(pack))
    known = cell_base(spec.cell).defaults
    if known is not None:
        problems += pack_parameter_problems(pack, spec.cell, {**known, **spec.cell.parameters})
    return problems


def pack_parameter_problems(pack: Pack, cell: Cell, known: ParameterValues) -> list[Problem]:
    """Return what is wrong with the parameters that differ from cell to cell.

    known: all parameters of the cell that the pack is made of.
    """
    spreads = [(f"spec.pack.spread[{number}].parameter", item) for number, item in enumerate(pack.spread)]
    places = [(field, spread.parameter) for field, spread in spreads]
    places += [(field, name) for field, name, _ in _overrides(pack)]
    return override_problems(places, known, cell.label) + [
        Problem(
            FailureReason.INVALID_SPEC,
            field,
            f"{spread.parameter!r} is 0, so a relative deviation changes nothing: set it for single "
            "cells, in "
            "spec.pack.cells",
        )
        for field, spread in spreads
        if known.get(spread.parameter) == 0
    ]


def _overrides(pack: Pack) -> list[tuple[str, str, float]]:
    """Return the parameters of single cells: the field, the name and the value of each."""
    return [
        (f"spec.pack.cells[{number}].parameters[{name!r}]", name, value)
        for number, entry in enumerate(pack.cells)
        for name, value in entry.parameters.items()
    ]


def _protocol_problems(spec: BatterySimulationSpec) -> list[Problem]:
    given = type(spec.protocol.given)
    experiment = spec.protocol.experiment
    if experiment is not None and experiment.until_capacity_fraction is not None:
        field = "spec.protocol.experiment.untilCapacityFraction"
        message = "is for single cells, whose capacity can be told: use until with a column of the pack"
        return [Problem(FailureReason.INVALID_SPEC, field, message)]
    if experiment is not None and experiment.on_cut_off == "ReduceCurrent":
        field = "spec.protocol.experiment.onCutOff"
        message = "'ReduceCurrent' is for single cells: use Stop or NextStep, or remove spec.pack"
        return [Problem(FailureReason.INVALID_SPEC, field, message)]
    if given.is_for_packs:
        return []
    name = next(name for name, kind in PROTOCOL_KINDS.items() if kind is given)
    possible = [name for name, kind in PROTOCOL_KINDS.items() if kind.is_for_packs]
    message = f"is for single cells: use {', '.join(possible[:-1])} or {possible[-1]}, or remove spec.pack"
    return [Problem(FailureReason.INVALID_SPEC, f"spec.protocol.{name}", message)]


def _temperatures_of_steps(experiment: Experiment) -> Iterator[Problem]:
    """Yield a problem for each step with a temperature of its own: a pack is built once, with the cell's."""
    remedy = "for single cells: set spec.cell.ambientTemperatureCelsius for all steps, or remove spec.pack"
    for field, step in zip(step_fields(experiment), steps_of(experiment), strict=True):
        celsius = step.ambient_temperature_celsius
        if celsius is not None:
            place = f"{field}.ambientTemperatureCelsius"
            yield Problem(FailureReason.INVALID_SPEC, place, f"{celsius:g} degC is {remedy}")
            continue
        try:
            has_one = plan_of(step).ambient_temperature_celsius is not None
        except StepTextError:  # reported with the other errors in steps
            continue
        if has_one:
            yield Problem(FailureReason.INVALID_SPEC, field, f"{step.text!r}: a temperature is {remedy}")


def _heat_problems(spec: BatterySimulationSpec, pack: Pack) -> list[Problem]:
    thermal = in_text(spec.model.options.get("thermal", "isothermal"))
    is_warm = spec.model.family == "Thevenin" or thermal == "lumped"
    if pack.neighbour_conductance_watts_per_kelvin is None or is_warm:
        return []
    message = (
        f"needs cells that have one temperature each, and model option thermal is {thermal!r}: "
        "set it to lumped"
    )
    return [Problem(FailureReason.INVALID_SPEC, "spec.pack.neighbourConductanceWattsPerKelvin", message)]


def _model_problems(spec: BatterySimulationSpec, pack: Pack) -> list[Problem]:
    options = spec.model.options
    if in_text(options.get("dimensionality", 0)) != "0":
        message = "must be 0 in a pack, whose cells have one voltage each: remove it"
        return [Problem(FailureReason.INVALID_SPEC, "spec.model.options['dimensionality']", message)]
    has_no_ohms = 0 in {
        pack.connection_resistance_ohms,
        *(entry.connection_resistance_ohms for entry in pack.cells),
    }
    if (
        spec.model.family == "SPM"
        and in_text(options.get("surface form", "false")) == "differential"
        and pack.parallel_count > 1
        and has_no_ohms
    ):
        message = (
            "'differential' leaves an SPM without any resistance, so that the currents of cells in parallel "
            "are undefined: set spec.pack.connectionResistanceOhms above 0, or use SPMe or DFN"
        )
        return [Problem(FailureReason.INVALID_SPEC, "spec.model.options['surface form']", message)]
    return []
