"""`batterysim delete`."""

from collections.abc import Awaitable, Callable

import typer

from batterysim_cli.commands.cluster_command import Names, cluster_command
from batterysim_cli.commands.cluster_sweeps import only_sweeps
from batterysim_cli.commands.exit_status import status_of_error
from batterysim_cli.display.console import complain
from batterysim_cli.display.resource_name import plain_name
from batterysim_client import AsyncClient, ClientError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
@cluster_command
async def delete(client: AsyncClient, names: Names) -> int:
    """Delete simulations, their runs and their results; or sweeps, as bsweep/NAME."""
    if sweeps := only_sweeps(names):
        return await for_each(sweeps, client.sweeps.delete, "deleted")
    return await for_each(names, client.delete, "deleted")


async def for_each(names: list[str], do: Callable[[str], Awaitable[None]], done: str) -> int:
    """Do something with each simulation, and return the code of the first one where this failed."""
    code = 0
    for name in map(plain_name, names):
        try:
            await do(name)
        except ClientError as error:
            complain(str(error))
            code = code or status_of_error(error)
        else:
            typer.echo(f"{name} {done}")
    return code
