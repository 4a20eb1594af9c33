"""A table that is looked up by CasADi itself has the values of PyBaMM's interpolant, and outlives copying."""

import casadi
import numpy as np
import pybamm
import pytest

from batterysim_runner.protocols.lookup import Lookup

TIMES, VALUES = np.array([0.0, 1.0, 1.5, 4.0]), np.array([0.0, 2.0, -1.0, -1.0])


def at(symbol: pybamm.Symbol, seconds: float) -> float:
    """Evaluate as the solver does."""
    time = casadi.MX.sym("t")
    return float(casadi.Function("f", [time], [symbol.to_casadi(t=time)])(seconds))


@pytest.mark.parametrize("seconds", [0.0, 0.25, 1.0, 1.2, 1.5, 3.999, 4.0])
def test_it_has_the_values_of_pybamms_own(seconds: float) -> None:
    own = pybamm.Interpolant(TIMES, VALUES, pybamm.t)

    assert at(Lookup(TIMES, VALUES), seconds) == pytest.approx(at(own, seconds), rel=1e-12, abs=1e-12)


def test_a_model_that_is_built_has_it_still() -> None:
    """PyBaMM copies what it processes, and by itself it copies an interpolant of its own in the place."""
    values = pybamm.ParameterValues({"Current function [A]": 1.0})

    processed = values.process_symbol(2 * Lookup(TIMES, VALUES))

    assert [type(node) for node in processed.pre_order() if isinstance(node, pybamm.Interpolant)] == [Lookup]
