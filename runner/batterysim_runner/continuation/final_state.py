"""The state of a cell at the end of a run, as JSON: numbers by PyBaMM's names. Nothing of it is executed."""

import base64
import binascii
import hashlib
import re
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from batterysim.catalogue.parameter_names import INITIAL_STATE_OF_CHARGE
from batterysim.continuation.likeness import differences, likeness, objection, refusal
from batterysim.contract import Contract
from batterysim.results import FinalStateKey
from batterysim.spec.simulation import BatterySimulationSpec

_INITIAL = re.compile(r"(\w+: )?Initial concentration in (negative|positive) electrode \[mol\.m-3\]")

FLOAT = "<f8"
"""64 bits, the lowest byte first, so that every number comes back to the last bit."""


class StateVariable(Contract):
    """One of PyBaMM's variables in physical units, all its values in their order in the mesh."""

    name: Annotated[str, Field(max_length=200)]
    values: str
    is_differential: bool

    @classmethod
    def of(cls, name: str, values: NDArray[np.float64], *, is_differential: bool) -> "StateVariable":
        """Return the variable with these values, shape (n,)."""
        text = base64.b64encode(values.astype(FLOAT).tobytes()).decode()
        return cls(name=name, values=text, is_differential=is_differential)

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The values, shape (n,).

        Raises:
            ValueError: they are no numbers.
        """
        numbers = np.frombuffer(base64.b64decode(self.values, validate=True), dtype=FLOAT)
        if not np.isfinite(numbers).all():
            raise ValueError(f"{self.name} has values that are no numbers")
        return numbers.astype(np.float64)


class FinalState(Contract):
    """All that another run of the same model needs to go on.

    key: of the model, the cell and the mesh.
    parameters: those that say in which state the first run of all began, from which losses are counted.
    """

    format: Literal[1] = 1
    key: FinalStateKey
    parameters: dict[str, float]
    variables: list[StateVariable]

    def encode(self) -> bytes:
        """Return it as JSON."""
        return self.model_dump_json(by_alias=True).encode()

    @property
    def sha256(self) -> str:
        """The hash of it."""
        return hashlib.sha256(self.encode()).hexdigest()


def decode(content: bytes, spec: BatterySimulationSpec) -> FinalState:
    """Return the state that a spec is to go on from.

    Raises:
        InvalidSpecError: it is none, or one of another model, cell or mesh.
    """
    try:
        state = FinalState.model_validate_json(content)
        for variable in state.variables:
            _ = variable.numbers
        if other := [name for name in state.parameters if not says_the_start(name)]:
            raise ValueError(f"it would change {other}")
    except (ValidationError, ValueError, binascii.Error) as error:
        raise refusal(f"the state in the earlier result cannot be read ({type(error).__name__})") from error
    name = "" if spec.cell.initial_state is None else spec.cell.initial_state.from_result
    if fields := differences(likeness(spec), state.key):
        raise refusal(objection(name, fields))
    return state


def says_the_start(parameter: str) -> bool:
    """Tell whether a parameter is of the state at the start, and of nothing else."""
    return parameter == INITIAL_STATE_OF_CHARGE or _INITIAL.fullmatch(parameter) is not None
