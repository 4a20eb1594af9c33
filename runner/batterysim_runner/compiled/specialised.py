"""Equations in which the numbers are built in that are the same for all points of a sweep.

They take a fifth less time: a diffusivity that is a number leaves nothing of its Arrhenius law to compute.
"""

from typing import NamedTuple

import casadi
import numpy as np
from numpy.typing import NDArray

from batterysim_runner.compiled.equations import Equations, Numbers
from batterysim_runner.compiled.file import CompiledFile

SOLVERS_FUNCTIONS = (
    "rhs_alg",
    "jac_times_cjmass",
    "jac_action",
    "alg_res",
    "alg_jac",
    "outputs",
    "events",
)
"""Those that the solver calls at each step. They take the time, the states and the inputs first."""

INPUTS_PLACE = 2


class Specialised(NamedTuple):
    """Equations for simulations some of whose inputs have these values.

    They take all inputs, as the general ones do, but look only at those that are not built in.
    """

    equations: Equations
    values: Numbers
    is_built_in: NDArray[np.bool_]

    def fits(self, inputs: Numbers) -> bool:
        """Tell whether a simulation's numbers are those that are built in."""
        return np.array_equal(inputs[self.is_built_in], self.values[self.is_built_in])


def specialised(compiled: CompiledFile, samples: Numbers) -> Specialised | None:
    """Build in the inputs that are the same in all samples, of shape (samples, inputs).

    None: the equations have a function that cannot be taken apart.
    """
    is_built_in = np.ptp(samples, axis=0) == 0
    blobs = dict(compiled.blobs)
    try:
        for name in SOLVERS_FUNCTIONS:
            general = casadi.Function.deserialize(blobs[name].decode())
            blobs[name] = _with_values(general, samples[0], is_built_in).serialize().encode()
    except RuntimeError:  # CasADi's only kind of error: it does not expand tables of two dimensions, for one
        return None
    return Specialised(Equations(compiled._replace(blobs=blobs)), samples[0], is_built_in)


def _with_values(
    general: casadi.Function, values: Numbers, is_built_in: NDArray[np.bool_]
) -> casadi.Function:
    taken = [casadi.SX.sym(name, general.sparsity_in(name)) for name in general.name_in()]
    handed = list(taken)
    inputs = casadi.SX(values)
    for place in np.flatnonzero(~is_built_in).tolist():
        inputs[place] = taken[INPUTS_PLACE][place]
    handed[INPUTS_PLACE] = inputs
    return casadi.Function(
        general.name(), taken, general.call(handed), general.name_in(), general.name_out(), {"cse": True}
    )
