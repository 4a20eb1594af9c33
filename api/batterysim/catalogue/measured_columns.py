"""The columns of a result that measured data are compared with, and those that a comparison adds."""

from typing import NamedTuple

from batterysim.results import CELL_TEMPERATURE, CURRENT, POWER, VOLTAGE, Column
from batterysim.spec.measured import MeasuredQuantity


class MeasuredColumns(NamedTuple):
    """What belongs to one measured quantity.

    simulated: the result's column. measured: the data, between whose rows a line is drawn. residual:
    simulated minus measured.
    """

    simulated: Column
    measured: Column
    residual: Column


MEASURED_COLUMNS: dict[MeasuredQuantity, MeasuredColumns] = {
    "Voltage": MeasuredColumns(
        VOLTAGE, Column("Measured voltage [V]", "V"), Column("Voltage residual [V]", "V")
    ),
    "Current": MeasuredColumns(
        CURRENT, Column("Measured current [A]", "A"), Column("Current residual [A]", "A")
    ),
    "Power": MeasuredColumns(POWER, Column("Measured power [W]", "W"), Column("Power residual [W]", "W")),
    "Temperature": MeasuredColumns(
        CELL_TEMPERATURE, Column("Measured temperature [C]", "degC"), Column("Temperature residual [K]", "K")
    ),
}

MEASURED_OF = {columns.simulated.name: columns.measured for columns in MEASURED_COLUMNS.values()}
"""The column with the data that are drawn next to a column, by its name."""
