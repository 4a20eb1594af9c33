"""Why a run ended without a result, and whether another attempt can help.

The runner ends with one of these exit codes and leaves a `TerminationMessage` on
`/dev/termination-log`; the Job's podFailurePolicy acts on the code, the operator shows the message.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Annotated, NamedTuple

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
    TOO_MANY_FAILED_POINTS = "TooManyFailedPoints"


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


STOPPED_EXIT_CODE = 143
"""Of a sweep's pod that ended because it was told to. It does not count as an attempt."""

FINAL_EXIT_CODES = tuple(
    code for code in ExitCode if code not in (ExitCode.OK, ExitCode.CRASHED, ExitCode.UPLOAD_FAILED)
)
"""Exit codes after which another attempt at the same spec would end the same way."""


class FailureFacts(NamedTuple):
    """A reason explained to users."""

    meaning: str
    """The event behind it."""
    remedy: str
    """What to do about it."""
    exit_code: ExitCode | None
    """How the runner's process ends. None: the operator finds it."""

    @property
    def is_retried(self) -> bool:
        """Whether another attempt is made, up to `run.retries`."""
        return self.exit_code not in (None, *FINAL_EXIT_CODES)


FAILURES: Mapping[FailureReason, FailureFacts] = MappingProxyType(
    {
        FailureReason.INVALID_SPEC: FailureFacts(
            "A field of the spec is wrong; the message names it, its value and what is expected. The "
            "phase is Invalid if it is found before a run starts.",
            "Correct the field. `batterysim validate FILE` checks a file without a run.",
            ExitCode.INVALID_SPEC,
        ),
        FailureReason.UNKNOWN_PARAMETER: FailureFacts(
            "The cell's parameter set or the model has no parameter or option of this name.",
            "Use the name that the message suggests; `batterysim list` has all names.",
            ExitCode.INVALID_SPEC,
        ),
        FailureReason.INFEASIBLE: FailureFacts(
            "The protocol cannot begin: the voltage is beyond a cut-off at time 0, or the first step has "
            "reached its end already.",
            "Change `cell.initialStateOfCharge`, the current, the cut-offs or `cutOffPolicy`.",
            ExitCode.INFEASIBLE,
        ),
        FailureReason.SOLVER_FAILED: FailureFacts(
            "The equations could not be solved, or not to the end of the protocol. The part before is stored "
            "as a partial result, with the end reason SolverFailed.",
            "Try a smaller current, looser tolerances or a coarser mesh in `solver`, or a simpler model.",
            ExitCode.SOLVER_FAILED,
        ),
        FailureReason.WALL_CLOCK_LIMIT: FailureFacts(
            "The solver did not return within `solver.wallClockLimitSeconds`, and no part of the result "
            "could be kept.",
            "Raise the limit, or look for a cut-off that is ignored or a tolerance that is too tight.",
            ExitCode.WALL_CLOCK_LIMIT,
        ),
        FailureReason.DEADLINE_EXCEEDED: FailureFacts(
            "The simulation did not end within `run.deadlineSeconds`, which includes every wait; the "
            "message says what it waited for.",
            "Remove the cause of the wait ([when a run does not start](waiting.md)), raise the deadline, "
            "or make the run shorter.",
            None,
        ),
        FailureReason.RESULT_REFUSED: FailureFacts(
            "The bridge does not take the result: it is too large, or the simulation was deleted or ended"
            " meanwhile.",
            "Ask for fewer points or variables in `output`, or raise the bridge's limit.",
            ExitCode.RESULT_REFUSED,
        ),
        FailureReason.UPLOAD_FAILED: FailureFacts(
            "The bridge or its store could not be reached for as long as the run had time.",
            "Look at the bridge: `kubectl -n batterysim-system get pods`. Then create the simulation again.",
            ExitCode.UPLOAD_FAILED,
        ),
        FailureReason.OUT_OF_MEMORY: FailureFacts(
            "The run needed more memory than it may use.",
            "Raise `run.resources.limits.memory`, or ask for fewer points or variables in `output`.",
            ExitCode.OUT_OF_MEMORY,
        ),
        FailureReason.RUNNER_CRASHED: FailureFacts(
            "The runner ended without saying why, or has a defect; `status.failure.logTail` or the pod's "
            "log shows it.",
            "Create the simulation again. If it crashes again, report it with the spec and the log.",
            ExitCode.CRASHED,
        ),
        FailureReason.RESULT_MISSING: FailureFacts(
            "The run succeeded, but its result did not arrive in the store.",
            "Look at the logs of the bridge and the pod, then create the simulation again.",
            None,
        ),
        FailureReason.NAME_CONFLICT: FailureFacts(
            "A Job with the name that the run needs exists and belongs to something else.",
            "Delete that Job, then create the simulation again.",
            None,
        ),
        FailureReason.TOO_MANY_FAILED_POINTS: FailureFacts(
            "More points of a sweep have failed than `run.maxFailedPoints`.",
            "Look at the reasons in `status.failures`, and correct the values or the simulation, or raise "
            "the limit.",
            ExitCode.SOLVER_FAILED,
        ),
    }
)
"""What each reason means to users, for docs/failures.md."""


class TerminationMessage(Report):
    """The runner's last words, at most 4096 bytes as JSON (the kubelet's limit)."""

    reason: AnyFailureReason
    """What went wrong, in one word."""
    message: Annotated[str, Field(max_length=MESSAGE_MAX_LENGTH)]
    """What went wrong and what to change, for a person."""


def shorten(message: str, max_length: int = MESSAGE_MAX_LENGTH) -> str:
    """Cut a message to what fits a status and a termination log, marking the cut."""
    return message if len(message) <= max_length else message[: max_length - 1] + "…"
