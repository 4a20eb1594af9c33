"""What one compiled simulation is for: all that decides its equations, and none of the numbers in them."""

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from batterysim.catalogue.model_options import in_text, is_calendar_ageing, needed_parameters
from batterysim.catalogue.parameters import cell_base, parameter_defaults
from batterysim.catalogue.prescription import Prescription
from batterysim.spec.model import Model, ModelFamily
from batterysim.spec.simulation import BatterySimulationSpec

Options = tuple[tuple[str, Any], ...]
"""Options of a model with their values, both in PyBaMM's own words, in the order of their names."""

FAMILIES: tuple[ModelFamily, ...] = ("SPM", "SPMe", "DFN")
ISOTHERMAL = ("thermal", "isothermal")
LUMPED: Options = (("thermal", "lumped"),)
OPTIONS: tuple[Options, ...] = ((), LUMPED)
PARAMETER_SETS = (
    "Ai2020",
    "Chen2020",
    "Ecker2015",
    "Marquis2019",
    "Mohtat2020",
    "NCA_Kim2011",
    "OKane2022",
    "ORegan2022",
    "Prada2013",
    "Ramadass2004",
)
"""PyBaMM's cells of two electrodes of one material each."""

TABLE_ROWS = 1370
"""The most points of a current that changes: as many as UDDS has."""

MeshPoints = tuple[tuple[str, int], ...]
"""Numbers of points that differ from PyBaMM's own, by the fields of `spec.solver.mesh`, in their order."""

JOB_MANAGER_MESH: MeshPoints = (
    ("negative_electrode_points", 30),
    ("separator_points", 30),
    ("positive_electrode_points", 30),
    ("negative_particle_points", 10),
    ("positive_particle_points", 10),
)
"""The original service's own for drive cycles."""


class Control(NamedTuple):
    """What the protocol sets: one value, or a table of values over time."""

    quantity: str
    is_table: bool


CONTROLS = (Control("Current", False), Control("Current", True), Control("Power", False))


class Shape(NamedTuple):
    """The equations of a simulation.

    options: of the model, but for those that are its defaults.
    """

    family: ModelFamily
    options: Options
    parameter_set: str
    control: Control
    mesh: MeshPoints = ()

    @property
    def of_one_number(self) -> "Shape":
        """The shape whose equations this one's are made of, where it has a table (`compiled/table.py`)."""
        return self._replace(control=self.control._replace(is_table=False))

    @property
    def name(self) -> str:
        """A name for a file, where no option is set but the thermal one.

        >>> Shape("DFN", LUMPED, "Chen2020", Control("Current", True), JOB_MANAGER_MESH).name
        'DFN-lumped-Chen2020-current-table-30x30x30x10x10'
        """
        parts = [self.family, *(str(value) for _, value in self.options), self.parameter_set]
        parts += [self.control.quantity.lower()] + ["table"] * self.control.is_table
        return "-".join([*parts, "x".join(str(points) for _, points in self.mesh)]).rstrip("-")


def shape_of(spec: BatterySimulationSpec, prescription: Prescription | None) -> Shape | None:
    """Return the shape of a spec; None if simulations of its kind cannot be compiled.

    prescription: what its protocol sets over time.
    """
    base = cell_base(spec.cell)
    if (
        prescription is None
        or base.parameter_set is None
        or spec.pack is not None
        # PyBaMM finds the current of no power, and how close it comes to zero is decided by its first guess.
        or (prescription.quantity == "Power" and spec.protocol.given.is_rest)
        # Says at its end how far the cell has aged, which PyBaMM finds.
        or is_calendar_ageing(spec.model, is_rest=spec.protocol.given.is_rest)
        or spec.output.variables
        or spec.cell.initial_volts is not None
        or spec.cell.initial_state is not None
        or spec.cell.functions
        or spec.cell.ambient_temperature_profile is not None
        # Solved in pieces, between which the clock is looked at.
        or spec.solver.wall_clock_limit_seconds is not None
    ):
        return None
    control = Control(prescription.quantity, prescription.table is not None)
    if control.is_table and prescription.point_count > TABLE_ROWS:
        return None
    options = {(name, in_text(value)) for name, value in spec.model.options.items()} - {ISOTHERMAL}
    mesh = tuple((name, points) for name, points in spec.solver.mesh if points is not None)
    return Shape(spec.model.family, tuple(sorted(options)), base.parameter_set, control, mesh)


def catalogue() -> Iterator[Shape]:
    """Return all shapes that the image has."""
    for options, parameter_set in product(OPTIONS, PARAMETER_SETS):
        if not _has_parameters(options, parameter_set):
            continue
        for family, control in product(FAMILIES, CONTROLS):
            yield Shape(family, options, parameter_set, control)
        yield Shape("DFN", options, parameter_set, Control("Current", True), JOB_MANAGER_MESH)


def _has_parameters(options: Options, parameter_set: str) -> bool:
    """Tell whether a cell has the parameters that the options need: Prada2013 has none of heat."""
    needed = needed_parameters(Model(options=dict(options)))
    return needed <= parameter_defaults(parameter_set).keys()
