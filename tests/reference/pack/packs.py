"""Packs to solve, and what each of their cells does."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, spec_of

SPM: Json = {"family": "SPM"}
TIGHT: Json = {"relativeTolerance": 1e-10, "absoluteTolerance": 1e-12}
THICKNESS = "Negative electrode thickness [m]"
SPREAD = [{"parameter": THICKNESS, "relativeStandardDeviation": 0.05}]


def run(pack: Json, **fields: Any) -> Trace:
    """Solve a pack, of SPM cells unless told otherwise."""
    return solve(spec_of(**{"model": SPM, "pack": pack} | fields))


def of_cells(trace: Trace, what: str) -> NDArray[np.float64]:
    """Return a variable of all cells, shape (cells, points)."""
    return np.array(
        [
            series
            for name, series in trace.values.items()
            if name.endswith(f" {what}") and name.startswith("Cell s")
        ]
    )
