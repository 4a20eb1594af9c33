"""Sweeps in a cluster, for the commands that take `bsweep/NAME` in the place of a simulation's name."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import typer
from rich.table import Table

from batterysim import names
from batterysim.failure import ExitCode
from batterysim_cli.commands.exit_status import code_of
from batterysim_cli.display.console import console
from batterysim_cli.display.printing import OutputFormat, as_text, document_of
from batterysim_client import AsyncClient, RefusedError, ResultFormat, Sweep, format_of

PREFIXES = tuple(
    f"{prefix}/"
    for prefix in (
        names.SWEEP_SHORT_NAME,
        names.SWEEP_SINGULAR,
        names.SWEEP_PLURAL,
        f"{names.SWEEP_SINGULAR}.{names.GROUP}",
    )
)
HEADINGS = ("NAME", "PHASE", "POINTS", "DONE", "FAILED", "POINTS/S", "ETA S", "BEST", "REASON")


def sweep_name(text: str) -> str | None:
    """Return the name of a sweep; None: it is meant as that of a simulation.

    >>> sweep_name("bsweep/rates"), sweep_name("rates")
    ('rates', None)
    """
    return next((text.removeprefix(prefix) for prefix in PREFIXES if text.startswith(prefix)), None)


def only_sweeps(given: Sequence[str]) -> list[str]:
    """Return the names of sweeps; none: they are those of simulations.

    Raises:
        typer.BadParameter: they are of both.
    """
    found = [name for text in given if (name := sweep_name(text)) is not None]
    if found and len(found) < len(given):
        raise typer.BadParameter("name either sweeps, as bsweep/NAME, or simulations")
    return found


async def wait_for_sweeps(
    client: AsyncClient, targets: Iterable[tuple[str, str | None]], timeout_seconds: float | None
) -> list[Sweep]:
    """Return sweeps when all have ended, and say on standard error how far each is.

    targets: names and namespaces.
    """
    out = console(stderr=True)
    ended = []
    for name, namespace in targets:
        told: list[str] = []

        def show(sweep: Sweep, told: list[str] = told) -> None:
            progress = sweep.status.progress
            points = "" if progress is None else f", {progress.done} of {progress.points} points"
            line = f"{sweep.name}: {sweep.phase}{points}"
            if told[-1:] != [line]:
                told.append(line)
                out.print(line, soft_wrap=True)

        ended.append(
            await client.sweeps.wait(name, namespace=namespace, timeout_seconds=timeout_seconds, show=show)
        )
    return ended


def show_sweeps(sweeps: Sequence[Sweep], output: OutputFormat) -> None:
    """Print sweeps to standard output."""
    match output:
        case OutputFormat.TABLE:
            console().print(_table(sweeps), soft_wrap=True)
        case OutputFormat.NAME:
            for sweep in sweeps:
                typer.echo(f"{names.SWEEP_SINGULAR}.{names.GROUP}/{sweep.name}")
        case OutputFormat.JSON | OutputFormat.YAML:
            typer.echo(as_text(document_of(sweeps, as_list=len(sweeps) > 1), output))


async def save(
    fetch: Callable[[ResultFormat], Awaitable[bytes]], output: Path | None, wanted: ResultFormat | None
) -> None:
    """Write the table of a sweep, or the result of a point, to a file, or to standard output (None).

    Raises:
        RefusedError: a terminal cannot show the format.
    """
    wanted = wanted or (ResultFormat.CSV if output is None else format_of(output))
    if output is None and not wanted.facts.is_text and sys.stdout.isatty():
        raise RefusedError(f"{wanted} is not text: give a file with -o")
    content = await fetch(wanted)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        await asyncio.to_thread(output.write_bytes, content)


def status_of_sweeps(sweeps: Iterable[Sweep]) -> int:
    """Return the code of the first sweep that has ended without a whole table, or 0."""
    for sweep in sweeps:
        if sweep.has_ended and not sweep.succeeded:
            return code_of(sweep.status.failure)
    return ExitCode.OK


def _table(sweeps: Sequence[Sweep]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in HEADINGS:
        table.add_column(heading, no_wrap=True)
    for sweep in sweeps:
        status = sweep.status
        progress = status.progress
        points = status.design.points if status.design is not None else None
        best = status.best[0].value if status.best else None
        cells = (
            *(points, progress and progress.done, progress and progress.failed),
            *(progress and progress.points_per_second, progress and progress.eta_seconds, best),
            status.failure and status.failure.reason,
        )
        table.add_row(sweep.name, sweep.phase, *("" if cell is None else f"{cell}" for cell in cells))
    return table
