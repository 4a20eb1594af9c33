"""What a result is: its columns, its summary and where it comes from.

The canonical file is Parquet. Its columns carry PyBaMM's own variable names, which end in the unit, and
repeat the unit in the Arrow field's metadata (`unit`); the file's metadata holds a `ResultMetadata` as
JSON under `batterysim`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pydantic import Field, WithJsonSchema

from batterysim.contract import Report
from batterysim.cycle_record import CycleRecord
from batterysim.failure import MESSAGE_MAX_LENGTH

PARQUET_METADATA_KEY = b"batterysim"
UNIT_METADATA_KEY = b"unit"
STATE_METADATA_KEY = b"batterysim.state"
"""The state at the end, as JSON, in the file's own metadata and not in the Arrow schema's."""
MAX_STATE_BYTES = 4 << 20
"""Of the largest state that a result has."""
PARQUET_MEDIA_TYPE = "application/vnd.apache.parquet"
# How pyarrow writes it. A dictionary does not pay for numbers that are all different, and a reader of a
# column would hold it whole; of small pages a reader holds few bytes at a time. Bytes that are sorted by
# their place in a number compress better.
PARQUET_OPTIONS = MappingProxyType(
    {
        "compression": "zstd",
        "use_dictionary": False,
        "use_byte_stream_split": True,
        "data_page_size": 64 * 1024,
    }
)


class Column(NamedTuple):
    """A column of the result: PyBaMM's name, and the unit apart from it."""

    name: str
    unit: str

    @classmethod
    def of(cls, name: str) -> "Column":
        """Return the column of a PyBaMM variable; what has no unit in its name is a number.

        >>> Column.of("X-averaged cell temperature [C]").unit
        'degC'
        """
        unit = name[name.rindex("[") + 1 : -1] if name.endswith("]") else "1"
        return cls(name, "degC" if unit == "C" else unit)


TIME = Column("Time [s]", "s")
CURRENT = Column("Current [A]", "A")
VOLTAGE = Column("Voltage [V]", "V")
DISCHARGE_CAPACITY = Column("Discharge capacity [A.h]", "A.h")
POWER = Column("Power [W]", "W")
OPEN_CIRCUIT_VOLTAGE = Column("Bulk open-circuit voltage [V]", "V")
CELL_TEMPERATURE = Column("Volume-averaged cell temperature [C]", "degC")
STATE_OF_CHARGE = Column("State of charge", "1")

DEFAULT_COLUMNS = (
    TIME,
    CURRENT,
    VOLTAGE,
    DISCHARGE_CAPACITY,
    POWER,
    OPEN_CIRCUIT_VOLTAGE,
    CELL_TEMPERATURE,
    STATE_OF_CHARGE,
)
"""What every result over time has, in this order; the last one where the model tells (docs/results.md)."""

CYCLE_NUMBER = Column("Cycle number", "1")
STEP_NUMBER = Column("Step number", "1")

EXPERIMENT_COLUMNS = (CYCLE_NUMBER, STEP_NUMBER)
"""The last columns of an experiment's result. Both count from 1, steps in their cycle."""

FREQUENCY = Column("Frequency [Hz]", "Hz")
REAL_IMPEDANCE = Column("Real impedance [Ohm]", "Ohm")
IMAGINARY_IMPEDANCE = Column("Imaginary impedance [Ohm]", "Ohm")
IMPEDANCE_MAGNITUDE = Column("Impedance magnitude [Ohm]", "Ohm")
IMPEDANCE_PHASE = Column("Impedance phase [deg]", "deg")

IMPEDANCE_COLUMNS = (FREQUENCY, REAL_IMPEDANCE, IMAGINARY_IMPEDANCE, IMPEDANCE_MAGNITUDE, IMPEDANCE_PHASE)
"""What the result of an impedance has, in this order; a capacitive cell has a negative imaginary part."""


class EndReason(StrEnum):
    """What ended the run."""

    DURATION_REACHED = "DurationReached"
    LOWER_CUT_OFF = "LowerCutOff"
    UPPER_CUT_OFF = "UpperCutOff"
    EMPTY = "Empty"
    FULL = "Full"
    MODEL_LIMIT = "ModelLimit"
    STEPS_FINISHED = "StepsFinished"
    INFEASIBLE_STEP = "InfeasibleStep"
    CURRENT_CUT_OFF = "CurrentCutOff"
    SWEEP_FINISHED = "SweepFinished"
    WALL_CLOCK_LIMIT = "WallClockLimit"
    CONDITION_REACHED = "ConditionReached"
    SOLVER_FAILED = "SolverFailed"


