"""Sweeps from their manifests to their files, with a bar that shows how far they are."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from batterysim.failure import ExitCode, FailureReason
from batterysim.status import Failure, Phase
from batterysim_cli.display.console import complain, console
from batterysim_cli.manifests.files import Refusal
from batterysim_cli.manifests.sweeps import RunnableSweep, SweepDocument
from batterysim_cli.sweep.outcome import SweepOutcome, lines_about_failures, refused, summary_table
from batterysim_cli.sweep.process import Solved, SweepError, solve, too_many_failures

INTERRUPTED = 130
"""As shells report a command that an interrupt has ended."""


def run_sweeps(
    documents: Sequence[SweepDocument], output: Path, workers: int | None, *, as_csv: bool
) -> list[SweepOutcome]:
    """Solve sweeps one after the other, write their tables, and return how they ended."""
    outcomes = []
    for document in documents:
        if isinstance(document, Refusal):
            outcomes.append(refused(document))
        elif isinstance(document, RunnableSweep):
            outcomes.append(_run(document, output, workers or os.cpu_count() or 1, as_csv))
            if outcomes[-1].exit_code == INTERRUPTED:
                break
    return outcomes


def show(outcomes: list[SweepOutcome], *, as_json: bool) -> int:
    """Print how sweeps ended, and return the exit code."""
    code = next((outcome.exit_code for outcome in outcomes if outcome.exit_code), ExitCode.OK)
    if as_json:
        typer.echo(json.dumps({"sweeps": [outcome.to_json_dict() for outcome in outcomes]}, indent=2))
        return code
    if any(outcome.done is not None for outcome in outcomes):
        console().print(summary_table(outcomes))
    for outcome in outcomes:
        if outcome.outputs:
            console().print(f"Written: {', '.join(outcome.outputs)}", soft_wrap=True)
        for line in lines_about_failures(outcome):
            console(stderr=True).print(line, style="yellow", soft_wrap=True)
        if outcome.failure is not None:
            complain(f"{outcome.file}: {outcome.name}: {outcome.failure.message}")
    return code


class _Bar:
    """The bar of one sweep, on a terminal and nowhere else."""

    def __init__(self, where: Console, name: str) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[place]}"),
            TimeRemainingColumn(),
            console=where,
            transient=True,
            disable=not where.is_terminal,
        )
        self._task = self._progress.add_task(name, total=None, place="")

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, tally: Mapping[str, Any]) -> None:
        """Move the bar."""
        failed = f", {tally['failed']} failed" if tally["failed"] else ""
        place = f"{tally['done']}/{tally['points']}{failed}"
        self._progress.update(self._task, total=tally["points"], completed=tally["done"], place=place)


def _run(sweep: RunnableSweep, output: Path, workers: int, as_csv: bool) -> SweepOutcome:
    began = time.perf_counter()
    try:
        with _Bar(console(stderr=True), sweep.name) as bar:
            solved = solve(sweep.spec, workers, bar.tell, output.absolute() / sweep.name)
        outputs = _outputs(sweep.name, solved.parquet, output, as_csv)
        if sweep.spec.series.keep != "None":
            outputs += (str(output / f"{sweep.name}.series"),)
    except SweepError as error:
        return _failed(sweep, ExitCode.CRASHED, FailureReason.RUNNER_CRASHED, str(error))
    except OSError as error:
        text = f"{error.filename or output} could not be written: {error.strerror or error}"
        return _failed(sweep, ExitCode.RESULT_REFUSED, FailureReason.RESULT_REFUSED, text)
    return _outcome(sweep, solved, time.perf_counter() - began, outputs)


def _outputs(name: str, parquet: bytes, output: Path, as_csv: bool) -> tuple[str, ...]:
    """Return the table's files; the one for people is written now."""
    path = output / f"{name}.parquet"
    if not as_csv:
        return (str(path),)
    from batterysim_formats.frame import read_frame  # noqa: PLC0415 - imports Arrow

    csv = output / f"{name}.csv"
    read_frame(parquet).to_csv(csv, index=False)
    return str(path), str(csv)


def _outcome(sweep: RunnableSweep, solved: Solved, seconds: float, outputs: tuple[str, ...]) -> SweepOutcome:
    failure, code = None, int(ExitCode.OK)
    if solved.was_interrupted:
        text = (
            f"interrupted: the table has the {solved.tally['done']} points that had ended; the same command "
            "goes on behind them"
        )
        failure, code = Failure(reason=FailureReason.DEADLINE_EXCEEDED, message=text), INTERRUPTED
    elif solved.has_too_many_failures:
        text = too_many_failures(sweep.spec)
        failure = Failure(reason=FailureReason.TOO_MANY_FAILED_POINTS, message=text)
        code = ExitCode.SOLVER_FAILED
    return SweepOutcome(
        name=sweep.name,
        file=sweep.file,
        phase=Phase.SUCCEEDED if failure is None else Phase.FAILED,
        exit_code=code,
        seconds=seconds,
        outputs=outputs,
        failure=failure,
        **solved.tally,
    )


def _failed(sweep: RunnableSweep, code: ExitCode, reason: FailureReason, message: str) -> SweepOutcome:
    return SweepOutcome(
        name=sweep.name,
        file=sweep.file,
        phase=Phase.FAILED,
        exit_code=code,
        failure=Failure(reason=reason, message=message),
    )
