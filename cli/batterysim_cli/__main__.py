"""The `batterysim` command."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, cast

import typer

from batterysim.failure import ExitCode
from batterysim.problem import InvalidSpecError
from batterysim.result_format import FILE_FORMATS, ResultFormat
from batterysim.spec.model import ModelFamily
from batterysim_cli.commands.listing import (
    DEFAULT_CELL,
    DEFAULT_MODEL,
    MODELS,
    PARAMETER_SETS,
    Topic,
    listing,
)
from batterysim_cli.commands.override_option import Overrides
from batterysim_cli.display.console import complain, console
from batterysim_cli.lazy_group import LazyGroup
from batterysim_cli.local.bars import Bars
from batterysim_cli.local.outcome import Outcome, exit_code, refused
from batterysim_cli.local.report import as_json, summary_table
from batterysim_cli.local.task import Task
from batterysim_cli.local.worker_pool import run_tasks
from batterysim_cli.manifests.files import (
    Document,
    Refusal,
    Runnable,
    Skipped,
    UnreadableFilesError,
    read_files,
    refuse_repeated_names,
    require_readable,
)
from batterysim_cli.manifests.overrides import Override, parse_override
from batterysim_cli.manifests.sweeps import (
    OPTION_EXAMPLE,
    RunnableSweep,
    SweepDocument,
    read_both,
    read_sweeps,
    sweep_of,
)
from batterysim_cli.sweep.command import run_sweeps, show
from batterysim_cli.sweep.point import show_point

UNREADABLE_FILE = 74
"""As in sysexits.h (EX_IOERR)."""

app = typer.Typer(
    name="batterysim",
    cls=LazyGroup,
    help="Battery simulations: run, sweep, validate and list need no cluster, all others use one.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # brackets are units here
)

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="YAML files with BatterySimulation manifests.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

OTHER_FILES = ", ".join(f"NAME.{wanted.facts.ending}" for wanted in FILE_FORMATS[1:])

TABLE_FORMATS = (ResultFormat.PARQUET, ResultFormat.CSV)
"""Those that a sweep's table is written in here."""


def _file_format(text: str) -> ResultFormat:
    if text not in FILE_FORMATS:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(map(repr, map(str, FILE_FORMATS)))}")
    return ResultFormat(text)


Formats = Annotated[
    list[ResultFormat] | None,
    typer.Option(
        "--format",
        parser=_file_format,
        metavar=f"[{'|'.join(FILE_FORMATS)}]",
        help=f"Also write {OTHER_FILES}. Repeatable. Parquet is always written.",
    ),
]
Grid = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        metavar="PATH=VALUE,VALUE",
        help=f"Solve each simulation with each of these values, as in {OPTION_EXAMPLE}, and write one "
        "table. Repeatable: every value with every other.",
    ),
]


@app.command()
def run(
    files: Files,
    output: Annotated[
        Path, typer.Option(metavar="DIR", help="Directory for NAME.parquet and NAME.png.")
    ] = Path("results"),
    overrides: Overrides = None,
    formats: Formats = None,
    plot: Annotated[
        bool, typer.Option(help="Draw voltage and current, or an impedance, into NAME.png.")
    ] = True,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Number of simulations at a time. Default: one per CPU.")
    ] = None,
    json: AsJson = False,
    sweep: Grid = None,
) -> None:
    """Solve simulations on this machine. Exits with 0, or with the exit code of the first failure."""
    if sweep:
        _require_table_formats(formats or [])
    documents = refuse_repeated_names(_read(files, overrides))
    _make(output)
    if sweep:
        grids: list[SweepDocument] = [
            sweep_of(document, sweep) if isinstance(document, Runnable) else document
            for document in documents
        ]
        as_csv = ResultFormat.CSV in (formats or ())
        raise typer.Exit(show(run_sweeps(grids, output, jobs, as_csv=as_csv), as_json=json))
    wanted = tuple(dict.fromkeys(formats or ()))
    outcomes = _solve(documents, lambda simulation: Task(simulation, output, wanted, plot), jobs)
    if json:
        typer.echo(as_json(outcomes))
    else:
        _show(outcomes, output)
    raise typer.Exit(exit_code(outcomes))