AnyEndReason = Annotated[
    EndReason | str,
    Field(union_mode="left_to_right"),
    WithJsonSchema({"type": "string", "enum": [reason.value for reason in EndReason]}),
]
"""A reason as it is read: a later version may have others."""


class Summary(Report):
    """The result in a few numbers. Positive current discharges. An impedance has no series over time, so it
    has only what is said to be of an impedance; docs/results.md has the formulas."""

    end_reason: AnyEndReason
    """DurationReached, LowerCutOff, UpperCutOff or CurrentCutOff; Empty or Full when an equivalent circuit is
    at 0 % or 100 %; for an experiment StepsFinished, or InfeasibleStep when a step could not reach its end
    and the result has only what came before, or ConditionReached when a condition for the end of the whole
    came true; SweepFinished for an impedance; ModelLimit where the equations
    no longer hold, for example when pores are filled up or the voltage is no longer physical; WallClockLimit
    when solver.wallClockLimitSeconds was reached first; SolverFailed when the equations could not be solved
    any further, so that the run has failed and this is the part before."""
    partial: bool = False
    """Whether the protocol stopped early for another reason than an empty or full cell: InfeasibleStep,
    ModelLimit, WallClockLimit or SolverFailed."""
    failure_message: Annotated[str, Field(max_length=MESSAGE_MAX_LENGTH)] | None = None
    """Why the solver failed and what to change. Absent for any other end."""
    limiting_cell: Annotated[str, Field(max_length=20)] | None = None
    """The cell of a pack whose cut-off ended the run, such as s2p3: the third one of the second module."""
    end_time_seconds: float | None = None
    """Simulated time at the end."""
    discharge_capacity_ampere_hours: float | None = None
    """Net charge discharged; negative after a charge."""
    discharge_energy_watt_hours: float | None = None
    """Net energy delivered: the integral of current times voltage; negative after a charge."""
    discharged_ampere_hours: float | None = None
    """Total charge discharged, without subtracting what was charged."""
    charged_ampere_hours: float | None = None
    """Total charge put into the cell, without subtracting what was discharged."""
    discharged_watt_hours: float | None = None
    """Total energy discharged, without subtracting what was charged."""
    charged_watt_hours: float | None = None
    """Total energy put into the cell, without subtracting what was discharged."""
    start_volts: float | None = None
    """Voltage at the first point."""
    end_volts: float | None = None
    """Voltage at the last point."""
    min_volts: float | None = None
    """Lowest voltage."""
    mean_volts: float | None = None
    """Mean voltage over time."""
    max_volts: float | None = None
    """Highest voltage."""
    mean_power_watts: float | None = None
    """Mean power over time; negative for a charge."""
    max_power_watts: float | None = None
    """Highest magnitude of the power, of a discharge or a charge."""
    max_c_rate: float | None = None
    """Highest magnitude of the current, as a multiple of nominalCapacityAmpereHours per hour."""
    internal_resistance_ohms: float | None = None
    """The ohmic resistance that would dissipate, at the same current, as much energy as the cell loses
    between its bulk open-circuit voltage and its voltage. Absent if no current flows."""
    max_temperature_celsius: float | None = None
    """Highest volume-averaged cell temperature. An isothermal model keeps it at the ambient one."""
    heat_watt_hours: float | None = None
    """Heat generated in the cell. Absent for an isothermal model, which computes none."""
    start_state_of_charge: float | None = None
    """State of charge at the first point, 1 for full. Absent if the model does not provide it."""
    end_state_of_charge: float | None = None
    """State of charge at the last point."""
    rms_error_volts: float | None = None
    """Root mean square of the voltage minus output.measured, at the rows of the data that are within the
    run."""
    max_error_volts: float | None = None
    """The largest magnitude of that difference."""
    rms_error_amperes: float | None = None
    """The same of a measured current."""
    max_error_amperes: float | None = None
    """The largest magnitude of that difference."""
    rms_error_watts: float | None = None
    """The same of a measured power."""
    max_error_watts: float | None = None
    """The largest magnitude of that difference."""
    rms_error_kelvins: float | None = None
    """The same of a measured temperature."""
    max_error_kelvins: float | None = None
    """The largest magnitude of that difference."""
    comparison: Annotated[str, Field(max_length=800)] | None = None
    """Which rows of output.measured were compared, and where the run or the data end first."""
    state_of_health: float | None = None
    """Of an experiment, capacity after the last cycle as a fraction of the capacity after the first: 0.8 is
    80 %. Of a rest with a mechanism of ageing, such as an SEI, capacity at the end as a fraction of that at
    the start. Absent for a single cycle, for other protocols, and if the model does not provide it."""
    loss_of_lithium_inventory_percent: float | None = None
    """Lithium lost to side reactions at the end of a rest with a mechanism of ageing. The cycles of an
    experiment have this themselves."""
    high_frequency_resistance_ohms: float | None = None
    """Real part of the impedance at the highest frequency: mainly the resistance of the electrolyte and the
    contacts."""
    low_frequency_resistance_ohms: float | None = None
    """Real part of the impedance at the lowest frequency."""


