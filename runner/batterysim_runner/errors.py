"""Errors that end a run, each with its reason and exit code."""

from collections.abc import Iterator

from batterysim.failure import ExitCode, FailureReason


class RunError(Exception):
    """A run cannot go on. The message is for a person and says what to change.

    content: the result file of what was solved before; None: there is none.
    """

    reason: FailureReason
    exit_code: ExitCode
    content: bytes | None = None


class InfeasibleError(RunError):
    """The protocol cannot even start: the voltage is past a cut-off at time 0."""

    reason = FailureReason.INFEASIBLE
    exit_code = ExitCode.INFEASIBLE


class SolverFailedError(RunError):
    """The equations could not be solved."""

    reason = FailureReason.SOLVER_FAILED
    exit_code = ExitCode.SOLVER_FAILED


class LeftTablesError(SolverFailedError):
    """The run left the range of the cell's tables, beyond which nothing was measured."""


class ResultRefusedError(RunError):
    """The bridge will not take the result, now or later."""

    reason = FailureReason.RESULT_REFUSED
    exit_code = ExitCode.RESULT_REFUSED


class UploadFailedError(RunError):
    """The bridge could not be reached for long enough. Another attempt may reach it."""

    reason = FailureReason.UPLOAD_FAILED
    exit_code = ExitCode.UPLOAD_FAILED


class CheckpointRefusedError(Exception):
    """A checkpoint is not taken, nor will a later one be. Ends no run. The message says why."""


class RunEndedError(RunError):
    """The run has ended without this process, such as by its deadline or by another's result: it may stop."""

    reason = FailureReason.RESULT_REFUSED
    exit_code = ExitCode.RESULT_REFUSED


class PartTakenError(RunError):
    """Another pod of the same shard has stored its rows first. Another attempt goes on behind them."""

    reason = FailureReason.UPLOAD_FAILED
    exit_code = ExitCode.UPLOAD_FAILED


class TooManyFailedPointsError(RunError):
    """More points of a sweep have failed than are accepted."""

    reason = FailureReason.TOO_MANY_FAILED_POINTS
    exit_code = ExitCode.SOLVER_FAILED


class EndedRunError(RunError):
    """A run in a process of its own has ended without a result."""

    def __init__(
        self, message: str, reason: FailureReason, exit_code: ExitCode, content: bytes | None = None
    ) -> None:
        super().__init__(message)
        self.reason = FailureReason(reason)
        self.exit_code = ExitCode(exit_code)
        self.content = content


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, and those that led to it. An error that is its own cause is yielded once."""
    seen: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in seen:
        yield following
        seen.append(following)
        following = following.__cause__ or following.__context__
