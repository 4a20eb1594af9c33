"""`batterysim get`."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.measure import Measurement

from batterysim.status import Phase
from batterysim_cli.commands.cluster_command import AllNamespaces, AnyNames, cluster_command
from batterysim_cli.commands.cluster_sweeps import only_sweeps, show_sweeps
from batterysim_cli.display.console import console
from batterysim_cli.display.printing import OutputFormat, as_text, document_of, table_of
from batterysim_cli.display.resource_name import plain_name, resource_name
from batterysim_cli.display.unattended import UNATTENDED_SECONDS, unattended
from batterysim_client import AsyncClient, Simulation

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Output = Annotated[OutputFormat, typer.Option("--output", "-o", help="Output format.", case_sensitive=False)]


@app.command()
@cluster_command
async def get(
    client: AsyncClient,
    names: AnyNames = None,
    output: Output = OutputFormat.TABLE,
    all_namespaces: AllNamespaces = False,
    phases: Annotated[
        list[Phase] | None, typer.Option("--phase", help="Only in this phase. Repeatable.")
    ] = None,
    protocols: Annotated[
        list[str] | None,
        typer.Option(
            "--protocol", metavar="NAME", help="Only this protocol, such as driveCycle. Repeatable."
        ),
    ] = None,
    labels: Annotated[
        str,
        typer.Option("--selector", "-l", metavar="SELECTOR", help="Only with these labels, as for kubectl."),
    ] = "",
    text: Annotated[str, typer.Option("--filter", metavar="TEXT", help="Only names that contain this.")] = "",
) -> int:
    """Show the simulations of a cluster, newest first; or sweeps, as bsweep/NAME."""
    if sweeps := only_sweeps(names or ()):
        show_sweeps([await client.sweeps.get(name) for name in sweeps], output)
        return 0
    if names:
        found = [await client.get(plain_name(name)) for name in names]
    else:
        listed = client.list(
            all_namespaces=all_namespaces,
            phases=phases or (),
            protocols=protocols or (),
            labels=labels,
            text=text,
        )
        found = [simulation async for simulation in listed]
    one = names is not None and len(names) == 1
    show(found, output, as_list=not one, namespaces=all_namespaces)
    if output is OutputFormat.TABLE:
        _report_unattended(found)
        if not found:
            console(stderr=True).print(f"No simulations ({await client.where()}).")
    return 0


def _report_unattended(simulations: list[Simulation]) -> None:
    for simulation in simulations:
        if simulation.is_unattended and _age_seconds(simulation) > UNATTENDED_SECONDS:
            console(stderr=True).print(unattended(simulation), soft_wrap=True)


def _age_seconds(simulation: Simulation) -> float:
    return (datetime.now(UTC) - simulation.created_time).total_seconds()


def show(
    simulations: list[Simulation], output: OutputFormat, *, as_list: bool, namespaces: bool = False
) -> None:
    """Print simulations to standard output."""
    match output:
        case OutputFormat.TABLE:
            if simulations:
                table, out = table_of(simulations, datetime.now(UTC), namespaces=namespaces), console()
                # As kubectl: a line may be longer than the terminal is wide, but nothing is cut off.
                out.width = max(
                    out.width, Measurement.get(out, out.options.update(width=10_000), table).maximum
                )
                out.print(table, soft_wrap=True)
        case OutputFormat.NAME:
            for simulation in simulations:
                typer.echo(resource_name(simulation))
        case OutputFormat.JSON | OutputFormat.YAML:
            typer.echo(as_text(document_of(simulations, as_list=as_list), output))
