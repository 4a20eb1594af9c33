"""The limits at which a cell's models stop: their names, and which of them a spec moves or leaves out."""

from typing import NamedTuple

from batterysim.spec.simulation import BatterySimulationSpec, CutOffPolicy

LOWER_EVENT = "Minimum voltage [V]"
UPPER_EVENT = "Maximum voltage [V]"
FAR_BELOW_EVENT = "Voltage far below any cell's"
FAR_ABOVE_EVENT = "Voltage far above any cell's"

OF_A_CELL = " of a cell"
"""Follows the name of a limit that ends a step of a pack, because its first cell has come there."""

FULL_EVENTS = (UPPER_EVENT, "Maximum SoC")
EMPTY_EVENTS = (LOWER_EVENT, "Minimum SoC")

MEANINGLESS = 2
"""How many times the upper cut-off a voltage, of either sign, may be where the spec ignores the cut-off."""

ROUNDING = 1e-5
"""By how much, in V or of 1, a cell may be past a limit that it starts exactly at. Less than any instrument
sees, and more than the solver's own error in the hours before a current flows."""

NEVER_VOLTS = 1e30
"""A limit that no voltage comes to."""


class VoltageLimits(NamedTuple):
    """Where the voltage ends a run, in V, and the names of the events that tell it."""

    lower_volts: float
    upper_volts: float
    names: tuple[str, str]


def voltage_limits(spec: BatterySimulationSpec, lower_volts: float, upper_volts: float) -> VoltageLimits:
    """Return where the voltage ends a run of a spec; `cell/limits.py` has the same in formulas.

    lower_volts, upper_volts: the cell's cut-offs.
    """
    lower, upper, names = lower_volts, upper_volts, event_names(spec.cut_off_policy)
    if names[0] == FAR_BELOW_EVENT:
        lower = -MEANINGLESS * upper_volts
    if names[1] == FAR_ABOVE_EVENT:
        upper = MEANINGLESS * upper_volts
    if spec.protocol.given.is_rest:
        # A far limit stays: it has a name of its own.
        lower = -NEVER_VOLTS if names[0] == LOWER_EVENT else lower
        upper = NEVER_VOLTS if names[1] == UPPER_EVENT else upper
        return VoltageLimits(lower, upper, names)
    at_limit = limits_at_start(spec, lower_volts, upper_volts)
    if names[0] in at_limit:
        lower -= ROUNDING
    if names[1] in at_limit:
        upper += ROUNDING
    return VoltageLimits(lower, upper, names)


def event_names(policy: CutOffPolicy) -> tuple[str, str]:
    """Return the names of the lower and the upper event under a policy."""
    return (
        FAR_BELOW_EVENT if policy.lower == "Ignore" else LOWER_EVENT,
        FAR_ABOVE_EVENT if policy.upper == "Ignore" else UPPER_EVENT,
    )


def limits_at_start(spec: BatterySimulationSpec, lower_volts: float, upper_volts: float) -> frozenset[str]:
    """Return the names of the events that a cell starts exactly at, by what the spec says of its start."""
    soc, volts = spec.cell.initial_state_of_charge, spec.cell.initial_volts
    at_limit: set[str] = set()
    if soc == 1 or _is_at(volts, upper_volts):
        at_limit |= set(FULL_EVENTS)
    if soc == 0 or _is_at(volts, lower_volts):
        at_limit |= set(EMPTY_EVENTS)
    return frozenset(at_limit)


def _is_at(volts: float | None, limit: float) -> bool:
    return volts is not None and abs(volts - limit) < ROUNDING
