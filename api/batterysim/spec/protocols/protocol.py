"""The load on the cell.

Sign convention, as in PyBaMM: a positive current or power discharges the cell, a negative one charges it.
"""

from collections.abc import Mapping
from types import NoneType
from typing import Annotated, Literal, get_args

from pydantic import Field

from batterysim.contract import Contract, Rule, exactly_one
from batterysim.spec.documents.reference import ConfigMapKeyReference
from batterysim.spec.number import NUMBER, WHOLE_NUMBER
from batterysim.spec.protocols.drive_cycle import DriveCycle, Repeat, Scale
from batterysim.spec.protocols.kind import ProtocolKind

ProfileQuantity = Literal["Current", "Power", "Voltage"]
"""What a user's own profile can set."""

MAX_INLINE_CSV_CHARACTERS = 200_000
"""The runner reads the spec through the downward API, whose annotations hold 256 KiB."""

Seconds = Annotated[float, Field(gt=0, le=31_536_000), NUMBER]
Amperes = Annotated[float, Field(ge=-10_000, le=10_000), NUMBER]
CRate = Annotated[float, Field(ge=-100, le=100), NUMBER]
Watts = Annotated[float, Field(ge=-100_000, le=100_000), NUMBER]
Volts = Annotated[float, Field(gt=0, le=10), NUMBER]
PositiveAmperes = Annotated[float, Field(gt=0, le=10_000), NUMBER]
PositiveCRate = Annotated[float, Field(gt=0, le=100), NUMBER]
Celsius = Annotated[float, Field(ge=-60, le=120), NUMBER]
Hertz = Annotated[float, Field(ge=1e-6, le=1e9), NUMBER]
StepText = Annotated[str, Field(min_length=1, max_length=200)]


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
    is_for_packs = False

    volts: Volts
    """Voltage to hold."""
    duration_seconds: Seconds
    """Longest time for which the voltage is held."""
    cut_off_amperes: PositiveAmperes | None = None
    """End earlier, when the magnitude of the current falls to this value."""


class Cccv(ProtocolKind):
    """Charge at a constant current to a voltage, then hold the voltage until the current has become small."""

    title = "CCCV charge"
    is_for_packs = False
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


class Profile(ProtocolKind):
    """Your own current, power or voltage against time."""

    title = "Own profile"

    rules = (exactly_one("csv", "config_map_key_ref"),)

    quantity: ProfileQuantity
    """Quantity in the second column: Current in A, Power in W or Voltage in V, unless its heading has another
    unit. A positive current or power discharges, except under headings of the Battery Data Format ("Test Time
    / s", "Current / A") and of Arbin, BioLogic and Novonix, where it charges."""
    # The API server's limit only: what comes from a ConfigMap is put here, too, and may be longer.
    csv: (
        Annotated[str, Field(min_length=1, json_schema_extra={"maxLength": MAX_INLINE_CSV_CHARACTERS})] | None
    ) = None
    """The profile: two columns, time and the quantity. A line of headings is read for their units, such as
    "Time [h],Current [mA]"; without one, times are in seconds. Lines that begin with # are comments. Times
    increase from row to row; the first is 0."""
    config_map_key_ref: ConfigMapKeyReference | None = None
    """Where the CSV is."""
    scale: Scale = 1.0
    """Factor by which the values are multiplied."""
    repeat: Repeat = 1
    """Number of times that the profile is followed, without a pause."""


class Step(Contract):
    """One step of an experiment, field by field."""

    rules = (exactly_one("current_amperes", "c_rate", "power_watts", "volts", "ohms", "rest", "text"),)

    current_amperes: Amperes | None = None
    """Hold this current. Positive discharges."""
    c_rate: CRate | None = None
    """Hold this multiple of nominalCapacityAmpereHours per hour. Positive discharges."""
    power_watts: Watts | None = None
    """Hold this power. Positive discharges."""
    volts: Volts | None = None
    """Hold this voltage."""
    ohms: Annotated[float, Field(gt=0, le=1e6), NUMBER] | None = None
    """Discharge over this resistance."""
    rest: Literal[True] | None = None
    """No current."""
    text: StepText | None = None
    """The step in PyBaMM's words, such as "Discharge at 1C for 10 minutes or until 3.3 V"."""
    duration_seconds: Seconds | None = None
    """End after this time."""
    until_volts: Volts | None = None
    """End when the voltage reaches this value."""
    until_amperes: PositiveAmperes | None = None
    """End when the magnitude of the current falls to this value."""
    period_seconds: Annotated[float, Field(ge=0.001, le=31_536_000), NUMBER] | None = None
    """Interval between points of the result during this step, instead of output.periodSeconds."""
    ambient_temperature_celsius: Celsius | None = None
    """Temperature around the cell during this step, instead of cell.ambientTemperatureCelsius."""


class Experiment(ProtocolKind):
    """Steps as for a cycler, one after the other and again for each cycle."""

    title = "Experiment"
    is_for_packs = False
    ends_by_itself = True

    rules = (exactly_one("steps", "structured_steps"),)

    steps: Annotated[list[StepText], Field(min_length=1, max_length=100)] | None = None
    """Steps in PyBaMM's words, such as "Discharge at 1C until 2.5 V", "Charge at C/2 for 1 hour or until
    4.2 V", "Hold at 4.2 V until 50 mA", "Rest for 1 hour", "Discharge at 10 W for 5 minutes". C-rates refer
    to nominalCapacityAmpereHours. The cell's cut-offs end a charge or discharge step as if they were written
    there, unless cutOffPolicy ignores them; the next step follows."""
    structured_steps: Annotated[list[Step], Field(min_length=1, max_length=100)] | None = None
    """Steps field by field, each with a period and a temperature of its own where it needs them."""
    cycles: Annotated[int, Field(ge=1, le=10_000), WHOLE_NUMBER] = 1
    """Number of times that the steps are run."""
    on_cut_off: Literal["Stop", "NextStep"] = "Stop"
    """What happens when a step cannot begin because the voltage is past a cut-off of the cell. Stop: the run
    ends there with end reason InfeasibleStep and keeps everything before it. NextStep: the step is skipped,
    as cyclers do."""
    on_reached_end: Literal["NextStep", "Stop"] = "NextStep"
    """What happens when a step's own end is reached before it begins, such as a charge to 4.1 V at 4.2 V.
    NextStep: the step is skipped. Stop: the run ends there with end reason InfeasibleStep and keeps
    everything before it."""


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
