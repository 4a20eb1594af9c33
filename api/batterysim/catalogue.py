"""What is on offer: drive cycles and the parameters of each parameter set, without importing PyBaMM."""

import csv
import json
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from batterysim_data import data_file

MANAGED_PARAMETERS = {
    "Current function [A]": "protocol",
    "Upper voltage cut-off [V]": "cell.upperCutoffVolts",
    "Lower voltage cut-off [V]": "cell.lowerCutoffVolts",
    "Nominal cell capacity [A.h]": "cell.nominalCapacityAmpereHours",
    "Ambient temperature [K]": "cell.ambientTemperatureCelsius",
    "Initial temperature [K]": "cell.ambientTemperatureCelsius",
}
"""Parameters that have a field of their own in the spec; two places for one number would be a trap."""


class DriveCycleProfile(NamedTuple):
    """A current against time. Positive current discharges."""

    times_seconds: tuple[float, ...]
    currents_amperes: tuple[float, ...]

    @property
    def duration_seconds(self) -> float:
        """Length of the cycle."""
        return self.times_seconds[-1]


@cache
def drive_cycle(name: str) -> DriveCycleProfile:
    """Read a drive cycle of the catalogue.

    Raises:
        ValueError: if its times do not increase, which no solver could follow.
    """
    lines = data_file("drive_cycles", f"{name}.csv").read_text(encoding="utf-8").splitlines()
    rows = [row for row in csv.reader(lines) if row and not row[0].startswith("#")]
    times = tuple(float(row[0]) for row in rows)
    if not all(earlier < later for earlier, later in pairwise(times)):
        raise ValueError(f"drive cycle {name}: times must increase from row to row")
    return DriveCycleProfile(times, tuple(float(row[1]) for row in rows))


@cache
def parameter_defaults(parameter_set: str) -> dict[str, float | None]:
    """Return each parameter of a set and its value; None where PyBaMM has a function instead of a number."""
    text = data_file("parameter_sets", f"{parameter_set}.json").read_text(encoding="utf-8")
    defaults: dict[str, float | None] = json.loads(text)
    return defaults
