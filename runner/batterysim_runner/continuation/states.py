"""Between a discretised model's state vector and PyBaMM's variables in physical units."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.catalogue.parameter_names import INITIAL_STATE_OF_CHARGE
from batterysim.continuation.likeness import likeness, refusal
from batterysim.results import DISCHARGE_CAPACITY, MAX_STATE_BYTES
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.state_of_charge import CIRCUIT
from batterysim_runner.continuation.final_state import (
    FinalState,
    StateVariable,
    says_the_start,
)

Vector = NDArray[np.float64]

OF_THE_RUN = frozenset({DISCHARGE_CAPACITY.name, "Discharge energy [W.h]"})
"""States that count from the start of each run."""

MAX_STATES = MAX_STATE_BYTES // 16
"""Each is 8 bytes, which as text are 11; the rest is for names."""


class _Slot(NamedTuple):
    """Where a variable is in the state vector, and how it is scaled there."""

    name: str
    places: slice
    scale: Vector
    reference: Vector
    is_differential: bool


def final_state(
    spec: BatterySimulationSpec,
    parameters: pybamm.ParameterValues,
    model: pybamm.BaseModel,
    vector: Vector,
) -> FinalState | None:
    """Return the state at the end of a run; None: it is too large to be kept.

    parameters: of the run. model: discretised. vector: its states, shape (n,).
    """
    if len(vector) > MAX_STATES:
        return None
    variables = [
        StateVariable.of(
            slot.name,
            slot.reference + slot.scale * vector[slot.places],
            is_differential=slot.is_differential,
        )
        for slot in _slots(model)
    ]
    return FinalState(
        key=likeness(spec), parameters=_of_the_start(parameters, variables), variables=variables
    )


def start_from(state: FinalState, model: pybamm.BaseModel) -> None:
    """Have a discretised model start from a state.

    States that only hold together, such as potentials, are the solver's first guess.

    Raises:
        InvalidSpecError: the state is that of another model.
    """
    given = {variable.name: variable for variable in state.variables}
    slots = list(_slots(model))
    wanted = {slot.name for slot in slots if slot.is_differential}
    other = {name for name, variable in given.items() if variable.is_differential} ^ wanted
    if other:
        raise refusal(f"the model of the earlier result has other states ({', '.join(sorted(other))})")
    vector = np.array(model.concatenated_initial_conditions.evaluate(t=0.0, inputs={})).ravel()
    for slot in slots:
        if slot.name in OF_THE_RUN or slot.name not in given:
            continue
        values = given[slot.name].numbers
        if len(values) != len(slot.scale):
            raise refusal(
                f"{slot.name!r} has {len(values)} values there and {len(slot.scale)} here: use the same mesh"
            )
        vector[slot.places] = (values - slot.reference) / slot.scale
    model.concatenated_initial_conditions = pybamm.Vector(vector)


def plain_variables(model: pybamm.BaseModel) -> Iterator[tuple[pybamm.Variable, int, int]]:
    """Yield the variables of a discretised model's state vector, each with where it begins and ends."""
    for variable, slices in model.y_slices.items():
        # Concatenations are of variables that come by themselves.
        if isinstance(variable, pybamm.Variable):
            for part in slices:
                yield variable, int(part.start), int(part.stop)


def _slots(model: pybamm.BaseModel) -> Iterator[_Slot]:
    for variable, start, end in plain_variables(model):
        yield _Slot(
            variable.name,
            slice(start, end),
            _broadcast(variable.scale, end - start),
            _broadcast(variable.reference, end - start),
            bool(end <= model.len_rhs),
        )


def _broadcast(symbol: pybamm.Symbol, size: int) -> Vector:
    value = np.asarray(symbol.evaluate(), dtype=np.float64).ravel()
    return np.broadcast_to(value, size).copy()


def _of_the_start(parameters: Mapping[str, object], variables: list[StateVariable]) -> dict[str, float]:
    """Return the parameters of the state at the start of the first run of all.

    A circuit counts its charge from the parameter alone, so that it starts with each run.
    """
    charge = next((variable for variable in variables if variable.name == CIRCUIT), None)
    if charge is not None and INITIAL_STATE_OF_CHARGE in parameters:
        return {INITIAL_STATE_OF_CHARGE: float(charge.numbers[0])}
    return {
        name: float(value)
        for name, value in parameters.items()
        if says_the_start(name) and isinstance(value, int | float)
    }
