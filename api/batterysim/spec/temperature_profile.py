"""The temperature around the cell over time."""

from typing import Annotated

from pydantic import Field

from batterysim.contract import Contract, exactly_one
from batterysim.spec.documents.reference import ConfigMapKeyReference

MAX_INLINE_CSV_CHARACTERS = 200_000
"""The runner reads the spec through the downward API, whose annotations hold 256 KiB."""


class TemperatureProfile(Contract):
    """A temperature against time."""

    rules = (exactly_one("csv", "config_map_key_ref"),)

    # The API server's limit only: what comes from a ConfigMap is put here, too, and may be longer.
    csv: (
        Annotated[str, Field(min_length=1, json_schema_extra={"maxLength": MAX_INLINE_CSV_CHARACTERS})] | None
    ) = None
    """Two columns, time and temperature in degrees Celsius, linear between the rows; the last temperature
    stays. A line of headings is read for the unit of the time, such as "Time [h],Temperature [degC]"; without
    one, times are in seconds. Times increase from row to row; the first is 0."""
    config_map_key_ref: ConfigMapKeyReference | None = None
    """Where the CSV is."""
