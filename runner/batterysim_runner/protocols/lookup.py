"""A long table of values over time, as a function that the solver can look up quickly."""

from typing import Any, Self

import casadi
import numpy as np
import pybamm
from numpy.typing import NDArray


class Lookup(pybamm.Interpolant):  # type: ignore[misc]
    """Linear between its points, as PyBaMM's own interpolant, and equal to it but for rounding.

    PyBaMM gives CasADi the points as constants, and CasADi copies them at each look, so that the time for a
    profile grows with the square of its length (docs/decisions/025-long-profiles.md). As a function of
    CasADi's own they stay where they are.
    """

    def __init__(self, times: NDArray[np.float64], values: NDArray[np.float64], **copied: Any) -> None:
        super().__init__(times, values, pybamm.t, **copied)

    def create_copy(self, new_children: Any = None, perform_simplifications: bool = True) -> Self:  # noqa: ARG002 - PyBaMM's own signature
        """Return the same: it depends on nothing but time."""
        return type(self)(self.x[0], self.y, name=self.name, entries_string=self.entries_string)

    def _linear_to_casadi(self, converted_children: list[casadi.MX]) -> casadi.MX:
        table = casadi.interpolant("lookup", "linear", [self.x[0]], self.y, {"lookup_mode": ["binary"]})
        return table(converted_children[0])
