"""The cell: where its parameters come from, what is different about yours, and its state at the start."""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from batterysim.contract import Contract, Rule, at_most_one, exactly_one
from batterysim.kubernetes_names import ObjectName
from batterysim.spec.cell_function import CellFunction
from batterysim.spec.documents.bpx import compact, read_bpx
from batterysim.spec.documents.reference import ConfigMapKeyReference
from batterysim.spec.number import NUMBER, Number
from batterysim.spec.temperature_profile import TemperatureProfile

ParameterSet = Literal[
    "Ai2020",
    "Chen2020",
    "Chen2020_composite",
    "ECM_Example",
    "Ecker2015",
    "Ecker2015_graphite_halfcell",
    "MSMR_Example",
    "Marquis2019",
    "Mohtat2020",
    "NCA_Kim2011",
    "OKane2022",
    "OKane2022_graphite_SiOx_halfcell",
    "ORegan2022",
    "Prada2013",
    "Ramadass2004",
    "Xu2019",
]
CellPreset = Literal["INR18650-25R", "LGM50", "LGM50-ageing", "LGM50-thermal"]

MAX_BPX_CHARACTERS = 200_000
"""The runner reads the spec through the downward API, whose annotations hold 256 KiB."""

ParameterName = Annotated[str, Field(min_length=1, max_length=120)]
Volts = Annotated[float, Field(gt=0, le=10), NUMBER]


class Bpx(Contract):
    """A cell in the Battery Parameter eXchange format (https://bpxstandard.com)."""

    rules = (exactly_one("document", "config_map_key_ref"),)

    # The API server's limit only: what comes from a ConfigMap is put here, too, and may be longer.
    document: (
        Annotated[str, Field(min_length=1, json_schema_extra={"maxLength": MAX_BPX_CHARACTERS})] | None
    ) = None
    """The whole BPX document, as JSON."""
    config_map_key_ref: ConfigMapKeyReference | None = None
    """Where the BPX document is, as JSON."""

    @field_validator("document")
    @classmethod
    def _document_is_json(cls, text: str | None) -> str | None:
        return None if text is None else compact(read_bpx(text))

    @cached_property
    def content(self) -> dict[str, Any] | None:
        """What the document says; None where it is in a ConfigMap. Not to be changed."""
        return None if self.document is None else read_bpx(self.document)


class Stoichiometry(Contract):
    """How full each electrode's particles are, from 0 to 1 of their maximum concentration."""

    negative: Annotated[float, Field(gt=0, lt=1), NUMBER] | None = None
    """Stoichiometry of the negative electrode: high in a charged cell. Leave it out for a half-cell, which
    has none."""
    positive: Annotated[float, Field(gt=0, lt=1), NUMBER]
    """Stoichiometry of the positive electrode: low in a charged cell."""


class InitialState(Contract):
    """An earlier simulation from whose end the cell goes on."""

    from_result: ObjectName
    """Name of a simulation in the same namespace that has succeeded, or will: this one waits for it. The cell
    starts with all concentrations, temperatures and films of its end; time and charge begin at 0. Model, mesh
    and cell must be the same; protocol, temperature around the cell, cut-offs and tolerances may differ. For
    `batterysim run`, NAME.parquet in the directory of the results."""


def _cut_offs_are_in_order(cell: "Cell") -> bool:
    lower, upper = cell.lower_cutoff_volts, cell.upper_cutoff_volts
    return lower is None or upper is None or lower < upper


class Cell(Contract):
    """The cell: a parameter set, a premade cell or a BPX file, and what is different about yours."""

    rules = (
        exactly_one("parameter_set", "preset", "bpx"),
        at_most_one("initial_state_of_charge", "initial_volts", "initial_stoichiometry", "initial_state"),
        at_most_one("ambient_temperature_celsius", "ambient_temperature_profile"),
        Rule(
            "!has(self.lowerCutoffVolts) || !has(self.upperCutoffVolts)"
            " || self.lowerCutoffVolts < self.upperCutoffVolts",
            "lowerCutoffVolts must be below upperCutoffVolts: swap them or correct one",
            _cut_offs_are_in_order,
            lambda cell: (
                f"lowerCutoffVolts ({cell.lower_cutoff_volts:g}) must be below upperCutoffVolts "
                f"({cell.upper_cutoff_volts:g}): swap them or correct one"
            ),
        ),
    )

    parameter_set: ParameterSet | None = None
    """Name of the PyBaMM parameter set. Chen2020 is the LG M50 21700 cell (5 A.h, NMC 811, graphite-SiOx);
    docs/cells.md lists the others, and which model each works with."""
    preset: CellPreset | None = None
    """Name of a premade cell from the catalogue; docs/cell-presets.md says where each number is from."""
    bpx: Bpx | None = None
    """A cell described in a BPX file."""
    parameters: Annotated[dict[ParameterName, Number], Field(max_length=200, default_factory=dict)]
    """Overrides of single parameters, by their exact PyBaMM name with its unit, for example
    "Negative electrode thickness [m]". An unknown name is rejected, with the nearest known ones. A number
    also replaces a function, such as a diffusivity, by a constant."""
    functions: Annotated[dict[ParameterName, CellFunction], Field(max_length=20, default_factory=dict)]
    """Parameters that are functions, by their exact PyBaMM name, each as a formula, a table, or a factor of
    the cell's own function: for example {"Electrolyte conductivity [S.m-1]": {"scale": 0.8}}.
    docs/cell-functions.md lists them."""
    upper_cutoff_volts: Volts | None = None
    """Voltage at which a charge ends. Default: the cell's own (Chen2020: 4.2)."""
    lower_cutoff_volts: Annotated[float, Field(ge=0, le=10), NUMBER] | None = None
    """Voltage at which a discharge ends. Default: the cell's own (Chen2020: 2.5)."""
    nominal_capacity_ampere_hours: Annotated[float, Field(gt=0, le=10_000), NUMBER] | None = None
    """Capacity that C-rates refer to; it does not change the result of a run at a fixed current.
    Default: the cell's own (Chen2020: 5)."""
    initial_state_of_charge: Annotated[float, Field(ge=0, le=1), NUMBER] | None = None
    """State of charge at the start. At 0 the cell rests at its "Open-circuit voltage at 0% SOC [V]", at 1 at
    its "Open-circuit voltage at 100% SOC [V]", both at its reference temperature (Chen2020: 2.5 V and 4.2 V
    at 25 C). Cut-offs in the spec do not move these two voltages. Default: the concentrations that the
    parameter set starts from, which for Chen2020 is not quite full (open-circuit voltage 4.181 V). Write 1.0
    for a full cell."""
    initial_volts: Volts | None = None
    """Open-circuit voltage of the resting cell at the start, at its temperature at the start."""
    initial_stoichiometry: Stoichiometry | None = None
    """Stoichiometries of the electrodes at the start. They also determine how much lithium there is."""
    initial_state: InitialState | None = None
    """The whole state at the start, from the end of an earlier simulation."""
    ambient_temperature_celsius: Annotated[float, Field(ge=-60, le=120), NUMBER] | None = None
    """Temperature around the cell, and of the cell at the start. Default: the parameter set's own
    (Chen2020: 25)."""
    ambient_temperature_profile: TemperatureProfile | None = None
    """Temperature around the cell over time; the cell starts at its first value. A step of an experiment may
    have a temperature of its own."""

    @property
    def label(self) -> str:
        """The cell's origin in a word."""
        return self.parameter_set or self.preset or "BPX"
