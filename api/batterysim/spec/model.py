"""Which equations are solved: the model, its options, its mesh and the solver's tolerances."""

from typing import Annotated, Literal

from pydantic import Field

from batterysim.contract import Contract
from batterysim.spec.number import NUMBER, WHOLE_NUMBER
from batterysim.spec.option_value import OptionValue

ModelFamily = Literal["SPM", "SPMe", "DFN", "MPM", "MSMR", "NewmanTobias", "Thevenin"]

OptionName = Annotated[str, Field(min_length=1, max_length=120)]
Points = Annotated[int, Field(ge=3, le=500), WHOLE_NUMBER]


class Model(Contract):
    """Which model is solved."""

    family: ModelFamily = "DFN"
    """SPM (single particle), SPMe (single particle with electrolyte), DFN (Doyle-Fuller-Newman), MPM (many
    particles of different sizes), MSMR (multi-species, multi-reaction), NewmanTobias (porous electrode with
    uniform particles) or Thevenin (equivalent circuit). SPM is the quickest of the first three, DFN the most
    complete."""
    options: Annotated[dict[OptionName, OptionValue], Field(max_length=100, default_factory=dict)]
    """PyBaMM's model options by their own names, for example {"thermal": "lumped", "SEI": "solvent-diffusion
    limited"}. Where PyBaMM takes one value per electrode, write a list in quotation marks, negative first:
    '["2", "1"]'. Unknown names and values are rejected, with the known ones; so are options for which the
    cell lacks parameters. docs/models.md explains the common ones."""


class Mesh(Contract):
    """Number of mesh points in each part of the cell. A part that the model does not divide, such as the
    electrodes of an SPM, takes none and rejects a number."""

    negative_electrode_points: Points | None = None
    """Points across the negative electrode."""
    separator_points: Points | None = None
    """Points across the separator."""
    positive_electrode_points: Points | None = None
    """Points across the positive electrode."""
    negative_particle_points: Points | None = None
    """Points along the radius of a particle of the negative electrode."""
    positive_particle_points: Points | None = None
    """Points along the radius of a particle of the positive electrode."""


class Solver(Contract):
    """How accurately the equations are solved, and for how long. The defaults are PyBaMM's own (IDAKLU)."""

    relative_tolerance: Annotated[float, Field(ge=1e-12, le=1e-2), NUMBER] = 1e-4
    """Relative tolerance of the time integration. 1e-6 costs about twice the time on a drive cycle."""
    absolute_tolerance: Annotated[float, Field(ge=1e-14, le=1e-2), NUMBER] = 1e-6
    """Absolute tolerance of the time integration."""
    mesh: Mesh = Mesh()
    """Number of mesh points in each part of the cell. Default: the model's own (20 each for DFN)."""
    wall_clock_limit_seconds: Annotated[float, Field(gt=0, le=2_592_000), NUMBER] | None = None
    """Stop solving after this many seconds of real time and keep the part solved so far: the end reason is
    then WallClockLimit."""
