"""Errors in measured data that the result is to be compared with."""

from collections import Counter
from collections.abc import Iterator

from batterysim.catalogue.measured_csv import read_measured
from batterysim.catalogue.profile_csv import ProfileError, Table
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.measured import MeasuredQuantity
from batterysim.spec.simulation import BatterySimulationSpec

MOST_CELL_VOLTS = 10.0
"""Far beyond every cell; a voltage in mV without its unit is far beyond this."""
LOWEST_CELSIUS, HIGHEST_CELSIUS = -60.0, 200.0
"""A cell that runs away is hotter; a temperature in K without its unit mostly is, too."""


def measured_problems(spec: BatterySimulationSpec) -> Iterator[Problem]:
    """Yield everything that is wrong with the data, as far as these are in the spec."""
    series = spec.output.measured or []
    counts = Counter(one.quantity for one in series)
    for quantity in (quantity for quantity, count in counts.items() if count > 1):
        yield _problem("spec.output.measured", f"has {quantity} twice: keep one series of each quantity")
    for number, one in enumerate(series):
        if one.csv is None:
            continue
        try:
            complaint = _complaint(one.quantity, read_measured(one.csv, one.quantity), _most_volts(spec))
        except ProfileError as error:
            complaint = str(error)
        if complaint is not None:
            yield _problem(f"spec.output.measured.{number}.csv", complaint)


def _complaint(quantity: MeasuredQuantity, data: Table, most_volts: float) -> str | None:
    """Say why values cannot be in the unit in which they are read."""
    lowest, highest = min(data.values), max(data.values)
    if quantity == "Voltage" and not -most_volts <= lowest <= highest <= most_volts:
        worst = lowest if abs(lowest) > abs(highest) else highest
        return (
            f"has {worst:g} V, and no such cell or pack has more than {most_volts:g} V: write the unit into "
            "the heading, such as 'Voltage [mV]'"
        )
    if quantity == "Temperature" and not LOWEST_CELSIUS <= lowest <= highest <= HIGHEST_CELSIUS:
        worst = lowest if lowest < LOWEST_CELSIUS else highest
        return (
            f"has {worst:g} degC, but a cell has {LOWEST_CELSIUS:g} to {HIGHEST_CELSIUS:g} degC: write "
            "degrees Celsius"
        )
    return None


def _most_volts(spec: BatterySimulationSpec) -> float:
    return MOST_CELL_VOLTS * (1 if spec.pack is None else spec.pack.series_count)


def _problem(field: str, message: str) -> Problem:
    return Problem(FailureReason.INVALID_SPEC, field, message)
