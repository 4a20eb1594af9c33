"""The load on the cell.

Sign convention, as in PyBaMM: a positive current or power discharges the cell, a negative one charges it.
"""

from collections.abc import Mapping
from types import NoneType
from typing import Annotated, get_args

from pydantic import Field

from batterysim.contract import Contract, Rule, exactly_one
from batterysim.spec.number import WHOLE_NUMBER
from batterysim.spec.protocols.amounts import (
    Amperes,
    CRate,
    Hertz,
    PositiveAmperes,
    PositiveCRate,
    Seconds,
    Volts,
    Watts,
)
from batterysim.spec.protocols.drive_cycle import DriveCycle
from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.protocols.kind import ProtocolKind
from batterysim.spec.protocols.profile import Profile


class ConstantCurrent(ProtocolKind):
    """One current for a length of time, or until a cut-off."""

    title = "Constant current"

    rules = (exactly_one("current_amperes", "c_rate"),)

    current_amperes: Amperes | None = None
    """Current of the cell. Positive discharges, negative charges, 0 rests."""
    c_rate: CRate | None = None
    """Current as a multiple of nominalCapacityAmpereHours per hour: 1 is 5 A for a cell of 5 A.h. Positive
    discharges, negative charges."""
    duration_seconds: Seconds
    """How long the current flows, unless a cut-off comes first."""

    @property
    def is_rest(self) -> bool:
        """Whether no current flows."""
        return 0 in (self.current_amperes, self.c_rate)


class ConstantPower(ProtocolKind):
    """One power for a length of time, or until a cut-off."""

    title = "Constant power"

    power_watts: Watts
    """Power at the cell's terminals. Positive discharges, negative charges."""
    duration_seconds: Seconds
    """How long the power is held, unless a cut-off comes first."""

    @property
    def is_rest(self) -> bool:
        """Whether no current flows."""
        return self.power_watts == 0


class ConstantVoltage(ProtocolKind):
    """One voltage for a length of time, or until the current has become small."""

    title = "Constant voltage"

    volts: Volts
    """Voltage to hold."""
    duration_seconds: Seconds
    """Longest time for which the voltage is held."""
    cut_off_amperes: PositiveAmperes | None = None
    """End earlier, when the magnitude of the current falls to this value."""


class Cccv(ProtocolKind):
    """Charge at a constant current to a voltage, then hold the voltage until the current has become small."""

    title = "CCCV charge"
    ends_by_itself = True

    rules = (exactly_one("charge_current_amperes", "charge_c_rate"),)

    charge_current_amperes: PositiveAmperes | None = None
    """Magnitude of the charging current. In the result this current is negative."""
    charge_c_rate: PositiveCRate | None = None
    """Magnitude of the charging current as a multiple of nominalCapacityAmpereHours per hour."""
    volts: Volts | None = None
    """Voltage to charge to and then hold. Default: the cell's upper cut-off."""
    cut_off_amperes: PositiveAmperes | None = None
    """The charge ends when the magnitude of the current falls to this value. Default: a twentieth of
    nominalCapacityAmpereHours per hour (C/20)."""


class Rest(ProtocolKind):
    """No current."""

    title = "Rest"

    duration_seconds: Seconds
    """How long the cell rests."""

    @property
    def is_rest(self) -> bool:
        """Whether no current flows."""
        return True


class FrequencyRange(Contract):
    """Frequencies that are evenly spaced on a logarithmic axis."""

    rules = (
        Rule(
            "self.lowestHertz < self.highestHertz",
            "lowestHertz must be below highestHertz",
            lambda given: given.lowest_hertz < given.highest_hertz,
            lambda given: (
                f"lowestHertz ({given.lowest_hertz:g}) must be below highestHertz ({given.highest_hertz:g})"
            ),
        ),
    )

    lowest_hertz: Hertz = 1e-3
    """The lowest frequency."""
    highest_hertz: Hertz = 1e4
    """The highest frequency."""
    points_per_decade: Annotated[int, Field(ge=1, le=100), WHOLE_NUMBER] = 10
    """Number of frequencies per decade."""


class Impedance(ProtocolKind):
    """Electrochemical impedance spectroscopy: the cell's small-signal impedance over frequency, at its state
    at the start."""

    title = "Impedance"
    is_for_packs = False

    frequency_range: FrequencyRange = FrequencyRange()
    """Frequencies of the spectrum."""


GivenProtocol = (
    ConstantCurrent
    | ConstantPower
    | ConstantVoltage
    | Cccv
    | Rest
    | DriveCycle
    | Profile
    | Experiment
    | Impedance
)
"""All protocols. Wherever they are told apart, `assert_never` lets mypy say which one was forgotten."""


class Protocol(Contract):
    """The load on the cell. Exactly one of the fields is set."""

    constant_current: ConstantCurrent | None = None
    """Discharge or charge at a fixed current or C-rate."""
    constant_power: ConstantPower | None = None
    """Discharge or charge at a fixed power."""
    constant_voltage: ConstantVoltage | None = None
    """Hold a voltage."""
    cccv: Cccv | None = None
    """Charge at constant current, then constant voltage."""
    rest: Rest | None = None
    """Leave the cell alone."""
    drive_cycle: DriveCycle | None = None
    """Follow a drive cycle."""
    profile: Profile | None = None
    """Follow a profile of your own."""
    experiment: Experiment | None = None
    """Run the steps of an experiment."""
    impedance: Impedance | None = None
    """Measure the impedance."""

    @property
    def given(self) -> GivenProtocol:
        """The one field that is set."""
        fields = (getattr(self, name) for name in type(self).model_fields)
        given: GivenProtocol = next(field for field in fields if field is not None)
        return given


Protocol.rules = (exactly_one(*Protocol.model_fields),)

PROTOCOL_KINDS: Mapping[str, type[GivenProtocol]] = {
    str(field.alias): next(kind for kind in get_args(field.annotation) if kind is not NoneType)
    for field in Protocol.model_fields.values()
}
"""The type of each field, by its name in a spec."""
