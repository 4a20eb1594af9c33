"""The record of one cycle of an experiment, with the ageing of the cell."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from batterysim.contract import Report

MAX_RECORDED_CYCLES = 500
MAX_RECORDED_STEPS = 3000
"""Limits of the records of regular cycles in a result, which keep its metadata below 4 MB. The records of the
last cycle come in addition: 3000 steps at most."""


class Ageing(Report):
    """Ageing of the cell at the end of a cycle, by those of PyBaMM's summary variables that the model has."""

    capacity_ampere_hours: float | None = None
    """Capacity at an infinitely low current between the open-circuit voltages at 100 % and 0 %, which
    cut-offs in the spec do not move. PyBaMM: "Capacity [A.h]" of the electrode state of health (eSOH); Mohtat
    et al. 2019, doi:10.1016/j.jpowsour.2019.03.104."""
    loss_of_lithium_inventory_percent: float | None = None
    """PyBaMM: "Loss of lithium inventory [%]"."""
    loss_of_negative_active_material_percent: float | None = None
    """PyBaMM: "Loss of active material in negative electrode [%]"."""
    loss_of_positive_active_material_percent: float | None = None
    """PyBaMM: "Loss of active material in positive electrode [%]"."""
    lithium_lost_moles: float | None = None
    """PyBaMM: "Total lithium lost [mol]"."""


class CycleRecord(Report):
    """One whole cycle of an experiment, from the end of the one before to its own end."""

    cycle: Annotated[int, Field(ge=1)]
    """Its number, from 1."""
    end_time_seconds: float
    """Simulated time at its end."""
    discharge_capacity_ampere_hours: float
    """Charge discharged, without subtracting what was charged."""
    charge_capacity_ampere_hours: float
    """Charge put into the cell."""
    discharge_energy_watt_hours: float
    """Energy discharged."""
    charge_energy_watt_hours: float
    """Energy put into the cell."""
    min_volts: float
    """Lowest voltage."""
    mean_volts: float
    """Mean voltage over time."""
    max_volts: float
    """Highest voltage."""
    ageing: Ageing | None = None
    """Ageing of the cell. Absent for a single cycle, and for models that do not provide it."""


def is_regular(cycle: int, cycles: int, steps: int) -> bool:
    """Tell whether a cycle is recorded also when others follow: the first one, and from there every n-th, as
    often as the limits allow.

    cycles: how many are planned. steps: how many steps a cycle has.

    >>> [cycle for cycle in range(1, 1201) if is_regular(cycle, 1200, steps=4)][:3]
    [1, 4, 7]
    """
    limit = min(MAX_RECORDED_CYCLES, MAX_RECORDED_STEPS // steps)
    stride = -(-cycles // limit)
    return (cycle - 1) % stride == 0


def state_of_health(cycles: Sequence[CycleRecord]) -> float | None:
    """Return the capacity after the last cycle as a part of that after the first; None if it is not known."""
    return None if len(cycles) < 2 else remaining_capacity(cycles[0].ageing, cycles[-1].ageing)


def remaining_capacity(before: Ageing | None, after: Ageing | None) -> float | None:
    """Return the later capacity as a part of the earlier one; None if one is not known."""
    capacities = [one.capacity_ampere_hours if one is not None else None for one in (before, after)]
    if capacities[0] is None or capacities[1] is None:
        return None
    return capacities[1] / capacities[0]
