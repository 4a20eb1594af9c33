"""A result as a picture: voltage and current against time, or an impedance as a Nyquist plot."""

from pathlib import Path
from typing import TYPE_CHECKING

from batterysim.results import (
    CURRENT,
    FREQUENCY,
    IMAGINARY_IMPEDANCE,
    REAL_IMPEDANCE,
    TIME,
    VOLTAGE,
)
from batterysim.spec.measured import MEASURED_OF

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise ImportError(
        "a plot needs matplotlib, which is not installed: pip install 'batterysim-operator[cli]'"
    ) from error

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.axes import Axes

SIZE_INCHES = (8.0, 6.0)
DOTS_PER_INCH = 150


def plot(table: "pa.Table", title: str) -> "tuple[Axes, ...]":
    """Draw a result's series into a new figure of pyplot, which a notebook shows."""
    from matplotlib import pyplot  # noqa: PLC0415 - looks for a screen, which a file does not need

    return _draw(table, title, pyplot.figure(figsize=SIZE_INCHES, layout="constrained"))


def save_png(table: "pa.Table", title: str, path: Path) -> None:
    """Draw a result's series into a file."""
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    _draw(table, title, figure)
    figure.savefig(path, dpi=DOTS_PER_INCH)


def _draw(table: "pa.Table", title: str, figure: Figure) -> "tuple[Axes, ...]":
    is_impedance = FREQUENCY.name in table.schema.names
    axes = _draw_nyquist(table, figure) if is_impedance else _draw_over_time(table, figure)
    axes[0].set_title(title)
    return axes


def _draw_over_time(table: "pa.Table", figure: Figure) -> "tuple[Axes, ...]":
    axes: tuple[Axes, ...] = tuple(figure.subplots(2, 1, sharex=True))
    for index, (axis, column) in enumerate(zip(axes, (VOLTAGE, CURRENT), strict=True)):
        axis.plot(table[TIME.name].to_numpy(), table[column.name].to_numpy(), color=f"C{index}")
        if (measured := MEASURED_OF[column.name].name) in table.schema.names:
            data = table[measured].to_numpy()
            axis.plot(table[TIME.name].to_numpy(), data, color="0.2", linestyle="--", label="measured")
            axis.legend()
        axis.set_ylabel(column.name)
        axis.grid(alpha=0.3)
    axes[-1].set_xlabel(f"{TIME.name}; positive current discharges")
    return axes


def _draw_nyquist(table: "pa.Table", figure: Figure) -> "tuple[Axes, ...]":
    """Draw the imaginary part downwards against the real part, to the same scale."""
    axis = figure.subplots()
    real, imaginary = (table[column.name].to_numpy() for column in (REAL_IMPEDANCE, IMAGINARY_IMPEDANCE))
    axis.plot(real, -imaginary, marker=".")
    axis.set_xlabel(REAL_IMPEDANCE.name)
    axis.set_ylabel(f"-{IMAGINARY_IMPEDANCE.name}")
    axis.set_aspect("equal", adjustable="datalim")
    axis.grid(alpha=0.3)
    return (axis,)
