"""What two simulations must share so that one can go on from the end of the other. Pure."""

import hashlib
import json
from collections.abc import Mapping

from batterysim.catalogue.model_options import in_text
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.results import FinalStateKey
from batterysim.spec.simulation import BatterySimulationSpec

FROM_RESULT = "spec.cell.initialState.fromResult"

CELL_FIELDS = {"parameter_set", "preset", "bpx", "parameters", "functions"}
"""The fields that say which cell it is. Its state, temperature and cut-offs are those of a run."""

DEFAULTS = {"thermal": "isothermal"}
"""Options that are often written although they change nothing."""

FIELDS: Mapping[str, str] = {
    "model": "spec.model (family and options)",
    "cell": "spec.cell (parameterSet, preset, bpx, parameters and functions)",
    "mesh": "spec.solver.mesh",
}


def likeness(spec: BatterySimulationSpec) -> FinalStateKey:
    """Return what must be the same. spec: with the contents that it refers to in it."""
    options = {name: in_text(value) for name, value in spec.model.options.items()}
    own = {name: value for name, value in options.items() if DEFAULTS.get(name) != value}
    cell = spec.cell.model_dump(mode="json", by_alias=True, exclude_none=True, include=CELL_FIELDS)
    mesh = spec.solver.mesh.model_dump(mode="json", by_alias=True, exclude_none=True)
    return FinalStateKey(model=_digest([spec.model.family, own]), cell=_digest(cell), mesh=_digest(mesh))


def differences(wanted: FinalStateKey, given: FinalStateKey, *, is_cell_known: bool = True) -> list[str]:
    """Return the fields of the spec in which two simulations differ.

    is_cell_known: whether the cell's contents are at hand. Those in a ConfigMap are known to the runner only.
    """
    return [
        field
        for part, field in FIELDS.items()
        if (part != "cell" or is_cell_known) and getattr(wanted, part) != getattr(given, part)
    ]


def objection(name: str, fields: list[str]) -> str:
    """Say why a simulation cannot go on from an earlier one that differs in some fields."""
    return (
        f"the result of {name!r} cannot be continued, because {' and '.join(fields)} of the two simulations "
        "differ, so that its states have another meaning: write them as there, or start from its "
        "endStateOfCharge with spec.cell.initialStateOfCharge"
    )


def refusal(message: str) -> InvalidSpecError:
    """Return the error of a spec that cannot go on from the earlier result that it names."""
    return InvalidSpecError([Problem(FailureReason.INVALID_SPEC, FROM_RESULT, message)])


def _digest(value: object) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
