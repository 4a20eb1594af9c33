"""Heat between the cells of a pack, against the heat balance of each cell."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import cumulative_simpson

from batterysim.problem import InvalidSpecError
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of
from tests.reference.pack.packs import TIGHT, of_cells, run

CONDUCTANCE = 0.5
LUMPED: Json = {"family": "SPM", "options": {"thermal": "lumped", "contact resistance": "true"}}
HEAT = "Total heating [W]"
COOLING = "Surface total cooling [W]"
CAPACITY = "Volume-averaged effective heat capacity [J.K-1.m-3]"
VOLUME = "Cell thermal volume [m3]"


def hot(series: int, parallel: int) -> Json:
    """Return a cell with a bad contact, which warms it."""
    return {"series": series, "parallel": parallel, "parameters": {"Contact resistance [Ohm]": 0.03}}


def pack(series: int, parallel: int, **fields: Any) -> Json:
    connections = {"connectionResistanceOhms": 0.01} if parallel > 1 else {}
    conductance = {"neighbourConductanceWattsPerKelvin": CONDUCTANCE}
    return {"seriesCount": series, "parallelCount": parallel, **connections, **conductance, **fields}


@pytest.mark.parametrize(
    ("series", "parallel", "neighbours"),
    [
        (3, 1, {0: [1], 1: [0, 2], 2: [1]}),
        (1, 3, {0: [1], 1: [0, 2], 2: [1]}),
        (2, 2, {0: [1, 2], 1: [0, 3], 2: [0, 3], 3: [1, 2]}),
    ],
)
def test_each_cell_stores_what_it_makes_and_what_flows_into_it(
    series: int, parallel: int, neighbours: dict[int, list[int]]
) -> None:
    trace = run(
        pack(series, parallel, cells=[hot(1, 1)]),
        model=LUMPED,
        cell={"parameters": {"Contact resistance [Ohm]": 0.001}},
        protocol=constant_current(5 * parallel, 600),
        output={"points": 601, "variables": [HEAT, COOLING, CAPACITY, VOLUME]},
        solver=TIGHT,
    )

    celsius = of_cells(trace, "temperature [C]")
    assert celsius[0, -1] > celsius[-1, -1] + 0.2, "the first cell is the hot one"
    ohms = np.full(len(celsius), 0.001)
    ohms[0] = 0.03
    made = of_cells(trace, HEAT) + ohms[:, None] * of_cells(trace, "current [A]") ** 2
    flows = np.array([CONDUCTANCE * sum(celsius[n] - celsius[c] for n in neighbours[c]) for c in neighbours])
    stored = of_cells(trace, CAPACITY) * of_cells(trace, VOLUME) * (celsius - celsius[:, :1])
    times = trace.values["Time [s]"]
    gained = cumulative_simpson(made + of_cells(trace, COOLING) + flows, x=times, initial=0)
    np.testing.assert_allclose(stored[:, 200::200], gained[:, 200::200], rtol=1e-5)
    assert abs(flows.sum(axis=0)).max() < 1e-9, "neighbours give what they take"


def test_equal_cells_do_not_feel_their_neighbours() -> None:
    same: Json = {"model": {"family": "SPM", "options": {"thermal": "lumped"}}, "solver": TIGHT}
    single = solve(spec_of(**same, protocol=constant_current(5, 600)))

    trace = run(pack(3, 1), **same, protocol=constant_current(5, 600))

    for celsius in of_cells(trace, "temperature [C]"):
        np.testing.assert_allclose(celsius, single.values["Volume-averaged cell temperature [C]"], rtol=1e-9)
    np.testing.assert_allclose(trace.values["Voltage [V]"], 3 * single.values["Voltage [V]"], rtol=1e-9)


def test_two_cells_share_their_heat_the_better_they_are_connected() -> None:
    def difference(conductance: float) -> float:
        trace = run(
            pack(2, 1, cells=[hot(1, 1)], neighbourConductanceWattsPerKelvin=conductance),
            model=LUMPED,
            cell={"parameters": {"Contact resistance [Ohm]": 0.001}},
            protocol=constant_current(5, 600),
        )
        first, second = of_cells(trace, "temperature [C]")[:, -1]
        return float(first - second)

    assert difference(0.01) > 5 * difference(1.0) > 0


def test_equivalent_circuits_exchange_heat_too() -> None:
    ecm: Json = {"model": {"family": "Thevenin"}, "protocol": constant_current(50, 300), "solver": TIGHT}
    cells = [{"series": 1, "parallel": 1, "parameters": {"Cell thermal mass [J/K]": 500}}]

    trace = run(pack(2, 1, cells=cells), cell={"parameterSet": "ECM_Example"}, **ecm)
    alone = run({"seriesCount": 2, "cells": cells}, cell={"parameterSet": "ECM_Example"}, **ecm)

    apart, together = (abs(np.diff(of_cells(one, "temperature [C]")[:, -1])[0]) for one in (alone, trace))
    assert 0 < together < apart


def test_it_needs_one_temperature_in_each_cell() -> None:
    with pytest.raises(InvalidSpecError, match="model option thermal is 'isothermal': set it to lumped"):
        run(pack(2, 1), protocol=constant_current(5, 60))
