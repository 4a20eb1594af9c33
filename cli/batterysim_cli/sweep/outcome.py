"""How a sweep ended on this machine, as `batterysim sweep --json` prints it."""

from typing import Any

from rich.table import Table

from batterysim.contract import Contract
from batterysim.failure import ExitCode, shorten
from batterysim.status import Failure, Phase
from batterysim_cli.manifests.files import Refusal

MOST_EXAMPLES = 3


class SweepOutcome(Contract):
    """The outcome of one sweep."""

    name: str
    """The manifest's name."""
    file: str
    """The manifest's file."""
    phase: Phase
    """Succeeded with a row for each point, Failed when it ended earlier, Invalid when it was not run."""
    exit_code: int
    """Exit code of the command."""
    points: int | None = None
    """Number of points."""
    done: int | None = None
    """Rows of the table."""
    failed: int | None = None
    """Points that have failed."""
    reasons: dict[str, int] | None = None
    """How many points have failed, by reason."""
    examples: list[dict[str, Any]] | None = None
    """A few of them: point, reason and message."""
    best: list[dict[str, Any]] | None = None
    """The best points by spec.objective: point and value, the best one first."""
    seconds: float | None = None
    """Real time that it took."""
    outputs: tuple[str, ...] = ()
    """The files written."""
    failure: Failure | None = None
    """Why there is no whole table."""


def refused(refusal: Refusal) -> SweepOutcome:
    """Return the outcome of a manifest that cannot be run."""
    message = "; ".join(map(str, refusal.problems))
    return SweepOutcome(
        name=refusal.name or refusal.file,
        file=refusal.file,
        phase=Phase.INVALID,
        exit_code=ExitCode.INVALID_SPEC,
        failure=Failure(reason=refusal.problems[0].reason, message=shorten(message)),
    )


def summary_table(outcomes: list[SweepOutcome]) -> Table:
    """Return a row for each sweep that was run."""
    table = Table(title="Battery sweeps")
    for heading in ("", "points", "solved", "failed", "best point", "its value", "s", "points/s"):
        table.add_column(heading, justify="left" if not heading else "right")
    for outcome in outcomes:
        if outcome.done is None or outcome.failed is None or outcome.seconds is None:
            continue
        best = outcome.best[0] if outcome.best else None
        table.add_row(
            outcome.name,
            str(outcome.points),
            str(outcome.done - outcome.failed),
            str(outcome.failed),
            "" if best is None else str(best["point"]),
            "" if best is None else f"{best['value']:.6g}",
            f"{outcome.seconds:.1f}",
            f"{outcome.done / outcome.seconds:.1f}",
        )
    return table


def lines_about_failures(outcome: SweepOutcome) -> list[str]:
    """Return in words which points have failed."""
    lines = [f"{count} failed with {reason}" for reason, count in (outcome.reasons or {}).items()]
    lines += [
        f"point {found['point']}: {found['message']}" for found in (outcome.examples or [])[:MOST_EXAMPLES]
    ]
    return [f"{outcome.name}: {line}" for line in lines]
