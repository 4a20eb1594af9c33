"""Units of a table's columns, by the names that carry them."""

from batterysim.results import Column

_UNITS = {
    "AmpereHours": "A.h",
    "WattHours": "W.h",
    "Amperes": "A",
    "Celsius": "degC",
    "Hertz": "Hz",
    "Ohms": "Ohm",
    "Percent": "%",
    "Seconds": "s",
    "Volts": "V",
    "Watts": "W",
}
"""The endings of the contract's field names."""


def unit_of(name: str) -> str:
    """Return the unit of a parameter or variable of PyBaMM, or of a field of ours; 1 for a pure number.

    >>> unit_of("Negative electrode thickness [m]"), unit_of("cell.ambientTemperatureCelsius")
    ('m', 'degC')
    >>> unit_of("protocol.constantCurrent.cRate"), unit_of("endVolts")
    ('1', 'V')
    """
    if name.endswith("]") and "['" not in name:
        return Column.of(name).unit
    if name.endswith(("']", '"]')):
        return Column.of(name[:-2]).unit
    last = name.rsplit(".", 1)[-1]
    last = last[:1].upper() + last[1:]
    return next((unit for ending, unit in _UNITS.items() if last.endswith(ending)), "1")
