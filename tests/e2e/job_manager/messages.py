"""A hundred messages as users of the existing system send them, and what must become of each."""

import random
from collections.abc import Iterator
from typing import NamedTuple

from tests.e2e.job_manager.db_service import Record
from tests.e2e.job_manager.managers import Message

HOUR = 3600.0
CELL_POINTS = 100
DRIVE_CYCLE_POINTS = 601


class Wanted(NamedTuple):
    """A form, and what it must end as."""

    simulation_type: str
    time: float = 1.0
    upper: float = 4.2
    lower: float = 2.5
    nominal: float = 5.0
    current: float = 5.0
    is_run: bool = True
    """Whether it can be tried at all."""
    has_points: bool = True
    """Whether there is a result."""

    def message(self, message_id: str) -> Message:
        """Return the message, as the Queue Service has it."""
        return Message(
            message_id,
            {
                "simulationType": self.simulation_type,
                "time": self.time,
                "upperVoltage": self.upper,
                "lowerVoltage": self.lower,
                "nominalCell": self.nominal,
                "controlCurrent": self.current,
            },
        )

    def check(self, record: Record) -> None:
        """Check that a record is of this form."""
        assert record.simulationType == self.simulation_type
        assert record.jobStarted is self.has_points
        if not self.has_points:
            assert record.simulationResults is None
            return
        assert record.simulationResults is not None
        first, last = record.simulationResults[0], record.simulationResults[-1]
        assert (first.time, first.dcap) == (0.0, 0.0)
        if self.simulation_type == "driveCycle":
            assert (len(record.simulationResults), last.time) == (DRIVE_CYCLE_POINTS, 600.0)
            return
        assert first.current == last.current == self.current
        is_cut_short = last.time < self.time * HOUR
        assert is_cut_short or len(record.simulationResults) == CELL_POINTS
        if is_cut_short:
            limit = self.lower if self.current > 0 else self.upper
            assert abs(last.voltage - limit) < 1e-3


DISCHARGES = [
    Wanted("cell", time=hours, current=amperes) for hours in (0.5, 1.0) for amperes in (1, 2.5, 4, 5)
]
CHARGES = [Wanted("cell", upper=4.4, current=amperes) for amperes in (-0.5, -1.0)]
REST = Wanted("cell", current=0.0)
DRIVE_CYCLES = [
    Wanted("driveCycle", time=0.0, current=0.0),
    # Ignored: it is the same simulation.
    Wanted("driveCycle", time=7.0, current=3.0),
    Wanted("driveCycle", upper=4.3),
]
INFEASIBLE_STARTS = [
    Wanted("cell", upper=4.0, has_points=False),
    Wanted("cell", lower=4.15, has_points=False),
    Wanted("driveCycle", upper=4.0, has_points=False),
]
# What a user left out arrives as 0.0.
IMPOSSIBLE = [
    Wanted("cell", time=0.0, is_run=False, has_points=False),
    Wanted("cell", nominal=0.0, is_run=False, has_points=False),
    Wanted("cell", upper=0.0, is_run=False, has_points=False),
    Wanted("cell", 0.0, 0.0, 0.0, 0.0, 0.0, is_run=False, has_points=False),
    Wanted("driveCycle", 0.0, 0.0, 0.0, 0.0, 0.0, is_run=False, has_points=False),
]
ALL = [*DISCHARGES, *CHARGES, REST, *DRIVE_CYCLES, *INFEASIBLE_STARTS, *IMPOSSIBLE]
DISTINCT_RUNS = sum(wanted.is_run for wanted in ALL) - 1
"""Simulations that they are: two of the drive cycles are one."""


def mixed(count: int, seed: int) -> Iterator[Wanted]:
    """Yield each form at least once, and some again, in a mixed order."""
    chance = random.Random(seed)
    wanted = [*ALL, *chance.choices(ALL, k=count - len(ALL))]
    chance.shuffle(wanted)
    yield from wanted
