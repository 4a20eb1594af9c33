"""Experiments: steps as for a cycler, in cycles and blocks.

Sign convention, as in PyBaMM: a positive current or power discharges the cell, a negative one charges it.
"""

from typing import Annotated, Literal

from pydantic import Field

from batterysim.contract import Contract, Rule, exactly_one
from batterysim.spec.number import NUMBER, WHOLE_NUMBER, Number
from batterysim.spec.protocols.amounts import (
    Amperes,
    Celsius,
    CRate,
    PositiveAmperes,
    Seconds,
    StepText,
    VariableName,
    Volts,
    Watts,
)
from batterysim.spec.protocols.drive_cycle import DriveCycle
from batterysim.spec.protocols.kind import ProtocolKind
from batterysim.spec.protocols.profile import Profile


class Condition(Contract):
    """A variable that rises above a value, or falls below it."""

    rules = (exactly_one("above", "below"),)

    variable: VariableName
    """A column of the result or another variable of PyBaMM's, by its exact name with its unit: for example
    "Voltage [V]", "State of charge", "Discharge capacity [A.h]", "Volume-averaged cell temperature [C]" or
    "Negative electrode surface potential difference at separator interface [V]"."""
    above: Number | None = None
    """The value that the variable rises above, in its unit."""
    below: Number | None = None
    """The value that the variable falls below, in its unit."""


Conditions = Annotated[list[Condition], Field(min_length=1, max_length=5)]


class Step(Contract):
    """One step of an experiment, field by field."""

    rules = (
        exactly_one(
            "current_amperes",
            "c_rate",
            "power_watts",
            "volts",
            "ohms",
            "rest",
            "drive_cycle",
            "profile",
            "text",
        ),
    )

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
    drive_cycle: DriveCycle | None = None
    """Follow a drive cycle to its end."""
    profile: Profile | None = None
    """Follow a profile of your own to its end."""
    text: StepText | None = None
    """The step in PyBaMM's words, such as "Discharge at 1C for 10 minutes or until 3.3 V"."""
    duration_seconds: Seconds | None = None
    """End after this time."""
    until_volts: Volts | None = None
    """End when the voltage reaches this value."""
    until_amperes: PositiveAmperes | None = None
    """End when the magnitude of the current falls to this value."""
    until_state_of_charge: Annotated[float, Field(ge=0, le=1), NUMBER] | None = None
    """End when the state of charge falls to this value in a discharge, or rises to it in a charge."""
    until_ampere_hours: Annotated[float, Field(gt=0, le=100_000), NUMBER] | None = None
    """End when this charge has flowed in this step, whatever the direction."""
    until: Conditions | None = None
    """End when one of these conditions holds."""
    period_seconds: Annotated[float, Field(ge=0.001, le=31_536_000), NUMBER] | None = None
    """Interval between points of the result during this step, instead of output.periodSeconds."""
    ambient_temperature_celsius: Celsius | None = None
    """Temperature around the cell during this step, instead of cell.ambientTemperatureCelsius; for cells, not
    for packs."""


MAX_CYCLES = 10_000
CycleNumber = Annotated[int, Field(ge=1, le=MAX_CYCLES), WHOLE_NUMBER]


class Block(Contract):
    """Steps that belong together, such as a formation, an ageing cycle, or a reference test."""

    rules = (
        exactly_one("steps", "structured_steps"),
        Rule(
            "!has(self.toCycle) || self.fromCycle <= self.toCycle",
            "fromCycle must not be after toCycle: swap them or correct one",
            lambda block: block.to_cycle is None or block.from_cycle <= block.to_cycle,
        ),
    )

    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    """Name of the block in the records of its steps. Default: its number, from 1."""
    steps: Annotated[list[StepText], Field(min_length=1, max_length=200)] | None = None
    """Steps in PyBaMM's words, as in experiment.steps."""
    structured_steps: Annotated[list[Step], Field(min_length=1, max_length=200)] | None = None
    """Steps field by field, as in experiment.structuredSteps."""
    repeat: Annotated[int, Field(ge=1, le=1000), WHOLE_NUMBER] = 1
    """Number of times that the steps are run in each cycle that has this block."""
    until: Conditions | None = None
    """When one of these conditions holds, the block ends with all its repetitions of this cycle, also in the
    middle of a step; the next block follows."""
    from_cycle: CycleNumber = 1
    """The first cycle that has this block."""
    every_cycles: CycleNumber = 1
    """From fromCycle on, every n-th cycle has this block: with fromCycle 50 and everyCycles 50, the cycles
    50, 100, 150 and so on."""
    to_cycle: CycleNumber | None = None
    """The last cycle that may have this block. Default: the last one of all. With 1, only the first cycle."""

    def is_in(self, cycle: int) -> bool:
        """Tell whether a cycle has this block."""
        last = MAX_CYCLES if self.to_cycle is None else self.to_cycle
        return self.from_cycle <= cycle <= last and (cycle - self.from_cycle) % self.every_cycles == 0


class Experiment(ProtocolKind):
    """Steps as for a cycler, one after the other and again for each cycle."""

    title = "Experiment"
    ends_by_itself = True

    rules = (exactly_one("steps", "structured_steps", "blocks"),)

    steps: Annotated[list[StepText], Field(min_length=1, max_length=1000)] | None = None
    """Steps in PyBaMM's words, such as "Discharge at 1C until 2.5 V", "Charge at C/2 for 1 hour or until
    4.2 V", "Hold at 4.2 V until 50 mA", "Rest for 1 hour", "Discharge at 10 W for 5 minutes". C-rates refer
    to nominalCapacityAmpereHours. The cell's cut-offs end a charge or discharge step as if they were written
    there, unless cutOffPolicy ignores them; the next step follows."""
    structured_steps: Annotated[list[Step], Field(min_length=1, max_length=1000)] | None = None
    """Steps field by field, each with a period and a temperature of its own where it needs them."""
    blocks: Annotated[list[Block], Field(min_length=1, max_length=20)] | None = None
    """Blocks of steps, one after the other in each cycle: each is run as often as it says, and only in the
    cycles that it says, such as a reference test in every 50th one."""
    cycles: CycleNumber = 1
    """Number of times that the steps or blocks are run."""
    until: Conditions | None = None
    """When one of these conditions holds, the whole experiment ends, also in the middle of a step, with end
    reason ConditionReached."""
    until_capacity_fraction: Annotated[float, Field(gt=0, lt=1), NUMBER] | None = None
    """The whole experiment ends after a cycle at whose end the cell's capacity is at most this fraction of
    that at the end of the first cycle, with end reason ConditionReached. For models that provide a capacity
    (docs/experiments.md)."""
    on_cut_off: Literal["Stop", "NextStep", "ReduceCurrent"] = "Stop"
    """What happens at a cut-off of the cell. Stop: a step ends there, as if that were written in it; one that
    cannot begin, because the voltage is past a cut-off from its start, ends the run with end reason
    InfeasibleStep, and everything before it is kept. NextStep: a step that cannot begin is skipped, as
    cyclers do. ReduceCurrent: a step that has a time goes on to its end, with as much of its current as keeps
    the voltage at the cut-off, as a battery management system does; for cells, not for packs."""
    on_reached_end: Literal["NextStep", "Stop"] = "NextStep"
    """What happens when a step's own end is reached before it begins, such as a charge to 4.1 V at 4.2 V.
    NextStep: the step is skipped. Stop: the run ends there with end reason InfeasibleStep and keeps
    everything before it."""
