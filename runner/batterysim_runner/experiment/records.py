"""The records of an experiment's steps and cycles: those of every n-th cycle, and of the last one."""

from dataclasses import dataclass, field

from batterysim.cycle_record import Ageing, CycleRecord
from batterysim.results import StepRecord


@dataclass
class Records:
    """Grow by every n-th cycle. An experiment may end at any time, so each cycle is kept until the next.

    steps, cycles: of every n-th cycle.
    last_steps: of the cycle that has begun last, unless they are among these.
    last_cycle: the last complete one, unless it is among these.
    last_end: what ended the last step that began, whichever cycle it is of.
    """

    steps: list[StepRecord] = field(default_factory=list)
    cycles: list[CycleRecord] = field(default_factory=list)
    last_steps: list[StepRecord] = field(default_factory=list)
    last_cycle: CycleRecord | None = None
    last_end: str | None = field(init=False)

    def __post_init__(self) -> None:
        done = [step.ended_by for step in self.all_steps if step.begin_volts is not None]
        self.last_end = done[-1] if done else None

    def add_step(self, step: StepRecord, *, regular: bool) -> None:
        """Add a step. regular: whether its cycle is an n-th one."""
        if self.last_steps and self.last_steps[0].cycle != step.cycle:
            self.last_steps = []
        if step.begin_volts is not None:
            self.last_end = step.ended_by
        (self.steps if regular else self.last_steps).append(step)

    def add_cycle(self, cycle: CycleRecord, *, regular: bool) -> None:
        """Add a complete cycle. regular: whether it is an n-th one."""
        self.last_cycle = None if regular else cycle
        if regular:
            self.cycles.append(cycle)

    def set_ageing(self, ageing: Ageing | None) -> None:
        """Say how far the cell has aged in the last cycle, which is not an n-th one."""
        assert self.last_cycle is not None  # noqa: S101 - said of a cycle that has been added
        self.last_cycle = self.last_cycle.model_copy(update={"ageing": ageing})

    @property
    def all_steps(self) -> list[StepRecord]:
        """The records of steps, in the order of time."""
        return self.steps + self.last_steps

    @property
    def all_cycles(self) -> list[CycleRecord]:
        """The records of complete cycles, in the order of time."""
        return self.cycles if self.last_cycle is None else [*self.cycles, self.last_cycle]
