"""A solved run as plain arrays, and the charge and energy in it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterysim.cycle_record import Ageing, CycleRecord
from batterysim.results import (
    CURRENT,
    DEFAULT_COLUMNS,
    DISCHARGE_CAPACITY,
    TIME,
    VOLTAGE,
    Column,
    EndReason,
    SolvedFrom,
    StepRecord,
)
from batterysim_runner.errors import SolverFailedError
from batterysim_runner.report.comparison import Comparison
from batterysim_runner.report.integrals import Mask, Pieces
from batterysim_runner.report.sums import Sums

if TYPE_CHECKING:
    from batterysim_runner.continuation.final_state import FinalState

SECONDS_PER_HOUR = 3600.0

C_RATE = "C-rate"
HEATING = "Heating with contacts [W]"
"""All heat that arises in a cell. PyBaMM's "Total heating [W]" is without that of a contact resistance."""

Series = dict[str, NDArray[np.float64]]
"""Arrays of one length by column name."""


class Integrand(NamedTuple):
    """Series for integrals over time.

    halves: which of the points lie between two others in a smooth part of the run, so that Simpson's rule
        holds over both intervals.
    """

    values: Series
    halves: Mask

    @property
    def pieces(self) -> Pieces:
        """The pieces of its time, over which its series are integrated."""
        return Pieces(self.values[TIME.name], self.halves)

    def only(self, names: Iterable[str]) -> "Integrand":
        """Return it with these columns, as far as it has them, and the time."""
        return Integrand({n: self.values[n] for n in {TIME.name, *names} if n in self.values}, self.halves)


class Trace(NamedTuple):
    """Series by column name, all of one length, on the integration grid; of an impedance, over frequency.

    values: the result's columns, and what only its summary needs: C_RATE and, where there is heat, HEATING.
    in_output: which of the points go into the result; the last one always does.
    steps, cycles: how each step and each whole cycle of an experiment went; None for other protocols.
    columns: the result's columns, in their order.
    current_is_given: whether the protocol says the current at each point. Else it is an outcome.
    limiting_cell: the cell of a pack whose cut-off ended the run.
    halves: see Integrand; None: none does.
    integrand: what is integrated in the place of the values: series at more points, between those that the
        solver has; None: the values themselves. An experiment has those columns in it that were asked for.
    sums: what an experiment adds up to, which is kept in the place of what is integrated; None: it follows
        from that.
    comparisons: with measured data, whose columns are then among the others.
    ageing: how far a cell that was stored had aged at the first and at the last point; None for other runs.
    state_of: returns the cell's state at the last point, for another run to go on from; None: it cannot.
    began_from: the state of an earlier run that this one went on from.
    failure: why the solver gave up after the last point, for a person; None: it did not.
    """

    values: Series
    in_output: Mask
    end_reason: EndReason
    steps: list[StepRecord] | None = None
    cycles: list[CycleRecord] | None = None
    columns: tuple[Column, ...] = DEFAULT_COLUMNS
    current_is_given: bool = True
    limiting_cell: str | None = None
    halves: Mask | None = None
    integrand: Integrand | None = None
    sums: Sums | None = None
    solved_from: SolvedFrom = SolvedFrom.MODEL
    comparisons: tuple[Comparison, ...] = ()
    ageing: tuple[Ageing | None, Ageing | None] | None = None
    state_of: "Callable[[], FinalState | None] | None" = None
    began_from: "FinalState | None" = None
    failure: str | None = None

    @property
    def state(self) -> "FinalState | None":
        """The cell's state at the last point, for another run to go on from; None: it cannot."""
        return None if self.state_of is None else self.state_of()

    def output(self) -> Series:
        """Return the result's columns at the points of the result."""
        return {column.name: self.values[column.name][self.in_output] for column in self.columns}


class PartlySolvedError(SolverFailedError):
    """The equations could not be solved to the end. partial: the run until then, which says why."""

    def __init__(self, partial: Trace) -> None:
        super().__init__(partial.failure or "")
        self.partial = partial


def charge_and_energy(
    values: Series, *, by_state: bool = False, pieces: Pieces | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return charge (A.h) and energy (W.h) drawn in each piece of the time, both of one shape.

    Energy is the integral of current times voltage. So is charge that of the current where it is given
    beforehand, while PyBaMM's own "Discharge capacity [A.h]" is a state of the solver and carries its
    tolerance. Where the current is an outcome, the state is the better of the two
    (docs/decisions/002-charge-and-energy.md).

    by_state: take the charge from the state; then what is returned is of each interval between two points.
    pieces: of the time; None: each interval between two points is one.
    """
    times, current, voltage, capacity = (
        values[column.name] for column in (TIME, CURRENT, VOLTAGE, DISCHARGE_CAPACITY)
    )
    pieces = Pieces(times) if pieces is None else pieces
    if not by_state:
        charge, energy = pieces.of(current), pieces.of_product(current, voltage)
        return charge / SECONDS_PER_HOUR, energy / SECONDS_PER_HOUR
    charge = np.diff(capacity)
    energy = charge * ((voltage[:-1] + voltage[1:]) / 2 + pieces.bends(voltage))
    # what the product of both adds, where they are taken as linear
    energy += np.diff(times) * np.diff(current) * np.diff(voltage) / 12 / SECONDS_PER_HOUR
    return charge, energy
