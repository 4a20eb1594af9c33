"""The report of a failure that a pod leaves behind: a line in its log, and its termination message."""

import sys

from batterysim.failure import ExitCode, TerminationMessage
from batterysim_runner.child.last_words import LastWords
from batterysim_runner.pod.inputs import Inputs


def report_failure(inputs: Inputs, failure: LastWords) -> ExitCode:
    """Leave the report, and return the exit code that goes with it."""
    print(f"{inputs.namespace}/{inputs.name}: {failure.reason}: {failure.message}", file=sys.stderr)
    message = TerminationMessage(reason=failure.reason, message=failure.message)
    inputs.termination_log.write_text(message.model_dump_json(by_alias=True), encoding="utf-8")
    return failure.exit_code
