"""Equations in which a value follows a table, made of those in which it is one number."""

import casadi
import numpy as np

from batterysim_runner.compiled.file import CompiledFile
from batterysim_runner.compiled.names import FUNCTIONS, TABLE_TIMES, TABLE_VALUES
from batterysim_runner.compiled.shape import TABLE_ROWS

_OF_TIME = (
    "rhs_alg",
    "jac_times_cjmass",
    "jac_action",
    "events",
    "alg_res",
    "alg_jac",
    "outputs",
    "initial_conditions",
)
"""Functions of the time, the states and the inputs first."""


def with_table(compiled: CompiledFile) -> CompiledFile:
    """Return the same equations with a table among their inputs, in the place of one number.

    Between the table's points, the value is on a straight line, as with PyBaMM's own interpolant.
    """
    description = compiled.description
    control, old = description.shape.control, description.inputs.names
    value = FUNCTIONS[control.quantity]
    names = tuple(sorted({*old, TABLE_TIMES, TABLE_VALUES} - {value}))
    sizes = [TABLE_ROWS if name in (TABLE_TIMES, TABLE_VALUES) else 1 for name in names]
    inputs = casadi.MX.sym("p", sum(sizes))
    parts = dict(zip(names, casadi.vertsplit(inputs, np.cumsum([0, *sizes]).tolist()), strict=True))

    def at(time: casadi.MX) -> casadi.MX:
        """Return the inputs of the equations of one number."""
        now = casadi.MX.interpn_linear(
            [parts[TABLE_TIMES]], parts[TABLE_VALUES], [time], {"lookup_mode": ["binary"]}
        )
        return casadi.vertcat(*(now if name == value else parts[name] for name in old))

    blobs = dict(compiled.blobs)
    for name in _OF_TIME:
        function = compiled.function(name)
        time, states, _, *more = function.mx_in()
        blobs[name] = _serialised(function, [time, states, inputs, *more], [time, states, at(time), *more])
    function = compiled.function("physical_states")
    states, _ = function.mx_in()
    blobs["physical_states"] = _serialised(function, [states, inputs], [states, at(casadi.MX(0))])
    return CompiledFile(
        description._replace(
            shape=description.shape._replace(control=control._replace(is_table=True)),
            inputs=description.inputs._replace(names=names),
            solver={**description.solver, "inputs": sum(sizes)},
        ),
        blobs,
    )


def _serialised(function: casadi.Function, taken: list[casadi.MX], handed: list[casadi.MX]) -> bytes:
    text: str = casadi.Function(function.name(), taken, function.call(handed)).serialize()
    return text.encode()
