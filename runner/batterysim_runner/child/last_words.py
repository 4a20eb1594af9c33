"""What an error in a run comes to: an exit code, and words for a person."""

import traceback

from batterysim.failure import ExitCode, FailureReason, TerminationMessage, shorten
from batterysim.problem import InvalidSpecError
from batterysim_runner.child.memory import is_lack_of_memory, mebibytes
from batterysim_runner.errors import RunError


class LastWords(TerminationMessage):
    """The words, with the exit code that goes with them."""

    exit_code: ExitCode


def last_words(error: BaseException, memory_bytes: int | None = None) -> LastWords:
    """Return what an error comes to. Of a defect of ours, the traceback goes to the log.

    memory_bytes: how much memory the run may have; None: whatever there is.
    """
    if is_lack_of_memory(error):
        return out_of_memory(memory_bytes)
    if isinstance(error, InvalidSpecError):
        return words(ExitCode.INVALID_SPEC, error.reason, str(error))
    if isinstance(error, RunError):
        return words(error.exit_code, error.reason, str(error))
    traceback.print_exception(error)
    text = f"the runner has a defect ({type(error).__name__}: {error}); its log has the details"
    return words(ExitCode.CRASHED, FailureReason.RUNNER_CRASHED, text)


def out_of_memory(memory_bytes: int | None) -> LastWords:
    """Return the words for a run that needed more memory than there is."""
    limit = "" if memory_bytes is None else f" ({mebibytes(memory_bytes)})"
    return words(
        ExitCode.OUT_OF_MEMORY,
        FailureReason.OUT_OF_MEMORY,
        f"the run needed more memory than it may use{limit}: raise spec.run.resources.limits.memory, or have "
        "fewer points or variables in spec.output",
    )


def words(code: ExitCode, reason: FailureReason, message: str) -> LastWords:
    """Return last words, of a message of any length."""
    return LastWords(exit_code=code, reason=reason, message=shorten(message))
