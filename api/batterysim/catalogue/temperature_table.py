"""The temperature around a cell over time, as a table."""

from batterysim.catalogue.profile_csv import ProfileError, Table, read_profile
from batterysim.spec.cell import Cell

LOWEST_CELSIUS, HIGHEST_CELSIUS = -60.0, 120.0
"""As for a temperature that stays."""

MAX_ROWS = 20_000
"""PyBaMM's interpolant is quick enough for them (docs/decisions/025-long-profiles.md)."""


def temperature_table(cell: Cell) -> Table | None:
    """Return times in s and temperatures in degrees Celsius; None: there are none, or they are not known yet.

    Raises:
        ProfileError: the CSV is wrong.
    """
    profile = cell.ambient_temperature_profile
    if profile is None or profile.csv is None:
        return None
    table = read_profile(profile.csv, "Temperature")
    if len(table.values) > MAX_ROWS:
        raise ProfileError(f"has {len(table.values)} rows, more than {MAX_ROWS}: use a longer interval")
    for value in (min(table.values), max(table.values)):
        if not LOWEST_CELSIUS <= value <= HIGHEST_CELSIUS:
            raise ProfileError(
                f"has {value:g} degC, but a temperature is {LOWEST_CELSIUS:g} to {HIGHEST_CELSIUS:g} degC: "
                "write degrees Celsius"
            )
    return table
