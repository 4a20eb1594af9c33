"""The order in which the steps of an experiment are run."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.steps.experiment import steps_of

MAX_STEPS_PER_CYCLE = 3000
"""As many steps of one cycle have records in a result."""


class Place(NamedTuple):
    """A step's turn in a cycle.

    step: its index among all steps of the experiment, as they are written.
    block: its block's name; None where there are no blocks.
    repetition: of its block in this cycle, from 1; None where there are no blocks.
    """

    step: int
    block: str | None = None
    repetition: int | None = None


class Program:
    """The steps of each cycle of an experiment."""

    def __init__(self, experiment: Experiment) -> None:
        self._blocks = experiment.blocks
        self.cycles = experiment.cycles
        self._count = len(steps_of(experiment))
        # By the blocks that a cycle has: there are few combinations.
        self._orders: dict[tuple[int, ...], list[Place]] = {}

    def order(self, cycle: int) -> list[Place]:
        """Return the steps of a cycle, counted from 1, in their order."""
        pattern = self._pattern(cycle)
        if pattern not in self._orders:
            self._orders[pattern] = list(self._places(pattern))
        return self._orders[pattern]

    @property
    def longest_cycle(self) -> int:
        """Number of steps in the longest cycle."""
        return max(len(self.order(cycle)) for cycle in range(1, self.cycles + 1))

    def steps_before(self, cycle: int) -> int:
        """Return how many steps come before a cycle."""
        return sum(len(self.order(number)) for number in range(1, cycle))

    def sequence(self) -> list[int]:
        """Return indices of steps in which each way from a step to the next occurs, also between cycles."""
        if self._blocks is None:
            return [*range(self._count)] * min(self.cycles, 2)
        patterns = [self._pattern(cycle) for cycle in range(1, self.cycles + 1)]
        ways = dict.fromkeys(pairwise(patterns)) if len(patterns) > 1 else {(patterns[0],): None}
        return [place.step for way in ways for pattern in way for place in self._places(pattern, most=2)]

    def _pattern(self, cycle: int) -> tuple[int, ...]:
        """Return the numbers of the blocks that a cycle has."""
        if self._blocks is None:
            return ()
        return tuple(number for number, block in enumerate(self._blocks) if block.is_in(cycle))

    def _places(self, pattern: tuple[int, ...], most: int | None = None) -> Iterator[Place]:
        """Yield the steps of these blocks. most: repetitions of a block; None: all that it has."""
        if self._blocks is None:
            yield from map(Place, range(self._count))
            return
        begins = 0
        for number, block in enumerate(self._blocks):
            count = len(block.steps or block.structured_steps or ())
            repeat = block.repeat if most is None else min(block.repeat, most)
            for repetition in range(1, repeat + 1) if number in pattern else ():
                for index in range(begins, begins + count):
                    yield Place(index, block.name or str(number + 1), repetition)
            begins += count
