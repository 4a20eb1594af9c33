"""Whether the equations of a compiled simulation are PyBaMM's own, as functions.

PyBaMM hands its solver functions in which a spec's numbers are built in. The compiled ones take the same
numbers as inputs. Where the functions, the states at the start and the options are equal, only rounding can
make the solutions differ. No tolerance of a solver blurs this comparison.
"""

import random
from collections.abc import Mapping
from typing import Any, NamedTuple
from unittest.mock import patch

import casadi
import numpy as np
import numpy.typing as npt
import pybamm

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.limit_events import LOWER_EVENT, NEVER_VOLTS, UPPER_EVENT
from batterysim_runner.cell.tables import table_ends
from batterysim_runner.compiled.compilation import recorded
from batterysim_runner.compiled.file import CompiledFile
from batterysim_runner.compiled.machine_code import FUNCTIONS as MACHINE_CODE
from batterysim_runner.compiled.run import CompiledRun
from batterysim_runner.solution import solve

Numbers = npt.NDArray[np.float64]

MOST = 1e-11
"""Rounding in a thousand operations gives 1e-13."""

MOST_OF = {"outputs": 1e-10, "jac_times_cjmass": 1e-8, "jac_action": 1e-8, "alg_jac": 1e-8}
"""Where it is more. Heat among the outputs is a sum whose terms cancel. Jacobians decide how soon Newton's
method finds a solution, not which."""

MOST_AT_START = 1e-9
"""The states at the start are roots, which both find to a tolerance of 1e-10."""

STATES = 1
SPREAD = 0.02
CJ = 0.1
"""IDA's number by which the mass matrix is taken off the Jacobian."""

FLOOR = 1
"""Smaller numbers, in their own unit, are compared with this: an output may be zero, and heats cancel."""

CURRENT_TABLE = "'interpolating_function'"
"""PyBaMM's name for the table of currents, whose ends no run comes to."""


class Distance(NamedTuple):
    """By how much two sets of equations differ, at most.

    function: the name of the one that differs most, next to what it may.
    of_it: by how much, as a part of what it changes by when each state changes by itself and 1: PyBaMM scales
        states to that order. For matrices, a part of the greatest number in the row; for events and outputs,
        of the value.
    start: of the states at the start.
    finite: the share of compared numbers that are finite, and so say something.
    """

    function: str
    of_it: float
    start: float
    finite: float

    @property
    def is_small(self) -> bool:
        """Whether both are the same equations."""
        return self.of_it <= _allowed(self.function) and self.start <= MOST_AT_START and self.finite > 0


class _Side(NamedTuple):
    """The equations of one side.

    inputs: what the functions take after time and states. start: the states at the start.
    events, names, tables: of the events, the outputs, and the margins of tables, which are more outputs.
    """

    functions: Mapping[str, casadi.Function]
    outputs: tuple[casadi.Function, ...]
    inputs: Numbers
    start: Numbers
    options: Mapping[str, Any]
    events: tuple[str, ...]
    names: tuple[str, ...]
    tables: tuple[str, ...]

    def values(self, time: float, state: Numbers, direction: Numbers) -> dict[str, Numbers]:
        """Return the value of each function, as matrices. direction: what the Jacobian is applied to."""
        place, functions = (time, state, self.inputs), self.functions
        found = {name: functions[name](*place) for name in ("rhs_alg", "events", "alg_res", "alg_jac")}
        found["jac_times_cjmass"] = functions["jac_times_cjmass"](*place, CJ)
        found["jac_action"] = functions["jac_action"](*place, direction)
        found["mass_action"] = functions["mass_action"](direction)
        found["outputs"] = casadi.vertcat(*(output(*place) for output in self.outputs))
        return {name: np.array(value, dtype=np.float64) for name, value in found.items()}


class _Handed(Exception):  # noqa: N818 - no error: it ends the solve where the solver would begin
    def __init__(
        self, model: pybamm.BaseModel, solver: pybamm.IDAKLUSolver, functions: dict[str, Any]
    ) -> None:
        self.model, self.solver, self.functions = model, solver, functions


def distance(run: CompiledRun, compiled: CompiledFile, draw: random.Random) -> Distance:
    """Compare the equations of a compiled run with what PyBaMM hands its solver for the same spec.

    They are compared at the state at the start, and at a random one near it at a time of the protocol.

    compiled: the file that the run is of.

    Raises:
        RunError: the runner refuses the spec before there are equations.
        LookupError: they do not have the same outputs or options, or not the same events.
    """
    ours, theirs = _of_compiled(run, compiled), _of_pybamm(run.spec)
    if ours.options != theirs.options or ours.names != theirs.names:
        raise LookupError(f"outputs or options differ: {ours.names}, {theirs.names}")
    apart = _apart(ours, theirs, 0, theirs.start, draw)
    for _ in range(STATES):
        time = draw.uniform(0, run.prescription.duration_seconds)
        near = np.array([_near(value, draw) for value in theirs.start])
        for name, values in _apart(ours, theirs, time, near, draw).items():
            apart[name] = np.concatenate([apart[name], values])
    most = {name: float(np.nanmax(values, initial=0)) for name, values in apart.items()}
    function = max(most, key=lambda name: most[name] / _allowed(name))
    start = float(abs(ours.start - theirs.start).max())
    finite = float(np.isfinite(np.concatenate(list(apart.values()))).mean())
    return Distance(function, most[function], start, finite)


