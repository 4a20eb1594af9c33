"""Panels as characters."""

from collections.abc import Sequence

from uniplot import plot_to_string

from batterysim_cli.display.panels import Panel

# What stands right of a plot: its axis' numbers.
MARGIN = 16
PANEL_HEIGHT = 14


def terminal_plot(panels: Sequence[Panel], columns: int, *, color: bool) -> str:
    """Return the panels below each other.

    columns: the terminal's width in characters.
    """
    return "\n\n".join(
        plot_to_string(
            xs=[curve.x for curve in panel.curves],
            ys=[curve.y for curve in panel.curves],
            legend_labels=[curve.label for curve in panel.curves],
            title=f"{panel.y_label} against {panel.x_label}",
            lines=True,
            color=color,
            width=max(columns - MARGIN, 20),
            height=PANEL_HEIGHT,
        )
        for panel in panels
    )
