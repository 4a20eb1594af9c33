"""Which part of a result is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from batterysim_client.words import words_of


class Part(TypedDict, total=False):
    """A `Selection` as a caller names it, without the fields that select nothing."""

    variables: Sequence[str]
    every: int | None
    start: float | None
    end: float | None
    points: int | None


@dataclass(frozen=True)
class Selection:
    """Some columns, a window of time, every n-th point, or the shape.

    variables: columns in this order, such as "Voltage [V]", or one; none: all.
    every: only every n-th point of the window.
    start, end: the window of time in seconds, both ends included.
    points: the highest number of points, which include every column's highest and lowest value.
    """

    variables: Sequence[str] = ()
    every: int | None = None
    start: float | None = None
    end: float | None = None
    points: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", words_of(self.variables))

    def query(self) -> list[tuple[str, str]]:
        """Return it as the bridge reads it."""
        rest = {"every": self.every, "from": self.start, "to": self.end, "points": self.points}
        return [
            *(("variables", name) for name in self.variables),
            *((key, f"{value:.17g}") for key, value in rest.items() if value is not None),
        ]
