"""What the solver makes of compiled equations, and of PyBaMM's own for the same spec.

Both have the same end reason or the same error. Now and then rounding makes the solver repeat a step on one
road that it accepts on the other, and then they agree as well as its tolerances ask for. So those that are
further apart than 1e-8 V or 1e-6 s are solved once more with tight tolerances.
"""

import resource
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from batterysim.checks.validation import parse_spec
from batterysim.results import TIME, VOLTAGE, EndReason, SolvedFrom
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.compiled.library import Library
from batterysim_runner.engine import prepare
from batterysim_runner.errors import RunError
from batterysim_runner.report.trace import Trace
from evidence.compiled.specs import Drawn

MOST_VOLTS = 1e-8
MOST_SECONDS = 1e-6
MOST_CPU_SECONDS = 20

TIGHT = (1e-8, 1e-7, 1e-6)
"""Relative tolerances, until PyBaMM can solve it; the absolute ones are a hundredth of them."""

MOST_TIGHT = 1000
"""How many times the tight relative tolerance both may be apart, in V. PyBaMM differs from itself by up to
4e-8 V where its tolerance is 0.9e-8 in the place of 1e-8; at a steep end, where the voltage falls by 0.3 V in
a second, 1e-5 s are 3e-6 V."""


class Difference(NamedTuple):
    """What differs between two solutions.

    ended: how both ended, or the error of both; where they do not agree, both.
    """

    volts: float
    seconds: float
    ended: str
    agree: bool

    @property
    def is_small(self) -> bool:
        """Whether both are equal."""
        return self.agree and self.volts <= MOST_VOLTS and self.seconds <= MOST_SECONDS


class Comparison(NamedTuple):
    """A spec solved both ways: with its own tolerances, and with tight ones.

    tight: None: not needed. tolerance: the relative one with which that was solved.
    """

    asked: Difference
    tight: Difference | None = None
    tolerance: float | None = None

    @property
    def has_end(self) -> bool:
        """Whether it says something: near the model's limit voltages run away."""
        return self.asked.ended not in (UNENDED.ended, EndReason.MODEL_LIMIT)

    @property
    def is_equal(self) -> bool:
        """Whether both are as near as rounding allows."""
        if not self.has_end or self.asked.is_small:
            return True
        if self.tight is None or self.tolerance is None:
            return False
        return self.tight.agree and self.tight.volts <= MOST_TIGHT * self.tolerance


class Outcome(NamedTuple):
    """How a run ended, or its error, and when; and its voltages."""

    ended: str
    seconds: float
    volts: npt.NDArray[np.float64]


UNENDED = Outcome("no end", 0.0, np.empty(0))
"""With a cut-off ignored, some runs come nearer and nearer to where the equations end."""


def compare(drawn: Drawn, library: Library) -> Comparison:
    """Solve a spec both ways, and once more with tight tolerances if that is not enough."""
    asked = _difference(*_both(drawn.run.spec, library))
    if asked.is_small or asked.ended in (UNENDED.ended, EndReason.MODEL_LIMIT):
        return Comparison(asked)
    for tolerance in TIGHT:
        tight = _difference(*_both(_with_tolerance(drawn.raw, tolerance), library))
        if tight.agree:
            break
    return Comparison(asked, tight, tolerance)


def _both(spec: BatterySimulationSpec, library: Library) -> tuple[Outcome, Outcome]:
    from batterysim_runner.solution import solve  # noqa: PLC0415 - imports PyBaMM, which not all wait for

    prepared = prepare(spec, library)
    if prepared.solved_from is not SolvedFrom.COMPILED:
        raise LookupError("the spec does not fit into what is compiled")
    return _outcome(prepared.solve), _outcome(lambda: solve(spec))


def _with_tolerance(raw: dict[str, Any], tolerance: float) -> BatterySimulationSpec:
    tight = {"relativeTolerance": tolerance, "absoluteTolerance": tolerance / 100}
    return parse_spec(raw | {"solver": raw["solver"] | tight})


def _difference(ours: Outcome, theirs: Outcome) -> Difference:
    agree = ours.ended == theirs.ended and len(ours.volts) == len(theirs.volts)
    most = float(abs(ours.volts - theirs.volts).max(initial=0)) if agree else np.inf
    ended = " / ".join(dict.fromkeys((ours.ended, theirs.ended)))
    return Difference(most, abs(ours.seconds - theirs.seconds), ended, agree)


def _outcome(solve: Callable[[], Trace]) -> Outcome:
    """Solve in a child, which ends when it has taken too long."""
    fork = get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    child = fork.Process(target=_send_outcome, args=(solve, sender))
    child.start()
    sender.close()
    try:
        outcome: Outcome = receiver.recv()
    except EOFError:
        outcome = UNENDED
    child.join()
    if outcome is UNENDED and child.exitcode != -signal.SIGXCPU:
        raise RuntimeError(f"a solve ended with exit code {child.exitcode}")
    return outcome


def _send_outcome(solve: Callable[[], Trace], sender: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 1))
    try:
        trace = solve()
    except RunError as error:
        sender.send(Outcome(f"{error.reason}: {error}", 0.0, np.empty(0)))
    else:
        output = trace.output()
        times, volts = output[TIME.name], output[VOLTAGE.name]
        sender.send(Outcome(str(trace.end_reason), float(times[-1]), volts))
