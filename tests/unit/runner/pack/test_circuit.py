"""A pack's circuit obeys Kirchhoff's laws, compared with a nodal analysis of the same resistors."""

from typing import NamedTuple

import numpy as np
import pybamm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim_runner.pack.circuit import Branch, divide_current, mesh_errors, terminal_volts


class Source(NamedTuple):
    """A cell as a source of voltage with a resistance inside, and the resistance of its connection."""

    volts: float
    ohms: float
    connection_ohms: float

    def branch(self, amperes: float) -> Branch:
        return Branch(self.volts - self.ohms * amperes, amperes, self.connection_ohms)


def solve_module(sources: list[Source], busbar_ohms: float, total: float) -> list[Branch]:
    """Find the currents that leave no error, which is linear in them."""

    def branches(deviations: np.ndarray) -> list[Branch]:
        currents = divide_current(total, list(deviations))
        return [source.branch(amperes) for source, amperes in zip(sources, currents, strict=True)]

    unknown = len(sources) - 1
    offset = np.array(mesh_errors(branches(np.zeros(unknown)), busbar_ohms))
    slopes = [np.array(mesh_errors(branches(unit), busbar_ohms)) - offset for unit in np.eye(unknown)]
    return branches(np.linalg.solve(np.array(slopes).T, -offset) if unknown else np.zeros(0))


def nodal_analysis(sources: list[Source], busbar_ohms: float, total: float) -> np.ndarray:
    """Return the same currents from the potentials of all nodes: positive ones, then negative ones."""
    count = len(sources)
    conductance, injected = np.zeros((2 * count, 2 * count)), np.zeros(2 * count)

    def connect(one: int, other: int, siemens: float) -> None:
        conductance[[one, other], [one, other]] += siemens
        conductance[[one, other], [other, one]] -= siemens

    for index, source in enumerate(sources):
        siemens = 1 / (source.ohms + source.connection_ohms)
        connect(index, count + index, siemens)
        injected[[index, count + index]] += np.array([1, -1]) * siemens * source.volts
        if index + 1 < count:
            connect(index, index + 1, 1 / busbar_ohms)
            connect(count + index, count + index + 1, 1 / busbar_ohms)
    injected[[0, count]] += np.array([-1, 1]) * total
    potentials = np.append(np.linalg.solve(conductance[:-1, :-1], injected[:-1]), 0.0)
    emf, ohms = np.array([(s.volts, s.ohms + s.connection_ohms) for s in sources]).T
    currents: np.ndarray = (emf - potentials[:count] + potentials[count:]) / ohms
    return currents


sources = st.builds(Source, st.floats(2.5, 4.2), st.floats(0.001, 0.1), st.floats(0, 0.1))
modules = st.lists(sources, min_size=1, max_size=6)
amperes = st.floats(-50, 50)


@given(modules, st.floats(1e-4, 0.1), amperes)
def test_a_module_divides_its_current_as_a_nodal_analysis_says(
    module: list[Source], busbar_ohms: float, total: float
) -> None:
    branches = solve_module(module, busbar_ohms, total)

    expected = nodal_analysis(module, busbar_ohms, total)
    assert [branch.amperes for branch in branches] == pytest.approx(expected, rel=1e-7, abs=1e-7)


@given(st.lists(modules, min_size=1, max_size=4), st.floats(1e-4, 0.1), st.floats(0, 0.1), amperes)
def test_no_power_is_lost_but_in_the_resistances(
    pack: list[list[Source]], busbar_ohms: float, interconnect_ohms: float, total: float
) -> None:
    circuit = [solve_module(module, busbar_ohms, total) for module in pack]

    delivered = total * terminal_volts(circuit, total, interconnect_ohms)

    cells = sum(branch.volts * branch.amperes for module in circuit for branch in module)
    connections = sum(branch.ohms * branch.amperes**2 for module in circuit for branch in module)
    busbars = sum(
        2 * busbar_ohms * sum(branch.amperes for branch in module[index:]) ** 2
        for module in circuit
        for index in range(1, len(module))
    )
    interconnects = (len(pack) - 1) * interconnect_ohms * total**2
    assert delivered == pytest.approx(cells - connections - busbars - interconnects, rel=1e-8, abs=1e-6)


def test_two_cells_divide_a_current_as_their_conductances() -> None:
    pair = [Source(volts=3.7, ohms=0.02, connection_ohms=0.01), Source(3.7, 0.02, 0.04)]

    first, second = solve_module(pair, busbar_ohms=0.0, total=9.0)

    assert (first.amperes, second.amperes) == pytest.approx((6.0, 3.0), rel=1e-12)


def test_without_a_current_the_fuller_cell_charges_the_other() -> None:
    pair = [Source(volts=4.0, ohms=0.02, connection_ohms=0.005), Source(3.8, 0.02, 0.005)]

    first, second = solve_module(pair, busbar_ohms=0.0, total=0.0)

    assert (first.amperes, second.amperes) == pytest.approx((4.0, -4.0), rel=1e-12)


def test_a_busbar_favours_the_cells_near_the_terminals() -> None:
    row = [Source(volts=3.7, ohms=0.02, connection_ohms=0.0)] * 4

    currents = [branch.amperes for branch in solve_module(row, busbar_ohms=0.001, total=20.0)]

    assert currents == sorted(currents, reverse=True)
    assert currents[0] > 5.0 > currents[-1]


def test_hundreds_of_symbols_are_not_nested_too_deeply_for_pybamm() -> None:
    deviations = [pybamm.StateVector(slice(index, index + 1)) for index in range(400)]
    states = np.arange(400.0)

    first, *others = divide_current(pybamm.Scalar(401.0), deviations)

    assert first.evaluate(y=states).item() == pytest.approx(1 - states.sum())
    assert others[-1].evaluate(y=states).item() == pytest.approx(1 + 399)
