"""Functions of matrices taken apart into scalar operations, with the same results to the last bit."""

from collections.abc import Iterator
from contextlib import contextmanager

import casadi


def in_scalars(function: casadi.Function, name: str) -> casadi.Function | None:
    """Return the same function under a name, in scalar operations; None: it has a spline."""
    taken = function.sx_in()
    with _literally():
        try:
            results = function.call(taken, True, False)
        except RuntimeError:  # CasADi's only kind of error
            return None
        return casadi.Function(name, taken, results, function.name_in(), function.name_out(), {"cse": True})


@contextmanager
def _literally() -> Iterator[None]:
    """Keep CasADi from rewriting scalar formulas within the block.

    It would round otherwise then, and the solver would now and then repeat a step that it accepts for
    PyBaMM's own functions. The whole process is meant: nothing else may be built by another thread.
    """
    before = casadi.GlobalOptions.getSimplificationOnTheFly()
    casadi.GlobalOptions.setSimplificationOnTheFly(False)
    try:
        yield
    finally:
        casadi.GlobalOptions.setSimplificationOnTheFly(before)
