"""The parameters that a spec sets itself: those of its premade cell, its overrides, and its fields."""

from batterysim.catalogue.parameter_names import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    LOWER_CUT_OFF,
    NOMINAL_CAPACITY,
    UPPER_CUT_OFF,
)
from batterysim.catalogue.parameters import cell_base, given_nominal_capacity
from batterysim.spec.cell import Cell

ZERO_CELSIUS_IN_KELVIN = 273.15


def own_parameters(cell: Cell) -> dict[str, float]:
    """Return what differs from the cell's parameter set: of two that set the same, the later one wins."""
    return {**cell_base(cell).parameters, **cell.parameters, **_field_parameters(cell)}


def _field_parameters(cell: Cell) -> dict[str, float]:
    """Return the parameters that have a field of their own in the spec."""
    kelvin = (
        None
        if cell.ambient_temperature_celsius is None
        else cell.ambient_temperature_celsius + ZERO_CELSIUS_IN_KELVIN
    )
    given = {
        UPPER_CUT_OFF: cell.upper_cutoff_volts,
        LOWER_CUT_OFF: cell.lower_cutoff_volts,
        NOMINAL_CAPACITY: given_nominal_capacity(cell),
        AMBIENT_TEMPERATURE: kelvin,
        INITIAL_TEMPERATURE: kelvin,
    }
    return {name: value for name, value in given.items() if value is not None}
