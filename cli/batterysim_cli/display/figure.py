"""Panels as a picture in a file."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from batterysim_cli.display.panels import Panel
from batterysim_client.results.whole_file import whole_file

WIDTH_INCHES = 8.0
HEIGHT_INCHES = 3.0
DOTS_PER_INCH = 150


def save_figure(panels: Sequence[Panel], path: Path) -> None:
    """Draw panels below each other, in the format that the file's name ends in.

    The file appears when it is complete, not before.

    Raises:
        ValueError: matplotlib does not know its ending.
        OSError: the file cannot be written.
    """
    size = (WIDTH_INCHES, HEIGHT_INCHES * max(len(panels), 2))
    figure = Figure(figsize=size, layout="constrained")
    for axis, panel in zip(figure.subplots(len(panels), squeeze=False)[:, 0], panels, strict=True):
        for label, x, y in panel.curves:
            axis.plot(x, y, label=label)
        axis.set_xlabel(panel.x_label)
        axis.set_ylabel(panel.y_label)
        axis.grid(alpha=0.3)
        axis.legend()
    with whole_file(path) as part:
        figure.savefig(part, format=path.suffix.removeprefix("."), dpi=DOTS_PER_INCH)
