"""A premade cell: a real cell as a parameter set and what is different, with where each number is from."""

from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from batterysim.spec.cell import CellPreset, ParameterName, ParameterSet
from batterysim_data import data_file

Text = Annotated[str, Field(min_length=1)]


class _Record(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, allow_inf_nan=False)


class SourcedNumber(_Record):
    """A number, and why it should be believed. Its unit is in its name."""

    value: float
    kind: Literal["datasheet", "measured", "derived", "assumption"]
    """datasheet: the maker says so. measured: somebody who published it did. derived: computed from the
    others, and the source says how. assumption: none of these."""
    source: Text
    """Title, revision and section of a datasheet, DOI of a paper, or the way of computing it."""


class Preset(_Record):
    """A premade cell."""

    title: Text
    """Maker and name of the real cell."""
    parameter_set: ParameterSet
    """The parameter set that it begins with."""
    parameters: dict[ParameterName, SourcedNumber]
    """Parameters in the place of the set's, by their PyBaMM names."""
    facts: dict[ParameterName, SourcedNumber]
    """What else is known about the real cell, and enters no equation."""
    notes: Text
    """Its assumptions, and the uses for which the cell is unsuitable."""


@cache
def preset(name: CellPreset) -> Preset:
    """Read a premade cell of the catalogue."""
    import yaml  # noqa: PLC0415 - a run of another cell does not wait for it

    text = data_file("cells", f"{name}.yaml").read_text(encoding="utf-8")
    return Preset.model_validate(yaml.safe_load(text))