@app.command()
def sweep(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="YAML files with BatterySweep manifests.")
    ],
    output: Annotated[Path, typer.Option(metavar="DIR", help="Directory for NAME.parquet.")] = Path(
        "results"
    ),
    overrides: Overrides = None,
    csv: Annotated[bool, typer.Option("--csv", help="Also write NAME.csv.")] = False,
    point: Annotated[
        int | None,
        typer.Option(
            min=0, help="Solve nothing, but print the BatterySimulation of the point with this number."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Number of points at a time. Default: one per CPU.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Solve sweeps on this machine: one table for each. Exits with 0 when every point has a row, solved or
    failed.
    """
    documents = refuse_repeated_names(read_sweeps(files, _overrides(overrides)))
    _report(documents)
    if point is not None:
        raise typer.Exit(show_point(documents, point))
    _make(output)
    raise typer.Exit(show(run_sweeps(documents, output, jobs, as_csv=csv), as_json=json))


@app.command()
def validate(files: Files, overrides: Overrides = None) -> None:
    """Check manifests without solving anything. Exits with 64 when one is invalid."""
    documents = read_both(files, _overrides(overrides))
    _report(documents)
    out = console()
    for document in documents:
        if isinstance(document, Runnable | RunnableSweep):
            out.print(f"{document.file}: {document.name} is valid")
        elif isinstance(document, Refusal):
            out.print(f"{document.file}: {document.name or 'the file'} is invalid", style="red")
            for problem in document.problems:
                out.print(f"  {problem}", soft_wrap=True)
    invalid = any(isinstance(document, Refusal) for document in documents)
    raise typer.Exit(ExitCode.INVALID_SPEC if invalid else ExitCode.OK)


@app.command(name="list")
def list_(
    topic: Annotated[Topic, typer.Argument(help="What to list.")],
    parameter_set: Annotated[
        str,
        typer.Option(metavar="NAME", help="The cell whose parameters to list; see `batterysim list cells`."),
    ] = DEFAULT_CELL,
    model: Annotated[
        str,
        typer.Option(metavar="NAME", help="The model whose variables to list; see `batterysim list models`."),
    ] = DEFAULT_MODEL,
    text: Annotated[str, typer.Option("--filter", metavar="TEXT", help="Only rows that contain this.")] = "",
) -> None:
    """List what a manifest can contain."""
    for option, value, known in (
        ("--parameter-set", parameter_set, PARAMETER_SETS),
        ("--model", model, MODELS),
    ):
        if value not in known:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(known)}", param_hint=option)
    console().print(listing(topic, parameter_set, cast("ModelFamily", model), text))


def _read(files: list[Path], overrides: list[str] | None) -> list[Document]:
    """Read the files and report what is skipped."""
    documents = read_files(files, _overrides(overrides))
    _report(documents)
    return documents


def _overrides(texts: list[str] | None) -> list[Override]:
    try:
        return [parse_override(text) for text in texts or []]
    except InvalidSpecError as error:
        console(stderr=True).print(f"batterysim: {error}", style="red", soft_wrap=True)
        raise typer.Exit(ExitCode.INVALID_SPEC) from error


def _require_readable(documents: Iterable[object]) -> None:
    try:
        require_readable(documents)
    except UnreadableFilesError as error:
        complain(str(error))
        raise typer.Exit(UNREADABLE_FILE) from error


def _report(documents: Iterable[object]) -> None:
    """Report what is skipped, or end if a file cannot be read."""
    _require_readable(documents)
    for document in documents:
        if isinstance(document, Skipped):
            console(stderr=True).print(f"{document.file}: skipped a {document.kind}")


def _require_table_formats(formats: list[ResultFormat]) -> None:
    others = [str(wanted) for wanted in formats if wanted not in TABLE_FORMATS]
    if others:
        raise typer.BadParameter(
            f"the table of a --sweep is {' or '.join(TABLE_FORMATS)}, not {', '.join(others)}: give only "
            "--format csv, or leave --format out",
            param_hint="--format",
        )


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(
            f"{directory} cannot be created: {error.strerror}", param_hint="--output"
        ) from error


def _solve(
    documents: list[Document], task_of: Callable[[Runnable], Task], processes: int | None
) -> list[Outcome]:
    """Return the outcome of each simulation, in their order, those that cannot be run included."""
    work = [task_of(document) for document in documents if isinstance(document, Runnable)]
    with Bars(console(stderr=True), len(work)) as bars:
        solved = iter(run_tasks(work, processes or os.cpu_count() or 1, bars))
    return [
        refused(document) if isinstance(document, Refusal) else next(solved)
        for document in documents
        if not isinstance(document, Skipped)
    ]


def _show(outcomes: list[Outcome], output: Path) -> None:
    out = console()
    out.print(summary_table(outcomes))
    written = [Path(path).name for outcome in outcomes for path in outcome.outputs]
    if written:
        out.print(f"In {output}/: {', '.join(written)}", soft_wrap=True)
    for outcome in outcomes:
        if outcome.failure is not None:
            text = f"{outcome.file}: {outcome.name}: {outcome.failure.message}"
            console(stderr=True).print(text, style="red", soft_wrap=True)


if __name__ == "__main__":
    app()
