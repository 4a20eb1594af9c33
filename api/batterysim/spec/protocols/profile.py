"""A profile of the user's own: a quantity against time, as CSV."""

from typing import Annotated, Literal

from pydantic import Field

from batterysim.contract import exactly_one
from batterysim.spec.documents.reference import ConfigMapKeyReference
from batterysim.spec.protocols.drive_cycle import Repeat, Scale
from batterysim.spec.protocols.kind import ProtocolKind

ProfileQuantity = Literal["Current", "CRate", "Power", "Voltage"]
"""What a user's own profile can set."""

MAX_INLINE_CSV_CHARACTERS = 200_000
"""The runner reads the spec through the downward API, whose annotations hold 256 KiB."""


def name_of(quantity: ProfileQuantity) -> str:
    """Return the quantity in words."""
    return "C-rate" if quantity == "CRate" else quantity.lower()


class Profile(ProtocolKind):
    """Your own current, power or voltage against time."""

    title = "Own profile"

    rules = (exactly_one("csv", "config_map_key_ref"),)

    quantity: ProfileQuantity
    """Quantity in the second column: Current in A, CRate (at 1, the nominal capacity flows in an hour), Power
    in W or Voltage in V, unless its heading has another unit. A positive value discharges, except under
    headings of the Battery Data Format ("Test Time / s", "Current / A") and of Arbin, BioLogic and Novonix,
    where it charges."""
    # The API server's limit only: what comes from a ConfigMap is put here, too, and may be longer.
    csv: (
        Annotated[str, Field(min_length=1, json_schema_extra={"maxLength": MAX_INLINE_CSV_CHARACTERS})] | None
    ) = None
    """The profile: two columns, time and the quantity. A line of headings is read for their units, such as
    "Time [h],Current [mA]"; without one, times are in seconds. Lines that begin with # are comments. Times
    increase from row to row; the first is 0."""
    config_map_key_ref: ConfigMapKeyReference | None = None
    """Where the CSV is."""
    scale: Scale = 1.0
    """Factor by which the values are multiplied."""
    repeat: Repeat = 1
    """Number of times that the profile is followed, without a pause."""
