"""What a protocol sets as a function of time, where that is known beforehand."""

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, assert_never

from batterysim.catalogue.parameters import drive_cycle
from batterysim.catalogue.profile_csv import C_RATE, MIN_INTERVAL_SECONDS, ProfileError, Table, read_profile
from batterysim.spec.protocols.drive_cycle import DRIVE_CYCLES, DriveCycle
from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.protocols.profile import Profile
from batterysim.spec.protocols.protocol import (
    Cccv,
    ConstantCurrent,
    ConstantPower,
    ConstantVoltage,
    Impedance,
    Protocol,
    Rest,
)

SEAM_SECONDS = MIN_INTERVAL_SECONDS / 2
"""In so long the value goes from the last row to the first one, between two repetitions."""


class Quantity(StrEnum):
    """The quantity that is set over time; the other two are outcomes."""

    CURRENT = "Current"
    POWER = "Power"
    VOLTAGE = "Voltage"


class Prescription(NamedTuple):
    """A quantity over time, linear between the points.

    duration_seconds: of all repetitions.
    value: what it is where there is no table.
    is_rate: whether value and table are C-rates, and not in the quantity's unit.
    table: one repetition of what changes.
    """

    quantity: Quantity
    duration_seconds: float
    value: float = 0.0
    is_rate: bool = False
    table: Table | None = None
    repeat: int = 1

    def in_amperes(self, one_c_amperes: float) -> "Prescription":
        """Return it without C-rates; one_c_amperes: the current of a C-rate of 1."""
        if not self.is_rate:
            return self
        table = None if self.table is None else _scaled(self.table, one_c_amperes)
        return self._replace(value=self.value * one_c_amperes, table=table, is_rate=False)

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
    match given := protocol.given:
        case ConstantCurrent():
            return _constant_current(given)
        case ConstantPower():
            return Prescription(Quantity.POWER, given.duration_seconds, given.power_watts)
        case Rest():
            return Prescription(Quantity.CURRENT, given.duration_seconds)
        case DriveCycle() | Profile():
            return prescribed_by(given)
        case ConstantVoltage() | Cccv() | Experiment() | Impedance():
            return None
        case _:
            assert_never(given)


def prescribed_by(given: DriveCycle | Profile) -> Prescription | None:
    """Return what a drive cycle or profile sets over time; None where its CSV has not been read.

    Raises:
        ProfileError: the profile's CSV is wrong.
    """
    return _drive_cycle(given) if isinstance(given, DriveCycle) else _profile(given)


def profile_complaint(profile: Profile | None) -> str | None:
    """Say what is wrong with a profile's CSV; None if nothing is, or it is not known yet."""
    if profile is None or profile.csv is None:
        return None
    try:
        _read(profile.csv, profile.quantity)
    except ProfileError as error:
        return str(error)
    return None


def duration_seconds(protocol: Protocol) -> float | None:
    """Return how long a protocol takes at most; None where that is not known beforehand."""
    if protocol.constant_voltage is not None:
        return protocol.constant_voltage.duration_seconds
    if profile_complaint(protocol.profile) is not None:
        return None
    prescribed = prescription(protocol)
    return None if prescribed is None else prescribed.duration_seconds


def repeated(table: Table, times: int) -> Table:
    """Return a table that is followed several times, which takes that many times as long.

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


def _drive_cycle(cycle: DriveCycle) -> Prescription:
    quantity = Quantity(DRIVE_CYCLES[cycle.name].quantity)
    return _of_table(quantity, drive_cycle(cycle.name), cycle.scale, cycle.repeat)


def _profile(profile: Profile) -> Prescription | None:
    if profile.csv is None:
        return None
    table = _read(profile.csv, profile.quantity)
    if profile.quantity == C_RATE:
        return _of_table(Quantity.CURRENT, table, profile.scale, profile.repeat)._replace(is_rate=True)
    return _of_table(Quantity(profile.quantity), table, profile.scale, profile.repeat)


def _constant_current(constant: ConstantCurrent) -> Prescription:
    if constant.c_rate is not None:
        return Prescription(Quantity.CURRENT, constant.duration_seconds, constant.c_rate, is_rate=True)
    return Prescription(Quantity.CURRENT, constant.duration_seconds, constant.current_amperes or 0.0)


def _of_table(quantity: Quantity, table: Table, scale: float | None, repeat: int) -> Prescription:
    scaled = _scaled(table, 1.0 if scale is None else scale)
    return Prescription(quantity, repeat * table.duration_seconds, table=scaled, repeat=repeat)


def _scaled(table: Table, factor: float) -> Table:
    return Table(table.times_seconds, tuple(factor * value for value in table.values))


# A few, because it is the same one that is looked at again and again.
@lru_cache(maxsize=4)
def _read(text: str, quantity: str) -> Table:
    return read_profile(text, quantity)
