"""The integrand of a step of an experiment: its series, at points between those of the solver."""

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.results import CURRENT, DISCHARGE_CAPACITY, OPEN_CIRCUIT_VOLTAGE, POWER, TIME, VOLTAGE
from batterysim_runner.model.series import Observables
from batterysim_runner.report.integrals import Pieces
from batterysim_runner.report.trace import HEATING, Integrand

Numbers = NDArray[np.float64]

INTEGRATED = (TIME, CURRENT, VOLTAGE, POWER, DISCHARGE_CAPACITY, OPEN_CIRCUIT_VOLTAGE)
"""The columns that the summary integrates; heat is one more, where the model has it."""

PARTS = (2, 2, 4, 8, 16, 32)
"""Into how many each of the solver's steps is parted for integrals: the first number that is enough. From the
second one on there are more points towards the end, because a voltage falls ever faster to a cut-off."""

MOST_BENT = 1e-4
"""How far a step's mean voltage may be from that of straight lines, as a part of the voltage. What Simpson's
rule leaves of it is a tenth."""

MOST_POINTS = 2_000_000
"""Of a whole experiment, in 200 MB: one of very many steps gets fewer points for its integrals."""

HALVINGS = 2.0 ** -np.arange(1.0, 9.0)
"""Parts of the solver's last step that are left at more points before its end."""


def integrand_of(solution: pybamm.Solution, wanted: Observables, most: int) -> Integrand:
    """Return a step at as many points as it takes for the voltage between them to be a parabola.

    The solver's steps are as long as its tolerance allows, which says nothing about how the voltage bends in
    them. Extremes are not looked for there: right after a jump the points between its own are inexact.

    most: points, unless the fewest are more.
    """
    only = (*(column.name for column in INTEGRATED), HEATING)
    own = np.unique(solution.t)
    found = Integrand(wanted.of(solution, only=only), np.full(len(solution.t), False))
    if len(own) < 2 or solution.variables_returned:
        return found
    for level, parts in enumerate(PARTS):
        times, halves = _parted(own, parts, HALVINGS[: len(HALVINGS) * bool(level)])
        if level and len(times) > most:
            break
        found = Integrand(wanted.of(solution, times, only), halves)
        bends = Pieces(times, halves).bends(found.values[VOLTAGE.name])
        volts = abs(found.values[VOLTAGE.name]).max()
        if np.diff(times) @ abs(bends) <= MOST_BENT * (times[-1] - times[0]) * volts:
            break
    return found


def _parted(own: Numbers, parts: int, left: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return points between the solver's own, and which of them lie between two others.

    left: parts of the last step that are left at more points.
    """
    ends = np.concatenate([own[:-1], own[-1] - (own[-1] - own[-2]) * left, own[-1:]])
    lengths = np.diff(ends)[:, np.newaxis]
    between = ends[:-1, np.newaxis] + lengths * (np.arange(parts) / parts)
    times = np.unique(np.append(between, own))
    return times, np.isin(times, between[:, 1::2])
