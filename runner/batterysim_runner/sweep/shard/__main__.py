"""A shard of a sweep in a pod: `python -m batterysim_runner.sweep.shard`. One thread, so that it may fork."""

import json
import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from batterysim.failure import STOPPED_EXIT_CODE, ExitCode
from batterysim.problem import InvalidSpecError
from batterysim.sweep.checks import parse_sweep
from batterysim_runner.child.last_words import last_words
from batterysim_runner.child.memory import child_limit_bytes
from batterysim_runner.compiled.library import installed
from batterysim_runner.errors import RunError
from batterysim_runner.pod.failure_report import report_failure
from batterysim_runner.pod.inputs import Inputs
from batterysim_runner.sweep.environment import ENVIRONMENT

INDEX_VARIABLE = "JOB_COMPLETION_INDEX"
"""Kubernetes sets it in the pods of an Indexed Job."""


def main() -> int:
    """Solve the shard that this pod is for, and return the process's exit code."""
    os.environ.update(ENVIRONMENT)  # before the libraries that read it
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    inputs = Inputs.from_environment()
    try:
        is_over = run(inputs, int(os.environ[INDEX_VARIABLE]), stopped)
    except (InvalidSpecError, RunError) as error:
        return report_failure(inputs, last_words(error))
    # It was told to end: its rows are stored, and the next pod goes on behind them.
    return ExitCode.OK if is_over else STOPPED_EXIT_CODE


def run(inputs: Inputs, index: int, stopped: list[int]) -> bool:
    """Solve a shard, as far as it is not solved yet; return whether it has come to its end.

    stopped: not empty once it is to end.

    Raises:
        InvalidSpecError: the spec makes no sense, or a ConfigMap is missing.
        RunError: it cannot go on.
    """
    spec = parse_sweep(json.loads(inputs.read_spec()), inputs.read_reference)
    from batterysim_runner.pod.connection import Connection  # noqa: PLC0415 - after a bad spec is rejected
    from batterysim_runner.sweep.shard.shard import Shard, ShardInputs  # noqa: PLC0415 - as above
    from batterysim_runner.sweep.shard.stored_parts import StoredParts  # noqa: PLC0415 - as above

    given = ShardInputs(inputs, index)
    with TemporaryDirectory() as series:
        parts = StoredParts(given.place, lambda: Connection(inputs), Path(series))
        shard = Shard(spec, given, parts, installed(), child_limit_bytes())
        return shard.run(lambda: bool(stopped))


if __name__ == "__main__":
    sys.exit(main())
