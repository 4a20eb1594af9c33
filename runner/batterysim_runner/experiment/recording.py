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
    StepRecord,
)
from batterysim_runner.report.trace import Integrand, Series, Trace, charge_and_energy
from batterysim_runner.report.turns import split_where_current_turns


class Points(NamedTuple):
    """The points of one step or of many.

    in_output: which of them go into the result.
    integrand: what is integrated: more of them, without the numbers of cycle and step.
    """

    values: Series
    in_output: NDArray[np.bool_]
    integrand: Integrand

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
        self.steps: list[StepRecord] = []
        self.cycles: list[CycleRecord] = []

    @classmethod
    def of(cls, points: Points, steps: list[StepRecord], cycles: list[CycleRecord]) -> "Recording":
        """Return what has been recorded before, up to the end of a cycle."""
        recording = cls()
        recording.add(points)
        recording._cycle_begins = 1
        recording.steps = steps
        recording.cycles = cycles
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

    def measure_cycle(self, cycle: int, ageing: Ageing | None) -> CycleRecord:
        """Return what the cycle that is under way has done."""
        return _cycle_record(cycle, _join(self._points[self._cycle_begins :]), ageing)

    def close_cycle(self) -> None:
        """End the cycle that is under way."""
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
            self.steps,
            self.cycles or None,
            (*columns, *EXPERIMENT_COLUMNS),
            current_is_given=False,
            integrand=points.integrand,
        )


def _join(pieces: list[Points]) -> Points:
    return Points(
        _joined([piece.values for piece in pieces]),
        np.concatenate([piece.in_output for piece in pieces]),
        Integrand(
            _joined([piece.integrand.values for piece in pieces]),
            np.concatenate([piece.integrand.halves for piece in pieces]),
        ),
    )


def _joined(pieces: list[Series]) -> Series:
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def exchanged(integrand: Integrand) -> Exchanged:
    """Return what a part of an experiment has exchanged."""
    split = Integrand(*split_where_current_turns(*integrand))
    charge, energy = charge_and_energy(split.values, by_state=True, pieces=split.pieces)
    return Exchanged(
        discharge_capacity_ampere_hours=float(charge[charge > 0].sum()),
        charge_capacity_ampere_hours=float(abs(charge[charge < 0].sum())),
        discharge_energy_watt_hours=float(energy[energy > 0].sum()),
        charge_energy_watt_hours=float(abs(energy[energy < 0].sum())),
    )


def _cycle_record(cycle: int, points: Points, ageing: Ageing | None) -> CycleRecord:
    times, voltage = points.values[TIME.name], points.values[VOLTAGE.name]
    volt_seconds = points.integrand.pieces.of(points.integrand.values[VOLTAGE.name]).sum()
    return CycleRecord(
        cycle=cycle,
        end_time_seconds=float(times[-1]),
        **exchanged(points.integrand),
        min_volts=float(voltage.min()),
        mean_volts=float(volt_seconds / (times[-1] - times[0])),
        max_volts=float(voltage.max()),
        ageing=ageing,
    )