def _allowed(function: str) -> float:
    return MOST_OF.get(function, MOST)


def _near(value: float, draw: random.Random) -> float:
    """Return a random number near a state's. What fills a particle from 0 to 1 keeps away from both."""
    room = min(value, 1 - value) if 0 < value < 1 else abs(value)
    return value + draw.uniform(-SPREAD, SPREAD) * room


def _apart(
    ours: _Side, theirs: _Side, time: float, state: Numbers, draw: random.Random
) -> dict[str, Numbers]:
    """Return by how much each function differs there: see Distance."""
    direction = np.array([draw.uniform(-1, 1) for _ in state])
    one, other = (side.values(time, state, direction) for side in (ours, theirs))
    one["events"] = _of_events(ours, one["events"], theirs)
    one["outputs"] = _of_outputs(ours, one["outputs"], theirs, other["outputs"])
    sizes = _sizes(other, state, direction)
    return {name: (abs(one[name] - other[name]) / size).ravel() for name, size in sizes.items()}


def _sizes(values: Mapping[str, Numbers], state: Numbers, direction: Numbers) -> dict[str, Numbers]:
    """Return what each difference is a part of."""
    jacobian = abs(values["jac_times_cjmass"])
    size = (jacobian @ (abs(state) + 1))[:, np.newaxis] + abs(values["rhs_alg"])
    rows = {
        name: abs(values[name]).max(axis=1, keepdims=True, initial=0)
        for name in ("jac_times_cjmass", "alg_jac")
    }
    found = rows | {
        "rhs_alg": size,
        "alg_res": size[len(size) - len(values["alg_res"]) :],
        "jac_action": (jacobian @ abs(direction))[:, np.newaxis],
        "mass_action": np.ones_like(direction)[:, np.newaxis],
    }
    found |= {name: abs(values[name]) + FLOOR for name in ("events", "outputs")}
    return {name: np.where(size == 0, 1, size) for name, size in found.items()}


def _of_events(ours: _Side, values: Numbers, theirs: _Side) -> Numbers:
    """Return our events in PyBaMM's order. It leaves out those that are never reached.

    Raises:
        LookupError: one is missing, or one more can be reached.
    """
    by_name = dict(zip(ours.events, values, strict=True))
    more = {name: by_name[name] for name in by_name.keys() - set(theirs.events)}
    if any(abs(value) < NEVER_VOLTS / 2 for value in more.values()):
        raise LookupError(f"{more} end it, but not PyBaMM's")
    return np.array([by_name[name] for name in theirs.events]).reshape(-1, 1)


def _of_outputs(ours: _Side, values: Numbers, theirs: _Side, wanted: Numbers) -> Numbers:
    """Return our outputs in PyBaMM's order. Where we have more margins of a table, its is one of them."""
    count = len(ours.names)
    found = list(values[:count, 0])
    for name, value in zip(theirs.tables, wanted[count:, 0], strict=True):
        same = [mine for mine, table in zip(values[count:, 0], ours.tables, strict=True) if table == name]
        found.append(min(same, key=lambda mine: abs(mine - value)))
    return np.array(found).reshape(-1, 1)


def _of_compiled(run: CompiledRun, compiled: CompiledFile) -> _Side:
    """Return the equations of a file with a run's numbers."""
    description, inputs = compiled.description, run.bound.inputs
    functions = {
        name: compiled.function(name)
        for name in {*compiled.blobs, *MACHINE_CODE}
        if name not in ("colptrs", "rowvals")
    }
    limits = dict(zip((LOWER_EVENT, UPPER_EVENT), run.bound.limits.names, strict=True))
    return _Side(
        functions,
        (functions["outputs"],),
        inputs,
        np.array(functions["initial_conditions"](0, 0, inputs)).ravel(),
        description.options,
        tuple(limits.get(name, name) for name in description.events),
        description.names,
        description.tables,
    )


def _of_pybamm(spec: BatterySimulationSpec) -> _Side:
    """Return what PyBaMM hands its solver for a spec."""
    set_up = pybamm.IDAKLUSolver.set_up

    def record(solver: pybamm.IDAKLUSolver, model: pybamm.BaseModel, *given: Any, **named: Any) -> None:
        with recorded() as functions:
            set_up(solver, model, *given, **named)
        raise _Handed(model, solver, functions)

    with patch.object(pybamm.IDAKLUSolver, "set_up", record):
        try:
            solve(spec)
        except _Handed as handed:
            return _as_handed(handed)
    raise LookupError("PyBaMM solved the spec without its solver")


def _as_handed(handed: _Handed) -> _Side:
    model, texts = handed.model, handed.functions
    wanted = handed.solver.output_variables
    ends = table_ends(model)
    # A table of currents has its own ends, which the compiled simulations' table goes beyond.
    of_cell = [number for number, end in enumerate(ends) if CURRENT_TABLE not in end.name]
    plain = len(wanted) - len(ends)
    kept = [*range(plain), *(plain + number for number in of_cell)]
    outputs = [casadi.Function.deserialize(texts["var_fcns"][number]) for number in kept]
    return _Side(
        {name: casadi.Function.deserialize(text) for name, text in texts.items() if isinstance(text, str)},
        tuple(outputs),
        np.empty(0),
        np.array(model.y0_list[0]).ravel(),
        texts["options"],
        tuple(event.name for event in model.events if event.event_type == pybamm.EventType.TERMINATION),
        tuple(wanted[:plain]),
        tuple(ends[number].name for number in of_cell),
    )
