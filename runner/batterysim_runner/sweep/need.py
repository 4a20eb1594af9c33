"""The compiled equations that a point needs, where the library has none for it."""

from typing import NamedTuple

from batterysim.catalogue.prescription import prescription
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.own_parameters import own_parameters
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.shape import Shape, shape_of


class Need(NamedTuple):
    """Equations that one build makes for all points of a group.

    fixed: values of parameters that are built in, such as thicknesses, where they are not the cell's own.
    """

    shape: Shape
    fixed: tuple[tuple[str, float], ...] = ()


def need_of(spec: BatterySimulationSpec, library: Library) -> Need | None:
    """Return what a spec needs that does not fit anything in the library; None: PyBaMM has to solve it."""
    shape = shape_of(spec, prescription(spec.protocol))
    if shape is None:
        return None
    if (equations := library.find(shape)) is None:
        return Need(shape)
    built_in = equations.description.inputs.fixed
    others = {
        name: value
        for name, value in own_parameters(spec.cell).items()
        if name in built_in and built_in[name] != value
    }
    return Need(shape, tuple(sorted(others.items()))) if others else None
