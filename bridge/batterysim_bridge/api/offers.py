"""The shape of what a form can offer."""

from batterysim.contract import Contract


class CellOffer(Contract):
    """A cell that a spec can name."""

    field: str
    """Where the name goes in `spec.cell`: parameterSet or preset."""
    name: str
    """Its name."""
    title: str
    """What it is."""
    nominal_capacity_ampere_hours: float | None
    """The capacity that C-rates refer to."""
    lower_cutoff_volts: float | None
    """Where a discharge ends."""
    upper_cutoff_volts: float | None
    """Where a charge ends."""
    models: dict[str, dict[str, str | int]]
    """The model families that can solve it, and the `model.options` that each needs for that."""


class ModelOffer(Contract):
    """A model family."""

    name: str
    """Its name."""
    title: str
    """What it is."""


class DriveCycleOffer(Contract):
    """A drive cycle."""

    name: str
    """Its name."""
    duration_seconds: float
    """How long it takes."""
    needs_scale: bool
    """Whether it is of a whole vehicle, and has to be scaled to a cell."""


class ExperimentOffer(Contract):
    """An experiment to begin with."""

    name: str
    """What it is for."""
    steps: list[str]
    """Its steps in PyBaMM's words."""
    cycles: int
    """How often they are done."""


class Catalogue(Contract):
    """What a form can offer."""

    default_namespace: str
    """Where a simulation is created whose request names no namespace."""
    cells: list[CellOffer]
    """Cells, the premade ones first."""
    models: list[ModelOffer]
    """Model families."""
    protocols: list[str]
    """Names of the fields of `spec.protocol`."""
    protocol_titles: dict[str, str]
    """What each is called in a menu."""
    drive_cycles: list[DriveCycleOffer]
    """Drive cycles."""
    experiments: list[ExperimentOffer]
    """Experiments."""
