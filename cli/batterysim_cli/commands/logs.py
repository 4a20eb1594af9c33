"""`batterysim logs`."""

import sys
from typing import Annotated

import typer

from batterysim_cli.commands.cluster_command import Name, cluster_command
from batterysim_cli.display.console import for_terminal
from batterysim_cli.display.resource_name import plain_name
from batterysim_client import AsyncClient

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
@cluster_command
async def logs(
    client: AsyncClient,
    name: Name,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", "-f", help="Wait for the pod if necessary, and follow the log until it ends."
        ),
    ] = False,
) -> int:
    """Show the log of a run, from its newest pod. By kubeconfig only."""
    async for line in client.logs(plain_name(name), follow=follow):
        typer.echo(for_terminal(line) if sys.stdout.isatty() else line)
    return 0
