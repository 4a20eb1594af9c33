"""The runner's process: have the spec solved in a child, upload, and leave word of how it went."""

import contextlib
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

STARTED_TIME = datetime.now(UTC)  # before the imports, which take most of a short run's time

from batterysim.failure import ExitCode  # noqa: E402
from batterysim.status import Progress, Stage  # noqa: E402
from batterysim_runner.child.last_words import LastWords, last_words  # noqa: E402
from batterysim_runner.child.memory import child_limit_bytes  # noqa: E402
from batterysim_runner.child.process import Limits, start  # noqa: E402
from batterysim_runner.child.watcher import Watcher  # noqa: E402
from batterysim_runner.errors import ResultRefusedError, RunError  # noqa: E402
from batterysim_runner.pod.failure_report import report_failure  # noqa: E402
from batterysim_runner.pod.inputs import Inputs  # noqa: E402
from batterysim_runner.pod.simulation import Assignment, solve_simulation  # noqa: E402

if TYPE_CHECKING:
    from batterysim_runner.pod.bridge_client import BridgeClient


def main() -> ExitCode:
    """Run one simulation and return the process's exit code."""
    inputs = Inputs.from_environment()
    failure = None
    try:
        failure = run(inputs)
    except RunError as error:
        failure = last_words(error)
    return ExitCode.OK if failure is None else report_failure(inputs, failure)


def run(inputs: Inputs) -> LastWords | None:
    """Have the simulation that this pod is for solved, and bring the result to the bridge.

    Returns:
        Why there is none, or only a part of it; None if there is.

    Raises:
        RunError: the bridge did not take the result.
    """
    limits = Limits(memory_bytes=child_limit_bytes())
    # The child comes first: it imports PyBaMM while this process gets ready to talk to the bridge.
    child = start(partial(solve_simulation, _assignment(inputs)), limits)
    with contextlib.closing(_bridge_client(inputs)) as bridge:
        bridge.report(Progress(percent=0, stage=Stage.STARTING))
        end = Watcher(child, time.monotonic, partial(_pass_on, bridge), limits.memory_bytes).watch()
        if end.content is not None:
            _upload(bridge, end.content, is_partial=end.failure is not None)
    child.reap(wait=True)
    return end.failure


def _upload(bridge: "BridgeClient", content: bytes, *, is_partial: bool) -> None:
    try:
        bridge.upload(content)
    except ResultRefusedError:
        # A run that has failed ends for its own reason, whatever becomes of its part.
        if not is_partial:
            raise


def _pass_on(bridge: "BridgeClient", message: Mapping[str, Any]) -> None:
    if "progress" in message:
        bridge.report(Progress.model_validate(message["progress"]))


def _assignment(inputs: Inputs) -> Assignment:
    return Assignment(
        namespace=inputs.namespace,
        name=inputs.name,
        image=inputs.image,
        pod_name=inputs.pod_name,
        started_time=STARTED_TIME,
        read_spec=inputs.read_spec,
        read_reference=inputs.read_reference,
        open_checkpoints=partial(_bridge_client, inputs),
        read_initial_state=lambda: _bridge_client(inputs).load_initial_state(),
    )


def _bridge_client(inputs: Inputs) -> "BridgeClient":
    from batterysim_runner.pod.bridge_client import BridgeClient  # noqa: PLC0415 - takes a tenth of a second

    return BridgeClient(inputs)


if __name__ == "__main__":
    sys.exit(main())
