"""A CasADi function by its buffers gives what its own call gives."""

import casadi
import numpy as np

from batterysim_runner.cell.numeric_function import NumericFunction

X, Y = casadi.MX.sym("x", 2), casadi.MX.sym("y")


def test_the_results_are_those_of_the_functions_own_call() -> None:
    function = casadi.Function("f", [X, Y], [casadi.tanh(X) / Y, casadi.sum1(X) - Y])

    found = NumericFunction(function)(np.array([0.3, 0.7]), 1.1)

    expected = [np.asarray(result).ravel() for result in function([0.3, 0.7], 1.1)]
    assert [result.tolist() for result in found] == [result.tolist() for result in expected]


def test_zeros_that_are_known_beforehand_are_in_the_result() -> None:
    function = casadi.Function("f", [Y], [casadi.vertcat(casadi.MX(1, 1), Y, casadi.MX(1, 1))])

    (found,) = NumericFunction(function)(2.5)

    assert found.tolist() == [0.0, 2.5, 0.0]


def test_a_function_may_take_an_empty_vector() -> None:
    nothing = casadi.MX.sym("p", 0)

    (found,) = NumericFunction(casadi.Function("f", [nothing], [casadi.DM([1, 2])]))(np.empty(0))

    assert found.tolist() == [1.0, 2.0]


def test_a_later_call_does_not_change_an_earlier_result() -> None:
    double = NumericFunction(casadi.Function("f", [Y], [2 * Y]))

    (first,) = double(1.0)
    double(5.0)

    assert first.tolist() == [2.0]
