"""Whether a cell's numbers are those of a cell: slips of unit, such as percent, micrometres and °C.

The limits are far beyond every published cell: of PyBaMM's sets, electrodes are 34 to 700 µm thick, and
particles have radii of 50 nm to 14 µm. A number outside of them would be solved all the same.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

MICRO = 1e-6
ZERO_CELSIUS_IN_KELVIN = 273.15
PHASES = ("", "Primary: ", "Secondary: ")


class Limits(NamedTuple):
    """What a quantity of a cell can be.

    slip: the unit in which people give it by mistake, how much of the right unit one is, and what is added.
    """

    low: float
    high: float
    unit: str
    slip: str
    factor: float
    offset: float = 0.0


FRACTION = Limits(0.0, 1.0, "", "percent", 0.01)
THICKNESS = Limits(1e-7, 5e-3, " m", "micrometres", MICRO)
RADIUS = Limits(1e-9, 1e-3, " m", "micrometres", MICRO)
EXTENT = Limits(1e-4, 100.0, " m", "millimetres", 1e-3)
TEMPERATURE = Limits(150.0, 500.0, " K", "°C", 1.0, ZERO_CELSIUS_IN_KELVIN)

BY_ENDING = {
    "volume fraction": FRACTION,
    "porosity": FRACTION,
    "electrode thickness [m]": THICKNESS,
    "separator thickness [m]": THICKNESS,
    "current collector thickness [m]": THICKNESS,
    "particle radius [m]": RADIUS,
    "electrode height [m]": EXTENT,
    "electrode width [m]": EXTENT,
    "temperature [k]": TEMPERATURE,
}
"""By the end of a parameter's name, in lower case."""


def magnitude_complaint(name: str, value: float) -> str | None:
    """Say why a number cannot be this parameter of a cell; None if it can, or nothing is known about it."""
    limits = next((limits for ending, limits in BY_ENDING.items() if name.lower().endswith(ending)), None)
    if limits is None or limits.low <= value <= limits.high:
        return None
    text = (
        f"{value:g}{limits.unit} cannot be: it is {limits.low:g} to {limits.high:g}{limits.unit} in any cell"
    )
    meant = value * limits.factor + limits.offset
    if value > 0 and limits.low <= meant <= limits.high:
        text += f"; if it is in {limits.slip}, write {meant:.6g}"
    return text


def composition_complaints(
    values: Mapping[str, float | None], changed: Mapping[str, float]
) -> Iterator[tuple[str, str]]:
    """Yield each electrode's changed parameter, and why its parts are more than the whole.

    values: all parameters of the cell with the changes; None where one is a function.
    """
    for electrode in ("Negative electrode", "Positive electrode"):
        names = [f"{electrode} porosity"]
        names += [f"{phase}{electrode} active material volume fraction" for phase in PHASES]
        parts = {name: value for name in names if (value := values.get(name)) is not None}
        own = [name for name in parts if name in changed]
        if own and sum(parts.values()) > 1 + 1e-9:
            shown = " + ".join(f"{value:g}" for value in parts.values())
            yield (
                own[0],
                f"pores and active material of the {electrode.lower()} are {shown} = "
                f"{sum(parts.values()):g} of its volume, more than all of it: change one of them",
            )
