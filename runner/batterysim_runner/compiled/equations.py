"""Compiled equations in this process, ready to be solved again and again for other numbers."""

from functools import cached_property
from typing import Any, NamedTuple

import casadi
import numpy as np
from numpy.typing import NDArray
from pybammsolvers import idaklu

from batterysim_runner.cell.electrodes import ElectrodeFunctions
from batterysim_runner.cell.numeric_function import NumericFunction
from batterysim_runner.compiled.file import CompiledFile, Description

Numbers = NDArray[np.float64]

ROOT_FOUND = 2
"""SUNDIALS' IDA_ROOT_RETURN: an event ended the solve."""

_NO_SENSITIVITIES = np.empty((0, 0))


class UnsolvedError(Exception):
    """The solver gave up. The message is its own."""


class Solved(NamedTuple):
    """What a solve gave.

    outputs: shape (points, outputs), in the order of the description's names and then of its tables.
    ended_by: the number of the event that ended it; None: it came to its last time.
    past_at_start: the numbers of the events that were past at time 0; then there is no other point.
    end: the solver's states at the last point, shape (states,).
    """

    outputs: Numbers
    ended_by: int | None
    past_at_start: tuple[int, ...] = ()
    end: Numbers | None = None


class Equations:
    """The equations of a compiled simulation.

    It is for one thread. A process that has it may fork: nothing in it has a thread of its own.
    """

    def __init__(self, compiled: CompiledFile) -> None:
        self.description: Description = compiled.description
        self._rhs_alg, self._initial_conditions, self._events = (
            NumericFunction(compiled.function(name)) for name in ("rhs_alg", "initial_conditions", "events")
        )
        self.electrodes = ElectrodeFunctions(
            *(NumericFunction(compiled.function(f"electrode_{name}")) for name in ("amounts", "curve"))
        )
        self._physical_states_text = compiled.serialised("physical_states")
        self._handed = self._for_solver(compiled)
        self._solvers: dict[tuple[float, float], Any] = {}

    def solve(
        self,
        inputs: Numbers,
        knots: Numbers,
        points: Numbers | None,
        tolerances: tuple[float, float],
    ) -> Solved:
        """Solve from time 0 to the last knot, or to the first event.

        inputs: one after the other, in the description's order.
        knots: times in s at which the solver stops.
        points: times in s at which outputs are wanted; None: at the solver's own.
        tolerances: the relative and the absolute one.

        Raises:
            UnsolvedError: there is no solution, or the solver does not find it.
        """
        differential = self.description.solver["differential_states"]
        (states,) = self._initial_conditions(0.0, 0.0, inputs)
        (slopes,) = self._rhs_alg(0.0, states, inputs)
        slopes[differential:] = 0.0
        try:
            (solution,) = self._solver(*tolerances).solve(
                knots,
                np.empty(0) if points is None else points,
                states[np.newaxis],
                slopes[np.newaxis],
                inputs[np.newaxis],
                logger=None,
                pbar=_NO_SENSITIVITIES,
            )
        except ValueError as error:
            raise UnsolvedError(str(error)) from None
        if solution.flag < 0:
            raise UnsolvedError(f"input set 0: {idaklu.sundials_error_message(solution.flag)}")
        return self._told(solution, inputs, knots[0])

    def physical_states(self, states: Numbers, inputs: Numbers) -> Numbers:
        """Return the solver's states in physical units, in the order of the description's."""
        return self._physical_states(states, inputs)[0]

    def get_ready(self, tolerances: tuple[float, float]) -> None:
        """Make now what is otherwise made when it is first used, so that forked processes have it.

        tolerances: the relative and the absolute one.
        """
        self._solver(*tolerances)
        _ = self._physical_states

    @cached_property
    def _physical_states(self) -> NumericFunction:
        """The function of states in physical units. Points of a sweep do not need it."""
        return NumericFunction(casadi.Function.deserialize(self._physical_states_text))

    def _told(self, solution: Any, inputs: Numbers, start: float) -> Solved:
        count = len(solution.t)
        outputs = np.asarray(solution.y).reshape(count, -1)
        last = np.array(solution.y_term).ravel()
        if solution.flag != ROOT_FOUND:
            return Solved(outputs, None, end=last)
        if count == 1:
            values = self._event_values(start, last, inputs)
            return Solved(
                outputs, int(np.nanargmin(abs(values))), tuple(np.flatnonzero(values <= 0).tolist())
            )
        values = self._event_values(float(solution.t[-1]), last, inputs)
        return Solved(outputs, int(np.nanargmin(abs(values))), end=last)

    def _event_values(self, time: float, state: Numbers, inputs: Numbers) -> Numbers:
        return self._events(time, state, inputs)[0]

    def _solver(self, relative: float, absolute: float) -> Any:
        """Return the solver with these tolerances, which it is made with."""
        key = (relative, absolute)
        if key not in self._solvers:
            atol = np.full(self.description.solver["states"], absolute)
            self._solvers[key] = idaklu.create_casadi_solver_group(rtol=relative, atol=atol, **self._handed)
        return self._solvers[key]

    @staticmethod
    def _for_solver(compiled: CompiledFile) -> dict[str, Any]:
        """Return what IDAKLU is told about the equations, as PyBaMM tells it."""
        sizes, blobs = compiled.description.solver, compiled.blobs

        def function(name: str) -> Any:
            return idaklu.generate_function(compiled.serialised(name))

        differential = np.arange(sizes["states"]) < sizes["differential_states"]
        return {
            "number_of_states": sizes["states"],
            "number_of_parameters": 0,
            "rhs_alg": function("rhs_alg"),
            "jac_times_cjmass": function("jac_times_cjmass"),
            "jac_times_cjmass_colptrs": np.frombuffer(blobs["colptrs"], dtype=np.int64),
            "jac_times_cjmass_rowvals": np.frombuffer(blobs["rowvals"], dtype=np.int64),
            "jac_times_cjmass_nnz": sizes["nonzeros"],
            "jac_bandwidth_lower": sizes["bandwidth_lower"],
            "jac_bandwidth_upper": sizes["bandwidth_upper"],
            "jac_action": function("jac_action"),
            "mass_action": function("mass_action"),
            "sens": function("sens"),
            "events": function("events"),
            "number_of_events": len(compiled.description.events),
            "rhs_alg_id": differential.astype(np.int64),
            "inputs": sizes["inputs"],
            "var_fcns": [function("outputs")],
            "dvar_dy_fcns": [],
            "dvar_dp_fcns": [],
            "options": dict(compiled.description.options),
            "alg_res": function("alg_res"),
            "alg_jac": function("alg_jac"),
        }
