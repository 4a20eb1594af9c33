"""What a result is: its columns, its summary and where it comes from.

The canonical file is Parquet. Its columns carry PyBaMM's own variable names, which end in the unit, and
repeat the unit in the Arrow field's metadata (`unit`); the file's metadata holds a `ResultMetadata` as
JSON under `batterysim`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from batterysim.contract import Contract

PARQUET_METADATA_KEY = b"batterysim"
UNIT_METADATA_KEY = b"unit"
PARQUET_MEDIA_TYPE = "application/vnd.apache.parquet"


class Column(NamedTuple):
    """A column of the result: PyBaMM's name, and the unit apart from it."""

    name: str
    unit: str


TIME = Column("Time [s]", "s")
CURRENT = Column("Current [A]", "A")
VOLTAGE = Column("Voltage [V]", "V")
DISCHARGE_CAPACITY = Column("Discharge capacity [A.h]", "A.h")
POWER = Column("Power [W]", "W")
OPEN_CIRCUIT_VOLTAGE = Column("Bulk open-circuit voltage [V]", "V")
CELL_TEMPERATURE = Column("Volume-averaged cell temperature [C]", "degC")

DEFAULT_COLUMNS = (
    TIME,
    CURRENT,
    VOLTAGE,
    DISCHARGE_CAPACITY,
    POWER,
    OPEN_CIRCUIT_VOLTAGE,
    CELL_TEMPERATURE,
)


class EndReason(StrEnum):
    """What ended the run."""

    DURATION_REACHED = "DurationReached"
    LOWER_CUT_OFF = "LowerCutOff"
    UPPER_CUT_OFF = "UpperCutOff"
    STEPS_FINISHED = "StepsFinished"
    INFEASIBLE_STEP = "InfeasibleStep"


class Summary(Contract):
    """The result in a few numbers. Positive current discharges."""

    end_reason: EndReason
    """DurationReached, LowerCutOff or UpperCutOff; for an experiment StepsFinished, or InfeasibleStep when a
    step could not go on to its end, and the result is what came before."""
    end_time_seconds: float
    """Simulated time at the end."""
    discharge_capacity_ampere_hours: float
    """Net charge drawn; negative after a charge."""
    discharge_energy_watt_hours: float
    """Net energy delivered: the integral of current times voltage; negative after a charge."""
    start_volts: float
    """Voltage at the first point."""
    end_volts: float
    """Voltage at the last point."""
    min_volts: float
    """Lowest voltage."""
    max_volts: float
    """Highest voltage."""
    max_temperature_celsius: float
    """Highest volume-averaged cell temperature."""


class Provenance(Contract):
    """What the result was made with."""

    pybamm_version: Annotated[str, Field(max_length=60)]
    """Version of PyBaMM."""
    runner_version: Annotated[str, Field(max_length=60)]
    """Version of the runner."""
    image: Annotated[str, Field(max_length=500)]
    """The runner's container image."""
    spec_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the physics part of the spec as canonical JSON: equal hashes, equal simulations."""
    pod_name: Annotated[str, Field(max_length=253)]
    """The pod that solved it."""


class RunnerTimes(Contract):
    """The runner's own clock."""

    runner_started_time: datetime
    """Its process began."""
    solver_imported_time: datetime
    """PyBaMM was imported."""
    solved_time: datetime
    """The solution was there."""


class StepRecord(Contract):
    """How one step of an experiment went."""

    cycle: int
    """Number of the cycle, from 1."""
    step: int
    """Number of the step in its cycle, from 1."""
    instruction: str
    """The step in words."""
    end_time_seconds: float
    """Simulated time at its end."""
    ended_by: str
    """What ended it, in PyBaMM's words; "Event exceeded in initial conditions" means that it was skipped,
    because its end was reached before it began."""


class ResultMetadata(Contract):
    """What the Parquet file says about itself."""

    summary: Summary
    """The result in a few numbers, in full precision."""
    provenance: Provenance
    """What the result was made with."""
    times: RunnerTimes
    """When it was made."""
    steps: list[StepRecord] | None = None
    """How each step of an experiment went."""
