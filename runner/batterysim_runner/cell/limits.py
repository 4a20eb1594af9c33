"""The limits at which a model stops: which the spec wants, and where the cell is at one from the start."""

import pybamm

from batterysim.catalogue import parameter_names
from batterysim.results import VOLTAGE
from batterysim.spec.simulation import BatterySimulationSpec, CutOffPolicy
from batterysim_runner.cell.limit_events import (
    EMPTY_EVENTS,
    FAR_ABOVE_EVENT,
    FAR_BELOW_EVENT,
    FULL_EVENTS,
    LOWER_EVENT,
    MEANINGLESS,
    ROUNDING,
    UPPER_EVENT,
    limits_at_start,
)


def wanted_limits(policy: CutOffPolicy, model: pybamm.BaseModel) -> list[pybamm.Event]:
    """Return the model's events, with far wider ones for the cut-offs that are ignored.

    Past them a voltage is not a cell's any more: an SPM goes through -2.6 million volts without a complaint
    (docs/decisions/024-no-more-than-30-c.md). A run ends there with ModelLimit.
    """
    volts = model.variables[VOLTAGE.name]
    far = MEANINGLESS * pybamm.Parameter(parameter_names.UPPER_CUT_OFF)
    wider = {
        LOWER_EVENT: (policy.lower, pybamm.Event(FAR_BELOW_EVENT, volts + far)),
        UPPER_EVENT: (policy.upper, pybamm.Event(FAR_ABOVE_EVENT, far - volts)),
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
    at_limit = limits_at_start(
        spec, parameters[parameter_names.LOWER_CUT_OFF], parameters[parameter_names.UPPER_CUT_OFF]
    )
    model.events = [
        pybamm.Event(event.name, event.expression + ROUNDING, event.event_type)
        if event.name in at_limit
        else event
        for event in model.events
    ]
