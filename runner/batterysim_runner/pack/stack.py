"""All variables of a pack as one vector.

A solver that is asked for hundreds of variables reads the whole state for each of them at each point, which
takes longer than solving. PyBaMM lets a variable be a vector over a mesh; the mesh here is the list of names.
"""

from collections.abc import Container, Mapping, Sequence

import casadi
import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim_runner.model.series import Observables
from batterysim_runner.pack.cell import casadi_symbol

STACK = "Pack variables"


class StackedObservables(Observables):
    """Observables of a model whose only variable is the stack of them."""

    def of(
        self,
        solution: pybamm.Solution,
        times: NDArray[np.float64] | None = None,
        only: Container[str] | None = None,
    ) -> dict[str, NDArray[np.float64]]:
        """Return the series at the solution's own points, or at others where it keeps its states."""
        if times is None:
            columns = solution[STACK].entries
        elif solution.variables_returned:
            raise NotImplementedError("a solution that keeps no states has values at its own points only")
        else:
            columns = solution[STACK](t=times, x=np.arange(len(self.names)) + 0.5)
        series = dict(zip(self.names, np.asarray(columns), strict=True))
        return {name: column for name, column in series.items() if only is None or name in only}


def stack(variables: Mapping[str, pybamm.Symbol], names: Sequence[str], state_count: int) -> pybamm.Symbol:
    """Return the named variables, of a model with this many states, one below the other."""
    time, states = casadi.MX.sym("t"), casadi.MX.sym("y", state_count)
    converted: dict[pybamm.Symbol, casadi.MX] = {}
    rows = [variables[name].to_casadi(time, states, casadi_symbols=converted) for name in names]
    function = casadi.Function("stack", [time, states], [casadi.vertcat(*rows)])
    mesh = pybamm.SubMesh1D(np.arange(len(names) + 1.0), "cartesian")
    domains = {"primary": STACK, "secondary": "", "tertiary": ""}
    everything = pybamm.StateVector(slice(0, state_count), domain=STACK)
    return casadi_symbol(function, STACK, pybamm.t, everything).with_meshes({STACK: mesh}, domains)
