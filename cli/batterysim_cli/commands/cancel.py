"""`batterysim cancel`."""

import typer

from batterysim_cli.commands.cluster_command import Names, cluster_command
from batterysim_cli.commands.delete import for_each
from batterysim_client import AsyncClient

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
@cluster_command
async def cancel(client: AsyncClient, names: Names) -> int:
    """Delete simulations that have not ended, and their runs. Those that have ended stay, with their
    results."""
    return await for_each(names, client.cancel, "cancelled")
