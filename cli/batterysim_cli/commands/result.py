"""`batterysim result`."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from batterysim_cli.commands.cluster_command import Name, cluster_command
from batterysim_cli.commands.cluster_sweeps import save, sweep_name
from batterysim_cli.display.resource_name import plain_name
from batterysim_client import AsyncClient, AsyncResult, ResultFormat
from batterysim_client.selection import Selection

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
STANDARD_OUTPUT = Path("-")

Variables = Annotated[
    list[str] | None,
    typer.Option(
        "--variables",
        metavar="NAME",
        help='Only these columns, such as "Voltage [V]". Repeatable, or separated by commas.',
    ),
]
Start = Annotated[float | None, typer.Option("--from", metavar="SECONDS", help="From this time.")]
End = Annotated[float | None, typer.Option("--to", metavar="SECONDS", help="Up to this time.")]


@app.command()
@cluster_command
async def result(  # noqa: PLR0913, PLR0917 - a command has as many options as it needs
    client: AsyncClient,
    name: Name,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE|-", help="Output file; - is standard output.")
    ] = STANDARD_OUTPUT,
    wanted: Annotated[
        ResultFormat | None,
        typer.Option("--format", help="Format. Default: from FILE's ending; csv on standard output."),
    ] = None,
    variables: Variables = None,
    every: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only every N-th point.")] = None,
    start: Start = None,
    end: End = None,
    points: Annotated[
        int | None,
        typer.Option(
            min=2, metavar="N", help="At most N points, including every column's highest and lowest."
        ),
    ] = None,
    point: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Of a sweep: the result of this point, where it is kept."),
    ] = None,
) -> int:
    """Fetch a result, or a part of it; or the table of a sweep, bsweep/NAME, as far as it is stored."""
    selection = Selection(variables or (), every, start, end, points)
    if (sweep := sweep_name(name)) is not None:
        await save(
            _of_sweep(client, sweep, point, selection), None if output == STANDARD_OUTPUT else output, wanted
        )
        return 0
    if point is not None:
        raise typer.BadParameter("only a sweep, bsweep/NAME, has points", param_hint="--point")
    found = client.result(plain_name(name), **asdict(selection))
    if output != STANDARD_OUTPUT:
        await found.save(output, wanted)
        return 0
    await _print(found, wanted or ResultFormat.CSV)
    return 0


def _of_sweep(
    client: AsyncClient, name: str, point: int | None, selection: Selection
) -> Callable[[ResultFormat], Awaitable[bytes]]:
    """Return what fetches the result of a point, or the table of all (None), which has columns but no times.

    Raises:
        typer.BadParameter: times are wanted of the table.
    """
    if point is not None:
        return lambda wanted: client.sweeps.point_result(name, point, wanted, **asdict(selection))
    times = {
        "--every": selection.every,
        "--from": selection.start,
        "--to": selection.end,
        "--points": selection.points,
    }
    for option, value in times.items():
        if value is not None:
            raise typer.BadParameter(
                f"{value:g} is for a result over time, and the table of a sweep is none: add --point N for "
                f"that of a point, or leave {option} out",
                param_hint=option,
            )
    return lambda wanted: client.sweeps.points(name, wanted, columns=selection.variables)


async def _print(found: AsyncResult, wanted: ResultFormat) -> None:
    """Write a result to standard output."""
    if sys.stdout is None:
        raise typer.BadParameter("standard output is closed: name a file", param_hint="--output")
    if not wanted.facts.is_text and sys.stdout.isatty():
        raise typer.BadParameter(f"{wanted} is not text: give a file with -o", param_hint="--format")
    async for piece in found.pieces(wanted):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
