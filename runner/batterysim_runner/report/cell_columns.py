"""The columns that only a pack's result has: the extremes of its cells, and those of each cell."""

from batterysim.results import CELL_TEMPERATURE, CURRENT, STATE_OF_CHARGE, VOLTAGE, Column

MIN_CELL_VOLTAGE = Column("Minimum cell voltage [V]", "V")
MAX_CELL_VOLTAGE = Column("Maximum cell voltage [V]", "V")
MAX_CELL_TEMPERATURE = Column("Maximum cell temperature [C]", "degC")
EXTREMES = (MIN_CELL_VOLTAGE, MAX_CELL_VOLTAGE, MAX_CELL_TEMPERATURE)

_SHORT_NAMES = {
    VOLTAGE.name: "voltage [V]",
    CURRENT.name: "current [A]",
    STATE_OF_CHARGE.name: "state of charge",
    CELL_TEMPERATURE.name: "temperature [C]",
}
CELL_VARIABLES = tuple(_SHORT_NAMES)
"""What the result has of each cell, by PyBaMM's names."""


def cell_column(cell: str, variable: str) -> Column:
    """Return the column of a cell's variable.

    >>> cell_column("s1p2", "Voltage [V]").name
    'Cell s1p2 voltage [V]'
    """
    return Column(f"Cell {cell} {_SHORT_NAMES.get(variable, variable)}", Column.of(variable).unit)
