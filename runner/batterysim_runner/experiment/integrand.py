"""The integrand of a step of an experiment: its series, at points between those of the solver."""

from collections.abc import Iterable

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.results import OPEN_CIRCUIT_VOLTAGE, VOLTAGE
from batterysim_runner.model.series import Observables
from batterysim_runner.report.integrals import Pieces
from batterysim_runner.report.summing import SUMMED
from batterysim_runner.report.trace import Integrand

Numbers = NDArray[np.float64]

PARTS = (2, 2, 4, 8, 16, 32)
"""Into how many each of the solver's steps is parted for integrals: the first number that is enough. From the
second one on there are more points towards the end, because a voltage falls ever faster to a cut-off."""

MOST_BENT = 1e-4
"""How far a step's mean voltage may be from that of straight lines, as a part of the voltage. What Simpson's
rule leaves of it is a tenth."""

MOST_BENT_LOSS = 1e-2
"""The same, as a part of the mean distance from the open-circuit voltage, which makes the resistance."""

NEVER_BENT = 1e-6
"""In V: the voltage of a cell at rest is not looked at closer."""

MOST_POINTS = 2_000_000
"""Of a step, in 200 MB: one that the solver has very many points of gets fewer between them."""

HALVINGS = 2.0 ** -np.arange(1.0, 9.0)
"""Parts of the solver's last step that are left at more points before its end."""


def integrand_of(
    solution: pybamm.Solution, wanted: Observables, more: Iterable[str] = (), most: int = MOST_POINTS
) -> Integrand:
    """Return what is summed up, at as many points as it takes for the voltage between them to be a parabola.

    The solver's steps are as long as its tolerance allows, which says nothing about how the voltage bends in
    them. Extremes are not looked for there: right after a jump the points between its own are inexact.

    more: columns that it is to have in addition. most: points, unless the fewest are more.
    """
    own, names = np.unique(solution.t), SUMMED.union(more)
    if len(own) < 2 or solution.variables_returned:
        return Integrand(wanted.of(solution, only=names), np.full(len(solution.t), False))
    times, halves = _parted(own, PARTS[0], np.empty(0))
    for parts in PARTS[1:]:
        looked_at = wanted.of(solution, times, (VOLTAGE.name, OPEN_CIRCUIT_VOLTAGE.name))
        volts = looked_at[VOLTAGE.name]
        most_bent = MOST_BENT * abs(volts).max()
        if OPEN_CIRCUIT_VOLTAGE.name in looked_at:
            lost = abs(looked_at[OPEN_CIRCUIT_VOLTAGE.name] - volts)
            most_bent = min(most_bent, max(MOST_BENT_LOSS * lost.mean(), NEVER_BENT))
        bent = np.diff(times) @ abs(Pieces(times, halves).bends(volts)) / (times[-1] - times[0])
        finer = _parted(own, parts, HALVINGS)
        if bent <= most_bent or len(finer[0]) > most:
            break
        times, halves = finer
    return Integrand(wanted.of(solution, times, names), halves)


def _parted(own: Numbers, parts: int, left: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return points between the solver's own, and which of them lie between two others.

    left: parts of the last step that are left at more points.
    """
    ends = np.concatenate([own[:-1], own[-1] - (own[-1] - own[-2]) * left, own[-1:]])
    lengths = np.diff(ends)[:, np.newaxis]
    between = ends[:-1, np.newaxis] + lengths * (np.arange(parts) / parts)
    times = np.unique(np.append(between, own))
    return times, np.isin(times, between[:, 1::2])
