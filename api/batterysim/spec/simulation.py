"""What a user writes: the spec of a BatterySimulation.

Sign convention, as in PyBaMM: a positive current discharges the cell, a negative one charges it.
Every number carries its unit in its field's name.
"""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.fields import FieldInfo

from batterysim.contract import Contract, Rule, at_most_one
from batterysim.spec.cell import Cell
from batterysim.spec.measured import MeasuredSeries
from batterysim.spec.model import Model, Solver
from batterysim.spec.number import NUMBER, WHOLE_NUMBER
from batterysim.spec.pack import Pack
from batterysim.spec.protocols.amounts import VariableName
from batterysim.spec.protocols.protocol import PROTOCOL_KINDS, Protocol
from batterysim.spec.run_policy import Callback, Run

CutOffAction = Literal["Stop", "Ignore"]

WITHOUT_DURATION = tuple(name for name, kind in PROTOCOL_KINDS.items() if kind.ends_by_itself)

RUN_FIELDS = ("callback", "run")
"""The receiver of the result, and how the Job is run. All other fields decide the result."""

DEFAULT_POINTS = 101
MAX_POINTS = 1_000_000


class CutOffPolicy(Contract):
    """What happens when the voltage reaches a cut-off. The summary's endReason says which one ended a run."""

    lower: CutOffAction = "Stop"
    """Stop ends the run at lowerCutoffVolts; Ignore continues below it, down to minus twice
    upperCutoffVolts."""
    upper: CutOffAction = "Stop"
    """Stop ends the run at upperCutoffVolts; Ignore continues above it, up to twice its value."""


class Output(Contract):
    """Contents of the result: points in time, and variables in addition to the default ones."""

    rules = (at_most_one("points", "period_seconds", "solver_points"),)

    points: Annotated[int, Field(ge=2, le=MAX_POINTS), WHOLE_NUMBER] | None = None
    """Evenly spaced points over the protocol's duration, both ends included. Not for cccv and experiment,
    whose duration is not known in advance. Default: 101 for a constant current, power, voltage or rest, and
    also until an end before half of the duration; its own points for a profile or drive cycle; the solver's
    own points for cccv and experiment."""
    period_seconds: Annotated[float, Field(ge=0.001, le=31_536_000), NUMBER] | None = None
    """Interval between points. One more point is at the end, in an experiment at the end of each step."""
    solver_points: Literal[True] | None = None
    """Use the solver's own points: dense where the solution changes quickly, sparse where it does not."""
    variables: Annotated[list[VariableName], Field(max_length=100, default_factory=list)]
    """PyBaMM variables in addition to the default ones, by their exact name with its unit, for example
    "X-averaged negative electrode potential [V]". A variable that varies in space is rejected, with the
    averages that exist of it. `batterysim list variables` lists all."""
    measured: Annotated[list[MeasuredSeries], Field(min_length=1, max_length=4)] | None = None
    """Measured data to compare the result with, at most one of each quantity. The result has the data and
    their residual as further columns, the summary the errors, and plots have both curves."""


class Physics(Contract):
    """The simulation: the part of a spec that decides the result."""

    rules = (
        Rule(
            f"!({' || '.join(f'has(self.protocol.{name})' for name in WITHOUT_DURATION)})"
            " || !has(self.output.points)",
            f"output.points is not for {' or '.join(WITHOUT_DURATION)}: set output.periodSeconds instead",
            lambda spec: not spec.protocol.given.ends_by_itself or spec.output.points is None,
        ),
    )

    model: Model = Model()
    """The electrochemical model."""
    cell: Cell
    """The cell and its state at the start."""
    pack: Pack | None = None
    """A pack of such cells, connected in series and in parallel. Default: one cell."""
    protocol: Protocol
    """The load on the cell, or on the pack as a whole."""
    cut_off_policy: CutOffPolicy = CutOffPolicy()
    """What happens at a voltage cut-off."""
    solver: Solver = Solver()
    """Mesh and tolerances."""
    output: Output = Output()
    """Points in time and variables of the result."""


class BatterySimulationSpec(Physics):
    """What to simulate and how to run it."""

    callback: Callback | None = None
    """Where the result is sent at the end."""
    run: Run = Run()
    """Deadline, retries and resources of the Job."""

    def physics(self) -> dict[str, object]:
        """Return the part that decides the result: all but who is told and how the Job is run."""
        return self.model_dump(
            mode="json", by_alias=True, exclude_none=True, include=set(self.physics_fields())
        )

    @classmethod
    def physics_fields(cls) -> dict[str, FieldInfo]:
        """Return the fields that decide the result, by their names in Python."""
        return {name: field for name, field in cls.model_fields.items() if name not in RUN_FIELDS}
