"""Exit codes of the commands that call a cluster, for scripts. Codes of a failed run are those of the
runner."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import assert_never

from batterysim.failure import ExitCode, FailureReason
from batterysim.problem import InvalidSpecError
from batterysim.status import Failure
from batterysim_client import (
    AccessError,
    ClientError,
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RefusedError,
    Simulation,
    UnreachableError,
    WaitTimeoutError,
)


class ExitStatus(IntEnum):
    """Failures between this machine and the run. As in sysexits.h, where there is such a code."""

    USAGE = 2
    NOT_FOUND = 68
    UNREACHABLE = 69
    CONFLICT = 73
    FILE = 74
    REFUSED = 76
    NO_ACCESS = 77
    NOT_CONFIGURED = 78
    TIMED_OUT = 124
    INTERRUPTED = 130


_ERRORS: dict[type[ClientError], ExitStatus] = {
    ConfigurationError: ExitStatus.NOT_CONFIGURED,
    UnreachableError: ExitStatus.UNREACHABLE,
    AccessError: ExitStatus.NO_ACCESS,
    NotFoundError: ExitStatus.NOT_FOUND,
    ConflictError: ExitStatus.CONFLICT,
    RefusedError: ExitStatus.REFUSED,
    WaitTimeoutError: ExitStatus.TIMED_OUT,
}

_FAILURES: Mapping[str, ExitCode] = {
    FailureReason.INVALID_SPEC: ExitCode.INVALID_SPEC,
    FailureReason.UNKNOWN_PARAMETER: ExitCode.INVALID_SPEC,
    FailureReason.INFEASIBLE: ExitCode.INFEASIBLE,
    FailureReason.SOLVER_FAILED: ExitCode.SOLVER_FAILED,
    FailureReason.TOO_MANY_FAILED_POINTS: ExitCode.SOLVER_FAILED,
    FailureReason.RESULT_REFUSED: ExitCode.RESULT_REFUSED,
    FailureReason.UPLOAD_FAILED: ExitCode.UPLOAD_FAILED,
}


def status_of_error(error: ClientError | InvalidSpecError | OSError) -> int:
    """Return the code for an error."""
    match error:
        case InvalidSpecError():
            return ExitCode.INVALID_SPEC
        case ClientError():
            return _ERRORS[type(error)]
        case OSError():
            return ExitStatus.FILE
    assert_never(error)


def status_of(simulations: Iterable[Simulation]) -> int:
    """Return the code of the first simulation that has ended without a result, or 0.

    Failures that the runner has no code for, such as a deadline or lack of memory, have that of a crash.
    """
    for simulation in simulations:
        if simulation.has_ended and not simulation.succeeded:
            return code_of(simulation.status.failure)
    return ExitCode.OK


def code_of(failure: Failure | None) -> ExitCode:
    """Return the code of a failure; None: it is not said what it was."""
    return ExitCode.CRASHED if failure is None else _FAILURES.get(failure.reason, ExitCode.CRASHED)
