"""`batterysim watch`."""

from typing import Annotated

import typer

from batterysim.checks.strict_yaml import as_yaml
from batterysim_cli.commands.cluster_command import AllNamespaces, AnyNames, cluster_command
from batterysim_cli.commands.cluster_sweeps import (
    only_sweeps,
    show_sweeps,
    status_of_sweeps,
    wait_for_sweeps,
)
from batterysim_cli.commands.exit_status import status_of
from batterysim_cli.commands.follow import Target
from batterysim_cli.commands.waiting import wait_visibly
from batterysim_cli.display.console import console
from batterysim_cli.display.live_table import LiveTable
from batterysim_cli.display.printing import OutputFormat, as_json
from batterysim_cli.display.resource_name import plain_name, resource_name
from batterysim_client import AsyncClient, Simulation

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Timeout = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="SECONDS", help="Longest time to wait; exits with 124. The simulations continue."
    ),
]


@app.command()
@cluster_command
async def watch(
    client: AsyncClient,
    names: AnyNames = None,
    all_namespaces: AllNamespaces = False,
    output: Annotated[
        OutputFormat,
        typer.Option(
            "--output",
            "-o",
            help="Output format: a table, a document per change, or the names of those that have ended.",
        ),
    ] = OutputFormat.TABLE,
    timeout: Timeout = None,  # noqa: ASYNC109 - the option's name
) -> int:
    """Follow simulations live, until they have ended. Without names: those that have not ended yet. Exits
    with 0, or with the code of the first failure. Sweeps are named as bsweep/NAME.
    """
    if sweeps := only_sweeps(names or ()):
        ended = await wait_for_sweeps(client, [(name, None) for name in sweeps], timeout)
        show_sweeps(ended, output)
        return status_of_sweeps(ended)
    targets = [Target(plain_name(name)) for name in names or ()]
    if not names:
        listed = client.list(all_namespaces=all_namespaces)
        targets = [
            Target(simulation.name, simulation.namespace)
            async for simulation in listed
            if not simulation.has_ended
        ]
    if not targets:
        console(stderr=True).print(f"Nothing is under way ({await client.where()}).")
    if output is not OutputFormat.TABLE:
        return status_of(await wait_visibly(client, targets, timeout, lambda found: _print(found, output)))
    with LiveTable(console()) as table:
        return status_of(await wait_visibly(client, targets, timeout, table.show, table.remark))


def _print(simulation: Simulation, output: OutputFormat) -> None:
    """Print a document a line as JSON, several documents as YAML, or a name at its end."""
    if output is OutputFormat.NAME:
        if simulation.has_ended:
            typer.echo(resource_name(simulation))
    elif output is OutputFormat.JSON:
        typer.echo(as_json(simulation.manifest))
    else:
        typer.echo("---\n" + as_yaml(simulation.manifest))
