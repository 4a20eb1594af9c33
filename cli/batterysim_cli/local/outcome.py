"""How a simulation ended on this machine, as `batterysim run --json` prints it."""

from batterysim.contract import Contract
from batterysim.failure import ExitCode, FailureReason, shorten
from batterysim.problem import InvalidSpecError
from batterysim.results import Summary
from batterysim.status import Failure, Phase
from batterysim_cli.manifests.files import Refusal


class Seconds(Contract):
    """Where the time went."""

    importing: float
    """Until PyBaMM was imported; next to nothing when the process had it already."""
    solving: float
    """Building the model and solving it."""
    total: float
    """All of it, files and plot included."""


class Outcome(Contract):
    """The outcome of one simulation."""

    name: str
    """The manifest's name; the file's when it has none."""
    file: str
    """The manifest's file."""
    phase: Phase
    """Succeeded, Failed, or Invalid when it was not run."""
    exit_code: ExitCode
    """Exit code of the runner's process in a cluster."""
    summary: Summary | None = None
    """The result in a few numbers."""
    seconds: Seconds | None = None
    """Where the time went."""
    outputs: tuple[str, ...] = ()
    """The files written."""
    failure: Failure | None = None
    """Why there is no result, or only the part of one before the solver failed."""


def failed(file: str, name: str, code: ExitCode, reason: FailureReason, message: str) -> Outcome:
    """Return the outcome of a run that has no result."""
    return Outcome(
        name=name,
        file=file,
        phase=Phase.INVALID if code == ExitCode.INVALID_SPEC else Phase.FAILED,
        exit_code=code,
        failure=Failure(reason=reason, message=shorten(message)),
    )


def refused(refusal: Refusal) -> Outcome:
    """Return the outcome of a manifest that cannot be run."""
    error = InvalidSpecError(refusal.problems)
    name = refusal.name or refusal.file
    return failed(refusal.file, name, ExitCode.INVALID_SPEC, error.reason, str(error))


def exit_code(outcomes: list[Outcome]) -> ExitCode:
    """Return the first code that is not OK, or OK."""
    return next((outcome.exit_code for outcome in outcomes if outcome.exit_code), ExitCode.OK)
