"""Measured data, to be compared with what is simulated."""

from typing import Annotated, Literal

from pydantic import Field

from batterysim.contract import Contract, exactly_one
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
