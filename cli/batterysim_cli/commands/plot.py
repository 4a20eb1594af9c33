"""`batterysim plot`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from batterysim_cli.commands.cluster_command import Names, cluster_command
from batterysim_cli.commands.result import End, Start
from batterysim_cli.display.console import console
from batterysim_cli.display.panels import columns_for, panels_of
from batterysim_cli.display.resource_name import plain_name
from batterysim_client import AsyncClient

if TYPE_CHECKING:
    import pyarrow as pa

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
# More than the picture has pixels, so that it loses nothing.
POINTS = 4000
ENDINGS = (".png", ".svg", ".pdf")


@app.command()
@cluster_command
async def plot(
    client: AsyncClient,
    names: Names,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="A .png, .svg or .pdf. Default: the terminal."),
    ] = None,
    variables: Annotated[
        list[str] | None,
        typer.Option(
            "--variables",
            metavar="NAME",
            help='Columns, such as "Voltage [V]". Repeatable. Default: voltage, current.',
        ),
    ] = None,
    start: Start = None,
    end: End = None,
) -> int:
    """Plot results on the terminal or into a file, several results over each other."""
    if output is not None and output.suffix.lower() not in ENDINGS:
        raise typer.BadParameter(f"{output} must end in {', '.join(ENDINGS)}", param_hint="--output")
    wanted = list(variables or ())

    async def fetch(name: str) -> tuple[str, "pa.Table"]:
        columns = columns_for(wanted)
        result = client.result(name, variables=columns, start=start, end=end, points=POINTS)
        return name, await result.to_arrow()

    panels = panels_of(await asyncio.gather(*(fetch(plain_name(name)) for name in names)), wanted)
    # Only who draws waits for what draws.
    if output is None:
        from batterysim_cli.display.terminal_plot import terminal_plot  # noqa: PLC0415

        screen = console()
        typer.echo(terminal_plot(panels, screen.width, color=screen.is_terminal))
    else:
        from batterysim_cli.display.figure import save_figure  # noqa: PLC0415

        save_figure(panels, output)
    return 0
