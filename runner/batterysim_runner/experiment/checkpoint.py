"""A checkpoint: all that is needed to go on with an experiment after a cycle, as bytes.

The format is NumPy's npz, read without pickle, so that nothing in it is ever executed: the cell's state
vector, the points so far, and a JSON header. Floats are kept to the last bit.
"""

import io
import zipfile
from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from batterysim.contract import Contract
from batterysim.cycle_record import CycleRecord
from batterysim.results import StepRecord
from batterysim_runner.experiment.recording import Points, Recording
from batterysim_runner.experiment.records import Records
from batterysim_runner.experiment.stepper import State
from batterysim_runner.report.provenance import Origin
from batterysim_runner.report.sums import Sums
from batterysim_runner.report.trace import Series


class Checkpoint(NamedTuple):
    """An experiment after a cycle.

    cycle: the last one that is done.
    spent_seconds: real time that it has taken, in all processes together.
    """

    cycle: int
    spent_seconds: float
    state: State
    recording: Recording


class UnusableCheckpointError(Exception):
    """A checkpoint is damaged, or of another run. The message says which."""


class _Header(Contract):
    # 2: with the numbers of cycle and step. 3: with what is integrated. 4: with its sums instead.
    # 5: with the records of the last cycle.
    format: Literal[5] = 5
    origin: Origin
    cycle: Annotated[int, Field(ge=1)]
    spent_seconds: float
    time_seconds: float
    step: Annotated[int, Field(ge=0)]
    columns: list[str]
    steps: list[StepRecord]
    cycles: list[CycleRecord]
    last_steps: list[StepRecord]
    last_cycle: CycleRecord | None


def encode(checkpoint: Checkpoint, origin: Origin) -> bytes:
    """Return a checkpoint as bytes."""
    points, records = checkpoint.recording.points(), checkpoint.recording.records
    header = _Header(
        origin=origin,
        cycle=checkpoint.cycle,
        spent_seconds=checkpoint.spent_seconds,
        time_seconds=checkpoint.state.time_seconds,
        step=checkpoint.state.step,
        columns=list(points.values),
        steps=records.steps,
        cycles=records.cycles,
        last_steps=records.last_steps,
        last_cycle=records.last_cycle,
    )
    buffer = io.BytesIO()
    np.savez(
        buffer,
        header=np.frombuffer(header.model_dump_json(by_alias=True).encode(), dtype=np.uint8),
        vector=checkpoint.state.vector,
        values=np.array(list(points.values.values())),
        in_output=points.in_output,
        sums=np.array(points.sums),
    )
    return buffer.getvalue()


def decode(content: bytes, origin: Origin) -> Checkpoint:
    """Return the checkpoint that the bytes hold.

    Raises:
        UnusableCheckpointError: they hold none, or one of another origin.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            header = _Header.model_validate_json(arrays["header"].tobytes())
            vector = arrays["vector"]
            points = Points(
                _series(header.columns, arrays["values"]),
                arrays["in_output"],
                Sums(*arrays["sums"].tolist()),
            )
    except (ValueError, TypeError, KeyError, EOFError, OSError, zipfile.BadZipFile, ValidationError) as error:
        raise UnusableCheckpointError(f"it cannot be read ({type(error).__name__})") from error
    for field in Origin.model_fields:
        if getattr(header.origin, field) != getattr(origin, field):
            raise UnusableCheckpointError(
                f"its {field} is {getattr(header.origin, field)}, this run's is {getattr(origin, field)}"
            )
    if any(column.shape != points.in_output.shape for column in points.values.values()):
        raise UnusableCheckpointError(f"its series are not of {points.in_output.size} points")
    return Checkpoint(
        header.cycle,
        header.spent_seconds,
        State(header.time_seconds, header.step, vector),
        Recording.of(points, Records(header.steps, header.cycles, header.last_steps, header.last_cycle)),
    )


def _series(names: Sequence[str], columns: NDArray[np.float64]) -> Series:
    return dict(zip(names, columns, strict=True))
