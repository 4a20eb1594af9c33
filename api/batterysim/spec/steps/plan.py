"""What a step of an experiment does, whether it was written field by field or in words.

Sign convention, as in PyBaMM: a positive current, C-rate or power discharges the cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from batterysim.spec.protocols.drive_cycle import DRIVE_CYCLES, DriveCycle
from batterysim.spec.protocols.profile import Profile


class Control(StrEnum):
    """Which quantity a step holds. The values are their units in text."""

    CURRENT = "A"
    C_RATE = "C"
    POWER = "W"
    VOLTAGE = "V"
    RESISTANCE = "Ohm"


class Measure(StrEnum):
    """A quantity that can end a step, but cannot be held. The values are their units in text."""

    STATE_OF_CHARGE = "SoC"
    CHARGE = "A.h"


class Direction(StrEnum):
    """Which way the charge flows."""

    CHARGE = "charge"
    DISCHARGE = "discharge"
    REST = "rest"


@dataclass(frozen=True)
class End:
    """What ends a step before its time: a quantity that reaches a value.

    side: "<" or ">" where the text says which; None: by the step's direction, and a current's magnitude.
    """

    control: Control | Measure
    value: float
    side: str | None = None


@dataclass(frozen=True)
class Passing:
    """A variable that passes a value. side: "<" where it falls below it, ">" where it rises above it."""

    variable: str
    side: str
    value: float

    def __str__(self) -> str:
        return f"{self.variable} {self.side} {self.value:g}"


@dataclass(frozen=True)
class StepPlan:
    """A step, understood.

    value: of `control`, in A, C, W, V or Ohm; positive discharges. A rest is a current of 0.
    followed: changes the quantity over time, in the place of `value`.
    duration_seconds: None where only `ends` or `conditions` end it.
    """

    control: Control
    value: float
    duration_seconds: float | None = None
    ends: tuple[End, ...] = ()
    period_seconds: float | None = None
    ambient_temperature_celsius: float | None = None
    conditions: tuple[Passing, ...] = ()
    followed: DriveCycle | Profile | None = None

    @property
    def direction(self) -> Direction | None:
        """Which way the charge flows; None where that changes, or a voltage decides it."""
        if self.control is Control.VOLTAGE or self.followed is not None:
            return None
        if self.control is Control.RESISTANCE:
            return Direction.DISCHARGE
        if self.value == 0:
            return Direction.REST
        return Direction.DISCHARGE if self.value > 0 else Direction.CHARGE


_CONTROLS: Mapping[str, Control] = {
    "Current": Control.CURRENT,
    "CRate": Control.C_RATE,
    "Power": Control.POWER,
    "Voltage": Control.VOLTAGE,
}


def control_of(followed: DriveCycle | Profile) -> Control:
    """Return the quantity that a drive cycle or profile sets."""
    quantity = DRIVE_CYCLES[followed.name].quantity if isinstance(followed, DriveCycle) else followed.quantity
    return _CONTROLS[quantity]
