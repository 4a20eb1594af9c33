"""What a sweep takes from each result: numbers, the one by which it ranks points, and series."""

from typing import Annotated, Literal

from pydantic import Field

from batterysim.contract import Contract, Rule, exactly_one
from batterysim.names import SWEEP_COLUMN_PATTERN
from batterysim.spec.measured import Measured
from batterysim.spec.number import NUMBER
from batterysim.spec.protocols.amounts import VariableName

Statistic = Literal["Min", "Max", "Mean", "Last", "RootMeanSquare"]
Goal = Literal["Minimise", "Maximise"]
# With a length, without which the API server takes the pattern for too expensive a rule.
ColumnName = Annotated[str, Field(pattern=SWEEP_COLUMN_PATTERN, max_length=63)]


class Metric(Contract):
    """A number from the series of each result."""

    rules = (
        exactly_one("at_seconds", "statistic"),
        Rule(
            "!has(self.against) || has(self.statistic)",
            "against needs a statistic, such as RootMeanSquare",
            lambda given: given.against is None or given.statistic is not None,
        ),
    )

    name: ColumnName
    """The metric's column in the table."""
    column: VariableName
    """A column of the result, for example "Voltage [V]"."""
    at_seconds: Annotated[float, Field(ge=0, le=31_536_000), NUMBER] | None = None
    """The value at this time. Empty in the table for a run that ends earlier."""
    statistic: Statistic | None = None
    """Min, Max, Last, or the Mean or RootMeanSquare over time."""
    against: Measured | None = None
    """Take the statistic of the result minus these data, at the times of the data. Empty in the table for a
    run that ends before the data do."""


class Objective(Contract):
    """How points are ranked. It does not decide which points are solved."""

    metric: ColumnName
    """Name of a metric, or of a number of the summary, for example dischargeEnergyWattHours."""
    goal: Goal
    """Minimise: the lowest value is the best. Maximise: the highest."""


class KeptSeries(Contract):
    """Which points' results are kept whole, in a file each, in addition to their row."""

    keep: Literal["None", "Best", "All"] = "None"
    """None: only the table. Best: the ten best points by spec.objective. All: every point."""
