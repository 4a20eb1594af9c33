"""The equations of one cell of a pack, as functions of its states and of its current."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import casadi
import numpy as np
import pybamm
from numpy.typing import NDArray

CELL_CURRENT = "Cell current [A]"
"""The input of a cell's equations."""

CELL_HEAT = "Heat from the neighbours [W]"
"""Another input, of cells that exchange heat."""

EventKey = tuple[str, pybamm.EventType]


class CellEquations(NamedTuple):
    """What PyBaMM makes of one cell. All functions take time, states, current, and heat from the neighbours.

    differential_count, algebraic_count: of the states; the differential ones come first.
    derivatives: of the differential states.
    residuals: which are zero in the right algebraic states; None for a model without.
    variables: by PyBaMM's name.
    events: the limits of the model by name and kind, positive until they are reached.
    start: the states at time 0, shape (n,); the algebraic ones are a guess.
    """

    differential_count: int
    algebraic_count: int
    derivatives: casadi.Function
    residuals: casadi.Function | None
    variables: Mapping[str, casadi.Function]
    events: Mapping[EventKey, casadi.Function]
    start: NDArray[np.float64]


def cell_equations(simulation: pybamm.Simulation, variables: Iterable[str]) -> CellEquations:
    """Return the equations of a simulation whose current is the input CELL_CURRENT.

    It may have the input CELL_HEAT, too.
    """
    simulation.build()
    model = simulation.built_model
    time, current, heat = casadi.MX.sym("t"), casadi.MX.sym("i"), casadi.MX.sym("q")
    states = casadi.MX.sym("y", model.len_rhs_and_alg)
    converted: dict[pybamm.Symbol, casadi.MX] = {}

    def function(symbol: pybamm.Symbol) -> casadi.Function:
        inputs = {CELL_CURRENT: current, CELL_HEAT: heat}
        expression = symbol.to_casadi(time, states, inputs=inputs, casadi_symbols=converted)
        return casadi.Function("cell", [time, states, current, heat], [expression])

    start = model.concatenated_initial_conditions.evaluate(inputs={CELL_CURRENT: 0.0, CELL_HEAT: 0.0})
    return CellEquations(
        differential_count=model.len_rhs,
        algebraic_count=model.len_alg,
        derivatives=function(model.concatenated_rhs),
        residuals=function(model.concatenated_algebraic) if model.len_alg else None,
        variables={name: function(model.get_processed_variable(name)) for name in variables},
        events={
            (event.name, event.event_type): function(event.expression)
            for event in model.events
            if event.event_type != pybamm.EventType.SWITCH  # for another solver than IDAKLU
        },
        start=np.asarray(start, dtype=np.float64).ravel(),
    )


def casadi_symbol(function: casadi.Function, name: str, *arguments: pybamm.Symbol) -> pybamm.Symbol:
    """Return a CasADi function of symbols as a symbol.

    name: tells it from other functions of the same arguments, which PyBaMM takes for equal otherwise.
    """

    def evaluate(*values: object) -> object:
        result = function(*values)
        return result.full() if isinstance(result, casadi.DM) else result

    return pybamm.Function(evaluate, *arguments, name=name)
