"""Why a run ended without a result, and whether another attempt can help.

The runner ends with one of these exit codes and leaves a `TerminationMessage` on
`/dev/termination-log`; the Job's podFailurePolicy acts on the code, the operator shows the message.
"""

from enum import IntEnum, StrEnum
from typing import Annotated

from pydantic import Field, WithJsonSchema

from batterysim.contract import Report

MESSAGE_MAX_LENGTH = 1024


class FailureReason(StrEnum):
    """A machine-readable reason in `status.failure.reason`."""

    INVALID_SPEC = "InvalidSpec"
    UNKNOWN_PARAMETER = "UnknownParameter"
    INFEASIBLE = "Infeasible"
    SOLVER_FAILED = "SolverFailed"
    WALL_CLOCK_LIMIT = "WallClockLimit"
    DEADLINE_EXCEEDED = "DeadlineExceeded"
    RESULT_REFUSED = "ResultRefused"
    UPLOAD_FAILED = "UploadFailed"
    OUT_OF_MEMORY = "OutOfMemory"
    RUNNER_CRASHED = "RunnerCrashed"
    RESULT_MISSING = "ResultMissing"
    NAME_CONFLICT = "NameConflict"


AnyFailureReason = Annotated[
    FailureReason | str,
    Field(union_mode="left_to_right"),
    WithJsonSchema({"type": "string", "enum": [reason.value for reason in FailureReason]}),
]
"""A reason as it is read: a later version may have others."""


class ExitCode(IntEnum):
    """How the runner's process ends. 64 to 69 are final; any other failure may be tried again."""

    OK = 0
    INVALID_SPEC = 64
    INFEASIBLE = 65
    SOLVER_FAILED = 66
    RESULT_REFUSED = 67
    WALL_CLOCK_LIMIT = 68
    OUT_OF_MEMORY = 69
    CRASHED = 70
    UPLOAD_FAILED = 75


FINAL_EXIT_CODES = tuple(
    code for code in ExitCode if code not in (ExitCode.OK, ExitCode.CRASHED, ExitCode.UPLOAD_FAILED)
)
"""Exit codes after which another attempt at the same spec would end the same way."""


class TerminationMessage(Report):
    """The runner's last words, at most 4096 bytes as JSON (the kubelet's limit)."""

    reason: AnyFailureReason
    """What went wrong, in one word."""
    message: Annotated[str, Field(max_length=MESSAGE_MAX_LENGTH)]
    """What went wrong and what to change, for a person."""


def shorten(message: str) -> str:
    """Cut a message to what fits a status and a termination log, marking the cut."""
    return message if len(message) <= MESSAGE_MAX_LENGTH else message[: MESSAGE_MAX_LENGTH - 1] + "…"
