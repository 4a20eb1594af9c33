"""A field or parameter that a sweep varies, and its values."""

from typing import Annotated, Literal

from pydantic import Field

from batterysim.contract import Contract, Rule, exactly_one
from batterysim.spec.cell import ParameterName
from batterysim.spec.number import NUMBER, WHOLE_NUMBER, Number

FieldPath = Annotated[str, Field(min_length=1, max_length=250)]
Word = Annotated[str, Field(max_length=200)]
Levels = Annotated[int, Field(ge=2, le=100_000), WHOLE_NUMBER]

MAX_VALUES = 2000


class Interval(Contract):
    """All numbers from one to another, or a number of them in even steps."""

    rules = (
        Rule(
            "self.from < self.to",
            "from must be below to: swap them or correct one",
            lambda given: given.first < given.last,
            lambda given: (
                f"from ({given.first:g}) must be below to ({given.last:g}): swap them or correct one"
            ),
        ),
        Rule(
            "self.scale == 'Linear' || self.from > 0.0",
            "from must be above 0 on a logarithmic scale: set scale: Linear or raise it",
            lambda given: given.scale == "Linear" or given.first > 0,
        ),
    )

    first: Annotated[float, Field(alias="from"), NUMBER]
    """The lowest value."""
    last: Annotated[float, Field(alias="to"), NUMBER]
    """The highest value."""
    points: Levels | None = None
    """Number of values, both ends included. Required for the designs grid and zip; the other designs choose
    their own values between the ends."""
    scale: Literal["Linear", "Log"] = "Linear"
    """Linear: equal differences between values. Log: equal factors."""


class Normal(Contract):
    """A normal distribution, which may be cut off at both ends."""

    rules = (
        Rule(
            "!has(self.lowest) || !has(self.highest) || self.lowest < self.highest",
            "lowest must be below highest: swap them or correct one",
            lambda given: given.lowest is None or given.highest is None or given.lowest < given.highest,
        ),
    )

    mean: Number
    """Mean, in the unit of the field or parameter."""
    standard_deviation: Annotated[float, Field(gt=0), NUMBER]
    """Standard deviation, in the same unit."""
    lowest: Number | None = None
    """No value is below this one. Default: no limit."""
    highest: Number | None = None
    """No value is above this one. Default: no limit."""


class LogNormal(Contract):
    """A distribution whose logarithm is normal, for quantities that are uncertain by a factor."""

    median: Annotated[float, Field(gt=0), NUMBER]
    """Half of the values are below the median."""
    factor: Annotated[float, Field(gt=1), NUMBER]
    """Geometric standard deviation: 68 % of the values lie between median / factor and median * factor."""


class Distribution(Contract):
    """A probability distribution. A uniform one is a range."""

    rules = (exactly_one("normal", "log_normal"),)

    normal: Normal | None = None
    """A normal distribution."""
    log_normal: LogNormal | None = None
    """A log-normal distribution."""


class Variation(Contract):
    """One field or parameter, and the values that it takes."""

    rules = (
        exactly_one("field", "parameter"),
        exactly_one("values", "words", "range", "factors", "distribution"),
    )

    field: FieldPath | None = None
    """Path of a field below spec.simulation, for example protocol.constantCurrent.cRate. A name with dots in
    it is in brackets and quotes: model.options['SEI']. Values are in the field's unit."""
    parameter: ParameterName | None = None
    """A parameter of the cell by its exact PyBaMM name with its unit, for example "Negative electrode
    thickness [m]": the same as an entry in cell.parameters."""
    values: Annotated[list[float], Field(min_length=1, max_length=MAX_VALUES)] | None = None
    """Numbers."""
    words: Annotated[list[Word], Field(min_length=1, max_length=100)] | None = None
    """Text, for a field such as model.family."""
    range: Interval | None = None
    """Numbers between two ends."""
    factors: Interval | None = None
    """Factors by which the cell's own value of the parameter, or the field's value in spec.simulation, is
    multiplied."""
    distribution: Distribution | None = None
    """A probability distribution, for the designs random, latinHypercube, sobol and saltelli."""

    @property
    def name(self) -> str:
        """The column of the table that has its values."""
        name = self.parameter or self.field
        assert name is not None  # noqa: S101 - a rule
        return name

    @property
    def interval(self) -> Interval | None:
        """The range of its values or factors, if they are given as one."""
        return self.range or self.factors
