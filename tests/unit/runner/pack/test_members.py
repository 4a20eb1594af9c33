"""Which cell of a pack has which parameters."""

from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.spec.cell import Cell
from batterysim.spec.pack import Pack
from batterysim_runner.pack.members import Member, pack_members

THICKNESS = "Negative electrode thickness [m]"
WIDTH = "Electrode width [m]"
CHEN = pybamm.ParameterValues("Chen2020")
CELL = Cell.model_validate({"parameterSet": "Chen2020", "initialVolts": 3.9})


def members(cell: Cell = CELL, **pack: Any) -> list[Member]:
    modules = pack_members(Pack.model_validate(pack), cell, CHEN)
    return [member for module in modules for member in module]


def spread(parameter: str, deviation: float) -> dict[str, Any]:
    return {"parameter": parameter, "relativeStandardDeviation": deviation}


def test_cells_are_called_after_their_places_module_by_module() -> None:
    names = [member.name for member in members(seriesCount=2, parallelCount=3)]

    assert names == ["s1p1", "s1p2", "s1p3", "s2p1", "s2p2", "s2p3"]


def test_without_a_spread_all_cells_are_alike() -> None:
    assert len({member.likeness for member in members(seriesCount=3, parallelCount=2)}) == 1


def test_a_parameter_spreads_around_the_cells_own_value() -> None:
    drawn = members(seriesCount=20, parallelCount=10, spread=[spread(THICKNESS, 0.02)])

    relative = np.array([member.parameters[THICKNESS] for member in drawn]) / CHEN[THICKNESS]
    assert relative.mean() == pytest.approx(1, abs=3 * 0.02 / np.sqrt(200))
    assert relative.std() == pytest.approx(0.02, rel=0.2)
    assert len(np.unique(relative)) == 200


def test_no_draw_is_further_off_than_three_standard_deviations() -> None:
    # 200 draws of 50 seeds: without the cut about 27 of them would be further off
    drawn = [
        member.parameters[THICKNESS] / CHEN[THICKNESS]
        for seed in range(50)
        for member in members(seriesCount=20, parallelCount=10, seed=seed, spread=[spread(THICKNESS, 0.3)])
    ]

    assert min(drawn) > 1 - 0.9
    assert max(drawn) < 1 + 0.9
    assert max(drawn) > 1 + 0.8


def test_the_seed_decides() -> None:
    def thicknesses(seed: int) -> list[float]:
        return [
            member.parameters[THICKNESS]
            for member in members(parallelCount=3, seed=seed, spread=[spread(THICKNESS, 0.02)])
        ]

    assert thicknesses(7) == thicknesses(7)
    assert thicknesses(7) != thicknesses(8)


def test_parameters_are_drawn_independently_and_in_the_order_of_the_spec() -> None:
    one = members(parallelCount=3, spread=[spread(THICKNESS, 0.02)])
    two = members(parallelCount=3, spread=[spread(THICKNESS, 0.02), spread(WIDTH, 0.02)])

    thicknesses, widths = (
        [member.parameters[name] / CHEN[name] for member in two] for name in (THICKNESS, WIDTH)
    )
    assert thicknesses == [member.parameters[THICKNESS] / CHEN[THICKNESS] for member in one]
    assert not np.isclose(thicknesses, widths).any()


def test_what_is_known_of_a_cell_counts_more_than_what_is_drawn() -> None:
    known = {"series": 1, "parallel": 2, "parameters": {THICKNESS: 9e-5}, "connectionResistanceOhms": 0.05}

    first, second = members(
        parallelCount=2, connectionResistanceOhms=0.01, spread=[spread(THICKNESS, 0.02)], cells=[known]
    )

    assert second.parameters == {THICKNESS: 9e-5}
    assert (first.connection_ohms, second.connection_ohms) == (0.01, 0.05)
    assert first.parameters[THICKNESS] != 9e-5


def test_a_cells_state_of_charge_takes_the_place_of_the_packs_state() -> None:
    first, second = members(
        parallelCount=2, cells=[{"series": 1, "parallel": 2, "initialStateOfCharge": 0.4}]
    )

    assert (first.cell.initial_volts, first.cell.initial_state_of_charge) == (3.9, None)
    assert (second.cell.initial_volts, second.cell.initial_state_of_charge) == (None, 0.4)
    assert first.likeness != second.likeness
