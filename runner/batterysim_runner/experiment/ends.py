"""What ends a step before its time: events of PyBaMM's for quantities and conditions."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import pybamm

from batterysim.results import DISCHARGE_CAPACITY, STATE_OF_CHARGE
from batterysim.spec.steps.plan import Control, Direction, End, Measure, Passing, StepPlan

OWN_END = "[experiment]"
"""In the names of all events that a step may end at."""

START_CHARGE = "Discharge capacity at the start of the step [A.h]"
"""An input of the equations of steps that end after a charge."""

_ENDS = {
    Control.CURRENT: pybamm.step.CurrentTermination,
    Control.C_RATE: pybamm.step.CRateTermination,
    Control.VOLTAGE: pybamm.step.VoltageTermination,
}


class Scope(StrEnum):
    """What a condition ends. The values are parts of the names of its events."""

    STEP = ""
    BLOCK = " (end of the block)"
    EXPERIMENT = " (end of the experiment)"


class ConditionTermination(pybamm.step.BaseTermination):  # type: ignore[misc]
    """Ends a step where a variable passes a value. Two of the same name are equal."""

    def __init__(self, passing: Passing, scope: Scope = Scope.STEP) -> None:
        super().__init__(passing.value, passing.side)
        self._variable = passing.variable
        self.name = event_name(passing, scope)

    def get_event_name(self, _: Any) -> str:
        """Return the event's name."""
        return self.name

    def get_event_expression(self, variables: dict[str, pybamm.Symbol], _: Any) -> pybamm.Symbol:
        """Return what is positive until the variable has passed the value."""
        variable = variables[self._variable]
        return self.value - variable if self.operator == ">" else variable - self.value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConditionTermination) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class ChargeTermination(pybamm.step.BaseTermination):  # type: ignore[misc]
    """Ends a step after a charge in A.h, whatever its direction."""

    def get_event_name(self, _: Any) -> str:
        """Return the event's name."""
        return f"Charge of {self.value:g} A.h {OWN_END}"

    def get_event_expression(self, variables: dict[str, pybamm.Symbol], _: Any) -> pybamm.Symbol:
        """Return what is positive until the charge has flowed."""
        charge = variables[DISCHARGE_CAPACITY.name] - pybamm.InputParameter(START_CHARGE)
        return self.value - abs(charge)


def event_name(passing: Passing, scope: Scope) -> str:
    """Return the name of a condition's event.

    >>> event_name(Passing("Voltage [V]", "<", 2.5), Scope.EXPERIMENT)
    'Voltage [V] < 2.5 (end of the experiment) [experiment]'
    """
    return f"{passing}{scope} {OWN_END}"


def own_terminations(plan: StepPlan) -> list[pybamm.step.BaseTermination]:
    """Return what ends a step by its own words or fields."""
    ends = [_termination(end, plan.direction) for end in plan.ends]
    return ends + terminations(plan.conditions, Scope.STEP)


def terminations(conditions: Sequence[Passing], scope: Scope) -> list[pybamm.step.BaseTermination]:
    """Return what ends a step because of conditions."""
    return [ConditionTermination(passing, scope) for passing in conditions]


def ends_after_charge(step: pybamm.step.BaseStep) -> bool:
    """Tell whether a step has START_CHARGE among its inputs."""
    return any(isinstance(end, ChargeTermination) for end in step.termination)


def _termination(end: End, direction: Direction | None) -> pybamm.step.BaseTermination:
    match end.control:
        case Measure.CHARGE:
            return ChargeTermination(end.value)
        case Measure.STATE_OF_CHARGE:
            side = "<" if direction is Direction.DISCHARGE else ">"
            return ConditionTermination(Passing(STATE_OF_CHARGE.name, side, end.value))
        case control:
            return _ENDS[control](end.value, end.side)
