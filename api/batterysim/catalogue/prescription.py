"""What a protocol sets as a function of time, where that is known beforehand."""

from functools import lru_cache
from typing import NamedTuple

from batterysim.catalogue.parameters import drive_cycle, drive_cycle_quantity
from batterysim.catalogue.profile_csv import MIN_INTERVAL_SECONDS, ProfileError, Table, read_profile
from batterysim.spec.protocol import (
    ConstantCurrent,
    ConstantPower,
    DriveCycle,
    Profile,
    ProfileQuantity,
    Protocol,
    Rest,
)

SEAM_SECONDS = MIN_INTERVAL_SECONDS / 2
"""In so long the value goes from the last row to the first one, between two repetitions."""


class Prescription(NamedTuple):
    """A quantity over time, linear between the points.

    duration_seconds: of all repetitions.
    value: what it is where there is no table; of a C-rate where `is_rate`, else in the quantity's unit.
    table: one repetition of what changes.
    """

    quantity: ProfileQuantity
    duration_seconds: float
    value: float = 0.0
    is_rate: bool = False
    table: Table | None = None
    repeat: int = 1

    @property
    def point_count(self) -> int:
        """How many points all repetitions have together, known without making them."""
        if self.table is None:
            return 2
        rows = len(self.table.times_seconds)
        return self.repeat * (rows - 1) + 1 if _joins(self.table) else self.repeat * rows

    def whole_table(self) -> Table | None:
        """Return all repetitions, which are as many as a user likes: not for a process that serves many."""
        return None if self.table is None else repeated(self.table, self.repeat)


def prescription(protocol: Protocol) -> Prescription | None:
    """Return what a protocol sets over time; None where that is an outcome: cccv, experiments, impedance.

    Raises:
        ProfileError: the profile's CSV is wrong.
    """
    match protocol.given:
        case ConstantCurrent() as constant:
            return _constant_current(constant)
        case ConstantPower() as power:
            return Prescription("Power", power.duration_seconds, power.power_watts)
        case Rest() as rest:
            return Prescription("Current", rest.duration_seconds)
        case DriveCycle() as cycle:
            scale = 1.0 if cycle.scale is None else cycle.scale
            return _of_table(drive_cycle_quantity(cycle.name), drive_cycle(cycle.name), scale, cycle.repeat)
        case Profile(csv=str(text)) as profile:
            return _of_table(profile.quantity, _read(text, profile.quantity), profile.scale, profile.repeat)
        case _:
            return None


def profile_complaint(protocol: Protocol) -> str | None:
    """Say what is wrong with a profile's CSV; None if nothing is, or it is not known yet."""
    if protocol.profile is None or protocol.profile.csv is None:
        return None
    try:
        _read(protocol.profile.csv, protocol.profile.quantity)
    except ProfileError as error:
        return str(error)
    return None


def duration_seconds(protocol: Protocol) -> float | None:
    """Return how long a protocol takes at most; None where that is not known beforehand."""
    if protocol.constant_voltage is not None:
        return protocol.constant_voltage.duration_seconds
    if profile_complaint(protocol) is not None:
        return None
    prescribed = prescription(protocol)
    return None if prescribed is None else prescribed.duration_seconds


def repeated(table: Table, times: int) -> Table:
    """Return a table that is followed so many times, which takes so many times as long.

    Where it ends with another value than it begins with, the seam is a ramp of SEAM_SECONDS at the start of
    the next repetition, because a function of time cannot jump.
    """
    all_times, all_values = list(table.times_seconds), list(table.values)
    for repetition in range(1, times):
        start = repetition * table.duration_seconds
        if not _joins(table):
            all_times.append(start + SEAM_SECONDS)
            all_values.append(table.values[0])
        all_times += [start + time for time in table.times_seconds[1:]]
        all_values += table.values[1:]
    return Table(tuple(all_times), tuple(all_values))


def _joins(table: Table) -> bool:
    return table.values[0] == table.values[-1]


def _constant_current(constant: ConstantCurrent) -> Prescription:
    if constant.c_rate is not None:
        return Prescription("Current", constant.duration_seconds, constant.c_rate, is_rate=True)
    return Prescription("Current", constant.duration_seconds, constant.current_amperes or 0.0)


def _of_table(quantity: ProfileQuantity, table: Table, scale: float, repeat: int) -> Prescription:
    scaled = Table(table.times_seconds, tuple(scale * value for value in table.values))
    return Prescription(quantity, repeat * table.duration_seconds, table=scaled, repeat=repeat)


# A few, because it is the same one that is looked at again and again.
@lru_cache(maxsize=4)
def _read(text: str, quantity: ProfileQuantity) -> Table:
    return read_profile(text, quantity)
