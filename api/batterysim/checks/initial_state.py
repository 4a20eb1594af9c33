"""Errors in the cell's state at the start, as far as they show without PyBaMM."""

from batterysim.catalogue.parameter_names import (
    LOWER_CUT_OFF,
    OCV_AT_0_PERCENT,
    OCV_AT_100_PERCENT,
    UPPER_CUT_OFF,
)
from batterysim.catalogue.parameters import cell_base
from batterysim.checks.bpx import ELECTRODES, is_blend
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.simulation import BatterySimulationSpec

USE_ANOTHER = "set initialStateOfCharge or initialVolts instead"


def initial_state_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Return why the cell cannot start in the state that is wanted."""
    return _volts_problems(spec) + _stoichiometry_problems(spec) + _earlier_problems(spec)


def _earlier_problems(spec: BatterySimulationSpec) -> list[Problem]:
    if spec.cell.initial_state is None:
        return []
    if spec.pack is not None:
        message = f"a pack has many cells, each in a state of its own: {USE_ANOTHER}"
        return [_problem("initialState", message)]
    if spec.protocol.impedance is not None:
        message = (
            "an impedance is that of a cell at rest, which the end of an earlier run need not be: "
            f"{USE_ANOTHER}"
        )
        return [_problem("initialState", message)]
    return []


def _volts_problems(spec: BatterySimulationSpec) -> list[Problem]:
    volts, window = spec.cell.initial_volts, _window(spec)
    if window is None:
        return []
    lowest, highest = window
    if lowest >= highest:
        message = f"0 % ({lowest:g} V) must be below 100 % ({highest:g} V): correct one"
        return [_problem(f"parameters[{OCV_AT_0_PERCENT!r}]", message)]
    if volts is None or lowest <= volts <= highest:
        return []
    message = (
        f"must be from {lowest:g} to {highest:g}, the open-circuit voltages of {spec.cell.label} at 0 % and "
        f"100 %, not {volts:g}"
    )
    return [_problem("initialVolts", message)]


def _window(spec: BatterySimulationSpec) -> tuple[float, float] | None:
    """Return the open-circuit voltages at 0 % and 100 %; None where only PyBaMM can tell."""
    known = dict(cell_base(spec.cell).defaults or _cut_offs_of_bpx(spec)) | spec.cell.parameters
    lowest, highest = known.get(OCV_AT_0_PERCENT), known.get(OCV_AT_100_PERCENT)
    return None if lowest is None or highest is None else (lowest, highest)


def _cut_offs_of_bpx(spec: BatterySimulationSpec) -> dict[str, float | None]:
    """Return a BPX file's own cut-offs, which PyBaMM takes for 0 % and 100 %."""
    document = spec.cell.bpx.content if spec.cell.bpx else None
    if document is None:
        return {}
    parameterisation = document.get("Parameterisation")
    content = parameterisation.get("Cell") if isinstance(parameterisation, dict) else None
    if not isinstance(content, dict):
        return {}
    return {
        ours: float(volts)
        for ours, theirs in ((OCV_AT_0_PERCENT, LOWER_CUT_OFF), (OCV_AT_100_PERCENT, UPPER_CUT_OFF))
        if isinstance(volts := content.get(theirs), int | float)
    }


def _stoichiometry_problems(spec: BatterySimulationSpec) -> list[Problem]:
    stoichiometry = spec.cell.initial_stoichiometry
    if stoichiometry is None:
        return []
    if spec.model.family in ("Thevenin", "MSMR"):
        message = f"the {spec.model.family} model has no stoichiometry: {USE_ANOTHER}"
        return [_problem("initialStoichiometry", message)]
    if _has_blend(spec):
        message = f"does not describe an electrode of two materials: {USE_ANOTHER}"
        return [_problem("initialStoichiometry", message)]
    is_half_cell = spec.model.options.get("working electrode") == "positive"
    if is_half_cell and stoichiometry.negative is not None:
        message = "the negative electrode of a half-cell is lithium metal and has none: remove it"
        return [_problem("initialStoichiometry.negative", message)]
    if not is_half_cell and stoichiometry.negative is None:
        return [_problem("initialStoichiometry.negative", "required, but absent: add it")]
    return []


def _has_blend(spec: BatterySimulationSpec) -> bool:
    phases = spec.model.options.get("particle phases", "1")
    if "2" in map(str, phases if isinstance(phases, list) else [phases]):
        return True
    document = spec.cell.bpx.content if spec.cell.bpx else None
    return document is not None and any(is_blend(document, electrode) for electrode in ELECTRODES)


def _problem(field: str, message: str) -> Problem:
    return Problem(FailureReason.INVALID_SPEC, f"spec.cell.{field}", message)
