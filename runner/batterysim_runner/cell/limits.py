"""The limits at which a model stops: which the spec wants, and where the cell is at one from the start."""

import pybamm

from batterysim.results import VOLTAGE
from batterysim.spec.simulation import BatterySimulationSpec, CutOffPolicy

LOWER_EVENT = "Minimum voltage [V]"
UPPER_EVENT = "Maximum voltage [V]"

FULL_EVENTS = (UPPER_EVENT, "Maximum SoC")
EMPTY_EVENTS = (LOWER_EVENT, "Minimum SoC")

MEANINGLESS = 2
"""How many times the upper cut-off a voltage, of either sign, may be where the spec ignores the cut-off."""

ROUNDING = 1e-5
"""By how much, in V or of 1, a cell may be past a limit that it starts exactly at. Less than any instrument
sees, and more than the solver's own error in the hours before a current flows."""


def wanted_limits(policy: CutOffPolicy, model: pybamm.BaseModel) -> list[pybamm.Event]:
    """Return the model's events, with far wider ones for the cut-offs that are ignored.

    Past them a voltage is not a cell's any more: an SPM goes through -2.6 million volts without a complaint
    (docs/decisions/024-no-more-than-30-c.md). A run ends there with ModelLimit.
    """
    volts = model.variables[VOLTAGE.name]
    far = MEANINGLESS * pybamm.Parameter("Upper voltage cut-off [V]")
    wider = {
        LOWER_EVENT: (policy.lower, pybamm.Event("Voltage far below any cell's", volts + far)),
        UPPER_EVENT: (policy.upper, pybamm.Event("Voltage far above any cell's", far - volts)),
    }
    ignored = {name: event for name, (action, event) in wider.items() if action == "Ignore"}
    return [ignored.get(event.name, event) for event in model.events]


def relax_limits(
    spec: BatterySimulationSpec, model: pybamm.BaseModel, parameters: pybamm.ParameterValues
) -> None:
    """Take those limits from the model that would keep a cell from resting where it is.

    A cut-off ends a charge or discharge; of a rest there is nothing to end. And a cell that starts exactly at
    a limit is past it or not by the last bit of a float, which PyBaMM takes for a reason not to start.
    """
    if spec.protocol.given.is_rest:
        model.events = [event for event in model.events if event.name not in (*FULL_EVENTS, *EMPTY_EVENTS)]
        return
    soc, volts = spec.cell.initial_state_of_charge, spec.cell.initial_volts
    at_limit: set[str] = set()
    if soc == 1 or _is_at(volts, parameters["Upper voltage cut-off [V]"]):
        at_limit |= set(FULL_EVENTS)
    if soc == 0 or _is_at(volts, parameters["Lower voltage cut-off [V]"]):
        at_limit |= set(EMPTY_EVENTS)
    model.events = [
        pybamm.Event(event.name, event.expression + ROUNDING, event.event_type)
        if event.name in at_limit
        else event
        for event in model.events
    ]


def _is_at(volts: float | None, limit: float) -> bool:
    return volts is not None and abs(volts - limit) < ROUNDING