def is_of_failed_run(status: Mapping[str, Any]) -> bool:
    """Tell from a simulation's status whether its result is the part before the solver failed."""
    return (status.get("summary") or {}).get("endReason") == EndReason.SOLVER_FAILED


class SolvedFrom(StrEnum):
    """Where the equations that were solved came from. The numbers are the same."""

    COMPILED = "Compiled"
    MODEL = "Model"


class FinalStateKey(Report):
    """The facts that another simulation must share to go on from a result's final state, each as a hash."""

    model: Annotated[str, Field(max_length=64)]
    """Of the model's family and options."""
    cell: Annotated[str, Field(max_length=64)]
    """Of the cell's parameters, without its state, temperature, cut-offs and nominal capacity."""
    mesh: Annotated[str, Field(max_length=64)]
    """Of the mesh."""


class Provenance(Report):
    """Versions and input that produced the result."""

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
    solved_from: SolvedFrom | None = None
    """Origin of the equations. Compiled: PyBaMM made them when the image was built. Model: PyBaMM made them
    for this run. The numbers are the same."""
    final_state: FinalStateKey | None = None
    """What the state at the end is of, which the result has. Absent if no other simulation can go on from it:
    of a pack, an impedance, a failed run, or a runner of an earlier version."""
    initial_state_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """SHA-256 of the earlier state that the run went on from, if it did."""


class RunnerTimes(Report):
    """The runner's own clock."""

    runner_started_time: datetime
    """When its process started."""
    solver_imported_time: datetime
    """When PyBaMM was imported, or the compiled equations were loaded."""
    solved_time: datetime
    """When the solution was complete."""


class StepRecord(Report):
    """The record of one step of an experiment."""

    cycle: int
    """Number of the cycle, from 1."""
    step: int
    """Number of the step in its cycle, from 1; of blocks, among the steps of all blocks as they are
    written."""
    instruction: str
    """The step in words."""
    block: str | None = None
    """Name of its block, or the block's number, from 1; only where an experiment has blocks."""
    repetition: int | None = None
    """Number of the block's repetition in its cycle, from 1; only where an experiment has blocks."""
    end_time_seconds: float
    """Simulated time at its end."""
    ended_by: str
    """Why it ended, in PyBaMM's words; "Event exceeded in initial conditions" means that it was skipped
    because its end was reached before it began."""
    discharge_capacity_ampere_hours: float | None = None
    """Charge discharged, without subtracting what was charged. A skipped step has no such numbers."""
    charge_capacity_ampere_hours: float | None = None
    """Charge put into the cell."""
    discharge_energy_watt_hours: float | None = None
    """Energy discharged."""
    charge_energy_watt_hours: float | None = None
    """Energy put into the cell."""
    begin_volts: float | None = None
    """Voltage at its first point, with the step's current flowing."""
    end_volts: float | None = None
    """Voltage at its last point."""
    reduced_seconds: float | None = None
    """For how long its current was reduced to keep the voltage at a cut-off; only with onCutOff:
    ReduceCurrent."""


class ResultMetadata(Report):
    """The metadata of the Parquet file."""

    summary: Summary
    """The result in a few numbers, in full precision."""
    provenance: Provenance
    """Versions and input that produced the result."""
    times: RunnerTimes
    """When the runner reached each stage."""
    steps: list[StepRecord] | None = None
    """Each step of an experiment; with very many cycles, those of every n-th and of the last that began."""
    cycles: list[CycleRecord] | None = None
    """Each complete cycle of an experiment; with very many cycles, every n-th one and the last."""
