"""What a user writes: the spec of a BatterySweep."""

from typing import Annotated

from pydantic import Field

from batterysim.contract import Contract, Rule
from batterysim.spec.simulation import Physics
from batterysim.sweep.design import Design
from batterysim.sweep.metric import KeptSeries, Metric, Objective
from batterysim.sweep.run_policy import SweepRun
from batterysim.sweep.variation import Variation


class BatterySweepSpec(Contract):
    """One simulation with many values."""

    rules = (
        Rule(
            "has(self.design.table) == (!has(self.vary) || self.vary.size() == 0)",
            "write vary with at least one field or parameter, or design.table without vary",
            lambda spec: (spec.design.table is not None) == (not spec.vary),
        ),
        Rule(
            "self.series.keep != 'Best' || has(self.objective)",
            "series.keep Best needs an objective, which says which points are the best",
            lambda spec: spec.series.keep != "Best" or spec.objective is not None,
        ),
    )

    simulation: Physics
    """The simulation that is solved at each point: the spec of a BatterySimulation without callback and run.
    It is valid by itself; the values of a point take the place of its own."""
    vary: Annotated[list[Variation], Field(max_length=50, default_factory=list)]
    """The fields and parameters that vary."""
    design: Design
    """Which of their values are combined."""
    metrics: Annotated[list[Metric], Field(max_length=20, default_factory=list)]
    """Numbers from each result, in addition to its summary."""
    objective: Objective | None = None
    """How points are ranked. Default: not at all."""
    series: KeptSeries = KeptSeries()
    """Which points' results are kept whole."""
    run: SweepRun = SweepRun()
    """How the sweep is run."""
