"""One simulation, solved: what the child does, in a pod of its own and on a shared host alike."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from batterysim.checks.validation import parse_spec
from batterysim.results import SolvedFrom
from batterysim.spec.documents.contents import Reader
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import Progress, Stage
from batterysim_runner.child.ends import Surroundings
from batterysim_runner.child.keeper import Keeper
from batterysim_runner.child.memory import limited

if TYPE_CHECKING:
    from batterysim_runner.continuation.final_state import FinalState
    from batterysim_runner.experiment.checkpointing import Checkpointer, CheckpointStore


class Assignment(NamedTuple):
    """The simulation to solve, for whom, and where.

    image, pod_name: for the result's provenance.
    read_spec: returns the physics part of the spec as JSON.
    read_reference: returns a content that the spec refers to.
    open_checkpoints: opens the store of checkpoints.
    read_initial_state: returns the state of the earlier simulation that this one goes on from.
    """

    namespace: str
    name: str
    image: str
    pod_name: str
    started_time: datetime
    read_spec: Callable[[], str]
    read_reference: Reader
    open_checkpoints: Callable[[], "CheckpointStore"]
    read_initial_state: Callable[[], bytes]

    def say(self, text: str) -> None:
        """Write a line into the log, at once: a pod that is evicted has no time to."""
        print(f"{self.namespace}/{self.name}: {text}", flush=True)


class LazyCheckpoints:
    """A store of checkpoints that is opened when it is first used: few runs make checkpoints."""

    def __init__(self, open_store: Callable[[], "CheckpointStore"]) -> None:
        self._open = open_store

    @cached_property
    def _store(self) -> "CheckpointStore":
        return self._open()

    def load_checkpoint(self) -> bytes | None:
        """See CheckpointStore."""
        return self._store.load_checkpoint()

    def save_checkpoint(self, content: bytes, cycle: int) -> None:
        """See CheckpointStore."""
        self._store.save_checkpoint(content, cycle)

    def discard_checkpoint(self) -> None:
        """See CheckpointStore."""
        self._store.discard_checkpoint()


def solve_simulation(assignment: Assignment, surroundings: Surroundings) -> bytes:
    """Solve what is assigned, and return the result file.

    Raises:
        InvalidSpecError: the spec makes no sense, or not to PyBaMM.
        RunError: it cannot be solved; its content is the result file of what could.
    """
    # Imported here, not above: a bad spec is refused before the solver is loaded.
    spec = parse_spec(json.loads(assignment.read_spec()), assignment.read_reference)
    from batterysim_runner.compiled.library import installed  # noqa: PLC0415
    from batterysim_runner.continuation.final_state import decode  # noqa: PLC0415
    from batterysim_runner.engine import prepare  # noqa: PLC0415
    from batterysim_runner.report.trace import PartlySolvedError  # noqa: PLC0415

    start = None if spec.cell.initial_state is None else decode(assignment.read_initial_state(), spec)
    prepared = prepare(spec, installed(), start=start)
    imported_time = datetime.now(UTC)
    sender = surroundings.sender

    def report(progress: Progress) -> None:
        sender.send(progress=progress.to_json_dict())

    report(Progress(percent=0, stage=Stage.SOLVING))
    checkpointer = None
    if prepared.solved_from is SolvedFrom.MODEL:
        checkpointer = _checkpointer(spec, assignment, start)
    keeper = Keeper(surroundings.orders, sender)
    if (limit := spec.solver.wall_clock_limit_seconds) is not None:
        sender.send(limit=limit)
    failure = None
    with limited(surroundings.memory_bytes):
        try:
            trace = prepared.solve(report, checkpointer=checkpointer, keep=keeper.keep)
        except PartlySolvedError as error:
            trace, failure = error.partial, error
        sender.send(solved=True)
        keeper.dismiss()
        from batterysim_runner.report.product import describe  # noqa: PLC0415 - imports Arrow

        metadata, content = describe(spec, assignment, assignment.started_time, imported_time, trace)
    if failure is not None:
        failure.content = content
        raise failure
    summary = metadata.summary
    # An impedance has no end in time.
    when = "" if summary.end_time_seconds is None else f" at {summary.end_time_seconds:g} s"
    assignment.say(f"{summary.end_reason}{when}")
    return content


def _checkpointer(
    spec: BatterySimulationSpec, assignment: Assignment, start: "FinalState | None"
) -> "Checkpointer":
    from batterysim_runner.experiment.checkpointing import Checkpointer  # noqa: PLC0415 - imports PyBaMM
    from batterysim_runner.report.provenance import origin  # noqa: PLC0415

    checkpoints = LazyCheckpoints(assignment.open_checkpoints)
    return Checkpointer(checkpoints, origin(spec, start), assignment.say, time.monotonic)
