"""A point of a sweep as its own BatterySimulation."""

from collections.abc import Sequence
from typing import Any

import typer

from batterysim.checks.strict_yaml import as_yaml
from batterysim.failure import ExitCode
from batterysim.sweep.points import point_manifest
from batterysim_cli.display.console import complain
from batterysim_cli.manifests.files import Refusal
from batterysim_cli.manifests.sweeps import RunnableSweep, SweepDocument


def show_point(documents: Sequence[SweepDocument], number: int) -> int:
    """Print the manifest of a point of each sweep, and return the exit code."""
    code = ExitCode.OK
    for document in documents:
        if isinstance(document, Refusal):
            complain(f"{document.file}: {document.name}: {'; '.join(map(str, document.problems))}")
            code = ExitCode.INVALID_SPEC
        elif isinstance(document, RunnableSweep):
            code = _show(document, number) or code
    return code


def manifest_of_point(sweep: RunnableSweep, number: int) -> dict[str, Any]:
    """Return the BatterySimulation of a point.

    Raises:
        IndexError: there is no such point.
    """
    from batterysim_runner.sweep.design import Points  # noqa: PLC0415 - imports NumPy

    points = Points(sweep.spec)
    if number >= points.count:
        raise IndexError(f"{sweep.name} has {points.count} points, counted from 0: there is no {number}")
    (values,) = points.values(number, number + 1)
    by_name = dict(zip((axis.name for axis in points.axes), values, strict=True))
    return point_manifest(sweep.spec, sweep.name, number, by_name)


def _show(sweep: RunnableSweep, number: int) -> ExitCode:
    try:
        manifest = manifest_of_point(sweep, number)
    except IndexError as error:
        complain(str(error))
        return ExitCode.INVALID_SPEC
    typer.echo("---\n" + as_yaml(manifest))
    return ExitCode.OK
