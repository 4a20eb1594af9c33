"""Recorded vehicle tests: each is a CSV and an entry in `batterysim_data/drive_cycles/index.json`."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import Field

from batterysim.contract import Rule
from batterysim.spec.number import NUMBER, WHOLE_NUMBER
from batterysim.spec.protocols.kind import ProtocolKind
from batterysim_data import data_file

Repeat = Annotated[int, Field(ge=1, le=10_000), WHOLE_NUMBER]
Scale = Annotated[float, Field(ge=-1e6, le=1e6), NUMBER]


class DriveCycleFacts(NamedTuple):
    """The facts about a drive cycle in addition to its numbers.

    quantity: what the numbers are, in A, W or V unless the file's heading has another unit.
    subject: what they belong to. Those of a vehicle are scaled to a cell.
    sha256: of the CSV, as it was taken from the source.
    """

    description: str
    quantity: Literal["Current", "Power", "Voltage"]
    subject: Literal["cell", "vehicle"]
    source: str
    licence: str
    sha256: str

    @property
    def needs_scale(self) -> bool:
        """Whether it makes no sense for a cell as it is."""
        return self.subject == "vehicle"


def _facts() -> Mapping[str, DriveCycleFacts]:
    content = json.loads(data_file("drive_cycles", "index.json").read_text(encoding="utf-8"))
    return {name: DriveCycleFacts(**facts) for name, facts in content.items()}


DRIVE_CYCLES = _facts()
VEHICLE_CYCLES = tuple(name for name, facts in DRIVE_CYCLES.items() if facts.needs_scale)

if TYPE_CHECKING:
    DriveCycleName = str
else:
    DriveCycleName = Literal[tuple(DRIVE_CYCLES)]


class DriveCycle(ProtocolKind):
    """A recorded vehicle test."""

    title = "Drive cycle"
    rules = (
        Rule(
            f"!(self.name in {list(VEHICLE_CYCLES)}) || has(self.scale)",
            f"scale is required for {' and '.join(VEHICLE_CYCLES)}, which is the power of a whole vehicle: "
            "1/4000 is one of 4000 cells",
            lambda cycle: not DRIVE_CYCLES[cycle.name].needs_scale or cycle.scale is not None,
        ),
    )

    name: Annotated[
        DriveCycleName,
        Field(description="; ".join(f"{name}: {facts.description}" for name, facts in DRIVE_CYCLES.items())),
    ]
    scale: Annotated[
        Scale | None,
        Field(
            description="The cycle's values are multiplied by this. Default: 1. Required for "
            f"{' and '.join(VEHICLE_CYCLES)}: for a vehicle of 4000 cells, 1/4000 = 0.00025."
        ),
    ] = None
    repeat: Repeat = 1
    """Number of times that the cycle is driven, without a pause."""
