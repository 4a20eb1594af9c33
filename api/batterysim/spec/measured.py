"""Measured data, to be compared with what is simulated, and the columns that a result has of them."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from batterysim.contract import Contract, exactly_one
from batterysim.results import CELL_TEMPERATURE, CURRENT, POWER, VOLTAGE, Column
from batterysim.spec.documents.reference import ConfigMapKeyReference

MeasuredQuantity = Literal["Voltage", "Current", "Power", "Temperature"]
"""Each of them can be compared with a measurement."""

MAX_INLINE_CSV_CHARACTERS = 200_000
"""The runner reads the spec through the downward API, whose annotations hold 256 KiB."""


class Measured(Contract):
    """Measured data to compare with."""

    rules = (exactly_one("csv", "config_map_key_ref"),)

    # The API server's limit only: what comes from a ConfigMap is put here, too, and may be longer.
    csv: (
        Annotated[str, Field(min_length=1, json_schema_extra={"maxLength": MAX_INLINE_CSV_CHARACTERS})] | None
    ) = None
    """The data: the time since the start of the simulation, and what was measured. A line of headings is
    read for units and signs, such as "Time [h],Voltage [mV]"; with it, there may be other columns, as in a
    file of the Battery Data Format. Without one: two columns, in s and in V, A, W or degC. Times increase
    from row to row."""
    config_map_key_ref: ConfigMapKeyReference | None = None
    """Where the CSV is."""


class MeasuredSeries(Measured):
    """A quantity that was measured over time."""

    quantity: MeasuredQuantity = "Voltage"
    """The measured quantity: the Voltage at the terminals, the Current, the Power, or the cell's
    Temperature. A positive current or power discharges, except under headings of formats in which it
    charges."""


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
