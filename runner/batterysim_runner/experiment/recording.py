"""What an experiment has given so far: its points, and how each step and cycle went."""

from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from batterysim.cycle_record import Ageing, CycleRecord
from batterysim.results import (
    CYCLE_NUMBER,
    DISCHARGE_CAPACITY,
    EXPERIMENT_COLUMNS,
    STEP_NUMBER,
    TIME,
    VOLTAGE,
    Column,
    EndReason,
)
from batterysim_runner.experiment.records import Records
from batterysim_runner.report.sums import Sums, total
from batterysim_runner.report.trace import Integrand, Series, Trace


class Points(NamedTuple):
    """The points of one step or of many.

    in_output: which of them go into the result.
    sums: what the step, or the steps, add up to.
    finer: some of the columns at the points of the integrals; None: nobody asked for them.
    """

    values: Series
    in_output: NDArray[np.bool_]
    sums: Sums
    finer: Integrand | None = None

    def numbered(self, cycle: int, step: int) -> "Points":
        """Return them with the numbers of their cycle and step."""
        count = len(self.in_output)
        numbers = {
            CYCLE_NUMBER.name: np.full(count, float(cycle)),
            STEP_NUMBER.name: np.full(count, float(step)),
        }
        return self._replace(values=self.values | numbers)


class Exchanged(TypedDict):
    """Charge and energy that went out of the cell and into it, each without subtracting the other."""

    discharge_capacity_ampere_hours: float
    charge_capacity_ampere_hours: float
    discharge_energy_watt_hours: float
    charge_energy_watt_hours: float


class Recording:
    """Grows step by step."""

    def __init__(self) -> None:
        self._points: list[Points] = []
        self._cycle_begins = 0
        self.records = Records()

    @classmethod
    def of(cls, points: Points, records: Records) -> "Recording":
        """Return what has been recorded before, up to the end of a cycle."""
        recording = cls()
        recording.add(points)
        recording._cycle_begins = 1
        recording.records = records
        return recording

    @property
    def is_empty(self) -> bool:
        """Whether no step has been done."""
        return not self._points

    @property
    def charge(self) -> float:
        """The discharge capacity at the last point, in A.h."""
        return float(self._points[-1].values[DISCHARGE_CAPACITY.name][-1]) if self._points else 0.0

    @property
    def last(self) -> Series:
        """The last points; there are some."""
        return self._points[-1].values

    def add(self, points: Points) -> None:
        """Add the points of a step."""
        self._points.append(points)

    def close_cycle(self, cycle: int, ageing: Ageing | None, *, regular: bool) -> None:
        """End the cycle that is under way. regular: see Records."""
        record = _cycle_record(cycle, _join(self._points[self._cycle_begins :]), ageing)
        self.records.add_cycle(record, regular=regular)
        self._cycle_begins = len(self._points)

    def points(self) -> Points:
        """Return all points."""
        return _join(self._points)

    def trace(self, end_reason: EndReason, columns: tuple[Column, ...]) -> Trace:
        """Return the run as it is now, with these columns and those of every experiment."""
        points = self.points()
        return Trace(
            points.values,
            points.in_output,
            end_reason,
            self.records.all_steps,
            self.records.all_cycles or None,
            (*columns, *EXPERIMENT_COLUMNS),
            current_is_given=False,
            integrand=points.finer,
            sums=points.sums,
        )


def _join(pieces: list[Points]) -> Points:
    finer = [piece.finer for piece in pieces if piece.finer is not None]
    return Points(
        _joined([piece.values for piece in pieces]),
        np.concatenate([piece.in_output for piece in pieces]),
        total(piece.sums for piece in pieces),
        None if len(finer) < len(pieces) else _joined_integrand(finer),
    )


def _joined_integrand(pieces: list[Integrand]) -> Integrand:
    halves = np.concatenate([piece.halves for piece in pieces])
    return Integrand(_joined([piece.values for piece in pieces]), halves)


def _joined(pieces: list[Series]) -> Series:
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def exchanged(sums: Sums) -> Exchanged:
    """Return what a part of an experiment has exchanged."""
    return Exchanged(
        discharge_capacity_ampere_hours=sums.discharged_ampere_hours,
        charge_capacity_ampere_hours=sums.charged_ampere_hours,
        discharge_energy_watt_hours=sums.discharged_watt_hours,
        charge_energy_watt_hours=sums.charged_watt_hours,
    )


def _cycle_record(cycle: int, points: Points, ageing: Ageing | None) -> CycleRecord:
    times, voltage = points.values[TIME.name], points.values[VOLTAGE.name]
    return CycleRecord(
        cycle=cycle,
        end_time_seconds=float(times[-1]),
        **exchanged(points.sums),
        min_volts=float(voltage.min()),
        mean_volts=points.sums.volt_seconds / points.sums.seconds,
        max_volts=float(voltage.max()),
        ageing=ageing,
    )
