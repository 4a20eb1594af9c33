"""How many points the model's parts are divided into."""

from typing import NamedTuple

import pybamm
from pydantic.alias_generators import to_camel

from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.model import Mesh


class _Part(NamedTuple):
    """A part of the cell, by PyBaMM's names of its coordinates and of its domains."""

    coordinates: tuple[str, ...]
    domains: tuple[str, ...]


def _particle(side: str) -> _Part:
    letter = side[0]
    return _Part(
        (f"r_{letter}", f"r_{letter}_prim", f"r_{letter}_sec"),
        (f"{side} particle", f"{side} primary particle", f"{side} secondary particle"),
    )


_PARTS = {
    "negative_electrode_points": _Part(("x_n",), ("negative electrode",)),
    "separator_points": _Part(("x_s",), ("separator",)),
    "positive_electrode_points": _Part(("x_p",), ("positive electrode",)),
    "negative_particle_points": _particle("negative"),
    "positive_particle_points": _particle("positive"),
}
"""What each of the mesh's fields divides."""


def mesh_points(model: pybamm.BaseModel, mesh: Mesh) -> dict[str, int]:
    """Return PyBaMM's numbers of points, with the spec's in the place of the model's own.

    Raises:
        InvalidSpecError: names what the model does not divide; PyBaMM would ignore the number.
    """
    given = {field: points for field in _PARTS if (points := getattr(mesh, field)) is not None}
    divided = _divided_domains(model) if given else set()
    problems = [
        Problem(
            FailureReason.INVALID_SPEC,
            f"spec.solver.mesh.{to_camel(field)}",
            f"the {model.name} with these options does not divide this part of the cell: remove it",
        )
        for field in given
        if divided.isdisjoint(_PARTS[field].domains)
    ]
    if problems:
        raise InvalidSpecError(problems)
    by_coordinate: dict[str, int] = dict(model.default_var_pts)
    for field, number in given.items():
        by_coordinate |= dict.fromkeys(_PARTS[field].coordinates, number)
    return by_coordinate


def _divided_domains(model: pybamm.BaseModel) -> set[str]:
    """Return where the model has states: only there the numerical solution depends on the points."""
    return {
        domain
        for variable in (*model.rhs, *model.algebraic)
        for domains in variable.domains.values()
        for domain in domains
    }
