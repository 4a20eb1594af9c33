"""Experiments to begin with, from a full cell. Steps are in PyBaMM's words; C-rates suit any cell."""

from typing import NamedTuple


class ExperimentPreset(NamedTuple):
    """Steps under a name. The cell's own cut-offs end a step that names no voltage."""

    name: str
    steps: tuple[str, ...]
    cycles: int = 1


EXPERIMENT_PRESETS = (
    ExperimentPreset(
        "Capacity check",
        (
            "Discharge at C/3 for 4 hours",
            "Rest for 1 hour",
            "Charge at C/3 for 4 hours",
            "Rest for 1 hour",
            "Discharge at C/10 for 12 hours",
        ),
    ),
    ExperimentPreset(
        "Rate test: C/5, C/2, 1C",
        (
            "Discharge at C/5 for 6 hours",
            "Charge at C/3 for 4 hours",
            "Rest for 30 minutes",
            "Discharge at C/2 for 3 hours",
            "Charge at C/3 for 4 hours",
            "Rest for 30 minutes",
            "Discharge at 1C for 2 hours",
        ),
    ),
    ExperimentPreset(
        "GITT: 1 min pulses, 20 min rests",
        ("Discharge at 1C for 1 minute", "Rest for 20 minutes"),
        cycles=20,
    ),
    ExperimentPreset(
        "Pulse power, every 10 % of the capacity",
        (
            "Discharge at 1C for 6 minutes",
            "Rest for 20 minutes",
            "Discharge at 2C for 10 seconds",
            "Rest for 40 seconds",
            "Charge at C/2 for 10 seconds",
            "Rest for 10 minutes",
        ),
        cycles=8,
    ),
    ExperimentPreset(
        "Cycling at 1C, C/2",
        ("Discharge at 1C for 2 hours", "Rest for 10 minutes", "Charge at C/2 for 3 hours"),
        cycles=10,
    ),
)
