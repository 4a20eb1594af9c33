"""Series of numbers out of a solution."""

from collections.abc import Container
from typing import NamedTuple

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.results import Column


class Observables(NamedTuple):
    """The variables that are read from a model's solutions.

    columns: the result's, in their order.
    names: the variables behind them, and those that only the summary needs.
    """

    columns: tuple[Column, ...]
    names: tuple[str, ...]

    def of(
        self,
        solution: pybamm.Solution,
        times: NDArray[np.float64] | None = None,
        only: Container[str] | None = None,
    ) -> dict[str, NDArray[np.float64]]:
        """Return the series at the solution's own points, or at others by the solver's interpolation.

        only: names of those that are needed; None: all.
        """
        return {
            name: np.asarray(
                solution[name].entries if times is None else solution[name](times), dtype=np.float64
            )
            for name in self.names
            if only is None or name in only
        }
