"""`batterysim submit`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from batterysim.failure import ExitCode
from batterysim_cli.commands.cluster_command import cluster_command
from batterysim_cli.commands.cluster_sweeps import show_sweeps, status_of_sweeps, wait_for_sweeps
from batterysim_cli.commands.exit_status import status_of
from batterysim_cli.commands.follow import Target
from batterysim_cli.commands.get import show
from batterysim_cli.commands.override_option import Overrides
from batterysim_cli.commands.waiting import wait_visibly
from batterysim_cli.commands.watch import Timeout
from batterysim_cli.display.console import complain, console
from batterysim_cli.display.live_table import LiveTable
from batterysim_cli.display.printing import DOCUMENTS, OutputFormat, as_text, document_of
from batterysim_cli.manifests.config_maps import KIND
from batterysim_cli.manifests.files import Manifest, Refusal, Skipped, read_manifests, require_readable
from batterysim_cli.manifests.overrides import parse_override
from batterysim_client import AsyncClient, Simulation, Sweep

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...", help="YAML files with BatterySimulations and sweeps; - is standard input."
    ),
]


@app.command()
@cluster_command
async def submit(
    client: AsyncClient,
    files: Files,
    overrides: Overrides = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name for a single manifest, instead of its own."),
    ] = None,
    labels: Annotated[
        list[str] | None, typer.Option("--label", metavar="KEY=VALUE", help="Add a label. Repeatable.")
    ] = None,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", "-w", help="Wait until all have ended; exits with the code of the first failure."
        ),
    ] = False,
    timeout: Timeout = None,  # noqa: ASYNC109 - the option's name
    output: Annotated[
        OutputFormat | None,
        typer.Option("--output", "-o", help="Output format. Default: a line each, or with --wait a table."),
    ] = None,
) -> int:
    """Send simulations and sweeps to a cluster. When one is invalid, none is sent. Identical ones that exist
    already are not sent again.
    """
    manifests = _read(files, overrides or (), name)
    if manifests is None:
        return ExitCode.INVALID_SPEC
    added = dict(_label(text) for text in labels or ())
    sweeps = [await client.sweeps.submit(item.content, labels=added) for item in manifests if item.is_sweep]
    submitted = [await client.submit(item.content, labels=added) for item in manifests if not item.is_sweep]
    if output is None:
        everything: list[Simulation | Sweep] = [*submitted, *sweeps]
        for sent in everything:
            where = await client.where(sent.namespace)
            console(stderr=wait).print(f"{sent.name} submitted ({where})", soft_wrap=True)
    if wait and sweeps:
        sweeps = await wait_for_sweeps(client, [(sweep.name, sweep.namespace) for sweep in sweeps], timeout)
    if wait and submitted:
        targets = [Target(simulation.name, simulation.namespace) for simulation in submitted]
        with LiveTable(console(stderr=True)) as table:
            submitted = await wait_visibly(client, targets, timeout, table.show, table.remark)
    if output is not None or wait:
        _show(submitted, sweeps, output or OutputFormat.TABLE)
    return (status_of(submitted) or status_of_sweeps(sweeps)) if wait else ExitCode.OK


def _show(simulations: list[Simulation], sweeps: list[Sweep], output: OutputFormat) -> None:
    """Print everything to standard output: as one document, or the sweeps before the simulations."""
    everything: list[Simulation | Sweep] = [*simulations, *sweeps]
    if output in DOCUMENTS and everything:
        typer.echo(as_text(document_of(everything, as_list=len(everything) > 1), output))
        return
    if sweeps:
        show_sweeps(sweeps, output)
    if simulations:
        show(simulations, output, as_list=len(simulations) > 1)


def _read(files: list[Path], overrides: Sequence[str], name: str | None) -> list[Manifest] | None:
    """Return what is to be sent; None: something in the files is invalid, which has been reported."""
    documents = read_manifests(files, [parse_override(text) for text in overrides], name)
    require_readable(documents)
    if not _all_valid(documents):
        return None
    manifests = [document for document in documents if isinstance(document, Manifest)]
    if name is not None and len(manifests) > 1:
        raise typer.BadParameter(
            f"one name is for one simulation, and there are {len(manifests)}", param_hint="--name"
        )
    return manifests


def _all_valid(documents: Sequence[Manifest | Refusal | Skipped]) -> bool:
    """Report the errors in the files, and return whether there are none."""
    for document in documents:
        if isinstance(document, Refusal):
            problems = "\n".join(f"  {problem}" for problem in document.problems)
            complain(f"{document.file}: {document.name or 'the file'} is invalid\n{problems}")
        elif isinstance(document, Skipped):
            hint = ": kubectl apply it" if document.kind == KIND else ""
            console(stderr=True).print(f"{document.file}: skipped a {document.kind}{hint}", soft_wrap=True)
    return not any(isinstance(document, Refusal) for document in documents)


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} has no '=': write KEY=VALUE", param_hint="--label")
    return key, value
