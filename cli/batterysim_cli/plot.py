"""A result as a picture: voltage and current against time."""

from pathlib import Path
from typing import TYPE_CHECKING

from batterysim.results import CURRENT, TIME, VOLTAGE

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise ImportError(
        "a plot needs matplotlib, which is not installed: pip install 'batterysim-operator[cli]'"
    ) from error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from batterysim_cli.local_run import LocalResult

SIZE_INCHES = (8.0, 6.0)
DOTS_PER_INCH = 150


def plot(result: "LocalResult") -> "tuple[Axes, ...]":
    """Draw a result into a new figure of pyplot, which a notebook shows."""
    from matplotlib import pyplot  # noqa: PLC0415 - looks for a screen, which a file does not need

    return _draw(result, pyplot.figure(figsize=SIZE_INCHES, layout="constrained"))


def save_png(result: "LocalResult", path: Path) -> None:
    """Draw a result into a file."""
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    _draw(result, figure)
    figure.savefig(path, dpi=DOTS_PER_INCH)


def _draw(result: "LocalResult", figure: Figure) -> "tuple[Axes, ...]":
    frame = result.to_pandas()
    axes: tuple[Axes, ...] = tuple(figure.subplots(2, 1, sharex=True))
    for index, (axis, column) in enumerate(zip(axes, (VOLTAGE, CURRENT), strict=True)):
        axis.plot(frame[TIME.name], frame[column.name], color=f"C{index}")
        axis.set_ylabel(column.name)
        axis.grid(alpha=0.3)
    summary = result.summary
    axes[0].set_title(f"{result.name}: {summary.end_reason} at {summary.end_time_seconds:g} s")
    axes[-1].set_xlabel(f"{TIME.name}; positive current discharges")
    return axes
