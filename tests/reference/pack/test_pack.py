"""A pack does what its cells do, compared with single cells that PyBaMM solves alone."""

import numpy as np
import pybamm
import pytest

from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of
from tests.reference.pack.packs import SPM, SPREAD, THICKNESS, TIGHT, of_cells, run


@pytest.mark.parametrize(
    ("family", "series", "parallel", "tolerance"),
    [
        ("SPM", 3, 1, 1e-12),
        ("SPM", 1, 3, 1e-6),
        ("SPM", 2, 2, 1e-6),
        ("DFN", 2, 2, 1e-6),
        ("Thevenin", 2, 2, 1e-6),
    ],
)
def test_a_pack_of_equal_cells_is_one_large_cell(
    family: str, series: int, parallel: int, tolerance: float
) -> None:
    cell = {"parameterSet": "ECM_Example" if family == "Thevenin" else "Chen2020"}
    same: Json = {"cell": cell, "model": {"family": family}}
    single = solve(spec_of(**same, protocol=constant_current(5, 1200)))

    trace = run(
        {"seriesCount": series, "parallelCount": parallel},
        **same,
        protocol=constant_current(5 * parallel, 1200),
    )

    for name, alone, factor in (
        ("Current [A]", "Current [A]", parallel),
        ("Voltage [V]", "Voltage [V]", series),
        ("Power [W]", "Power [W]", series * parallel),
        ("Discharge capacity [A.h]", "Discharge capacity [A.h]", parallel),
        ("Bulk open-circuit voltage [V]", "Bulk open-circuit voltage [V]", series),
        ("State of charge", "State of charge", 1),
        ("C-rate", "C-rate", 1),
        (f"Cell s{series}p{parallel} voltage [V]", "Voltage [V]", 1),
        (f"Cell s{series}p{parallel} current [A]", "Current [A]", 1),
    ):
        np.testing.assert_allclose(
            trace.values[name], factor * single.values[alone], rtol=tolerance, atol=1e-9, err_msg=name
        )


def test_us06_with_a_pack_of_equal_cells() -> None:
    cell = {"initialStateOfCharge": 0.8}
    solver = {"relativeTolerance": 1e-6, "absoluteTolerance": 1e-8}
    us06, us06_twice = ({"driveCycle": {"name": "US06", "scale": scale}} for scale in (1, 2))
    single = solve(spec_of(cell=cell, model=SPM, protocol=us06, solver=solver))

    trace = run({"seriesCount": 2, "parallelCount": 2}, cell=cell, protocol=us06_twice, solver=solver)

    np.testing.assert_allclose(trace.values["Voltage [V]"], 2 * single.values["Voltage [V]"], rtol=1e-7)
    drawn = summarise(trace).discharge_capacity_ampere_hours
    assert drawn == pytest.approx(2 * summarise(single).discharge_capacity_ampere_hours, rel=1e-12)


def test_a_c_rate_is_that_of_all_cells_in_parallel() -> None:
    protocol = {"constantCurrent": {"cRate": 0.5, "durationSeconds": 60}}

    trace = run({"seriesCount": 2, "parallelCount": 3}, protocol=protocol)

    assert trace.values["Current [A]"] == pytest.approx(0.5 * 5 * 3)
    assert summarise(trace).max_c_rate == pytest.approx(0.5)


@pytest.fixture(scope="module")
def varied() -> Trace:
    """Solve a pack with everything in it, with tight tolerances."""
    return run(VARIED, cell={"initialStateOfCharge": 0.9}, protocol=constant_current(12, 1200), solver=TIGHT)


VARIED: Json = {
    "seriesCount": 2,
    "parallelCount": 3,
    "connectionResistanceOhms": 0.004,
    "busbarResistanceOhms": 0.0005,
    "interconnectResistanceOhms": 0.001,
    "spread": SPREAD,
    "cells": [{"series": 2, "parallel": 3, "initialStateOfCharge": 0.85, "connectionResistanceOhms": 0.02}],
}


def test_kirchhoffs_laws_hold(varied: Trace) -> None:
    currents = of_cells(varied, "current [A]").reshape(2, 3, -1)
    ohms = np.array([[0.004, 0.004, 0.004], [0.004, 0.004, 0.02]])
    between_busbars = of_cells(varied, "voltage [V]").reshape(2, 3, -1) - ohms[..., None] * currents

    for module in currents:
        assert abs(module.sum(axis=0) - 12).max() < 1e-9
    for volts, amperes in zip(between_busbars, currents, strict=True):
        assert abs(volts[1] - volts[0] - 2 * 0.0005 * (amperes[1] + amperes[2])).max() < 1e-9
        assert abs(volts[2] - volts[1] - 2 * 0.0005 * amperes[2]).max() < 1e-9
    terminals = between_busbars[0, 0] + between_busbars[1, 0] - 0.001 * 12
    assert abs(varied.values["Voltage [V]"] - terminals).max() < 1e-9


def test_each_cell_does_what_pybamm_says_of_that_cell_alone(varied: Trace) -> None:
    """Only the current of a cell comes from the pack, its own parameters and state from here."""
    times, amperes = varied.values["Time [s]"], varied.values["Cell s2p3 current [A]"]
    parameters = pybamm.ParameterValues("Chen2020")
    generator = np.random.default_rng(0)
    factor = 1 + 0.05 * generator.standard_normal((2, 3))[1, 2]
    parameters[THICKNESS] *= factor
    parameters["Current function [A]"] = pybamm.Interpolant(times, amperes, pybamm.t)
    solver = pybamm.IDAKLUSolver(rtol=1e-10, atol=1e-12)
    simulation = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=parameters, solver=solver)

    solution = simulation.solve([0, 1200], t_interp=times, initial_soc=0.85)

    alone = solution["Voltage [V]"].entries
    np.testing.assert_allclose(varied.values["Cell s2p3 voltage [V]"], alone, atol=1e-6)


def test_the_charge_of_all_cells_is_the_packs(varied: Trace) -> None:
    currents = of_cells(varied, "current [A]").reshape(2, 3, -1)

    drawn = np.trapezoid(currents, varied.values["Time [s]"], axis=-1).sum(axis=1) / 3600

    assert drawn == pytest.approx([4.0, 4.0], rel=1e-9)
    assert varied.values["Discharge capacity [A.h]"][-1] == pytest.approx(4.0, rel=1e-9)
    assert summarise(varied).discharge_capacity_ampere_hours == pytest.approx(4.0, rel=1e-12)


def test_extremes_and_means_are_those_of_the_cells(varied: Trace) -> None:
    volts, charges = of_cells(varied, "voltage [V]"), of_cells(varied, "state of charge")

    assert (varied.values["Minimum cell voltage [V]"] == volts.min(axis=0)).all()
    assert (varied.values["Maximum cell voltage [V]"] == volts.max(axis=0)).all()
    assert varied.values["State of charge"] == pytest.approx(charges.mean(axis=0), rel=1e-12)
    assert charges[:, 0] == pytest.approx([0.9] * 5 + [0.85], rel=1e-6)


def test_two_cells_with_different_connections_divide_the_current_so_that_voltages_agree() -> None:
    cells = [{"series": 1, "parallel": 2, "connectionResistanceOhms": 0.05}]

    trace = run(
        {"parallelCount": 2, "connectionResistanceOhms": 0.01, "cells": cells},
        protocol=constant_current(10, 60),
        solver=TIGHT,
    )

    first, second = of_cells(trace, "current [A]")[:, 0]
    assert first + second == pytest.approx(10, abs=1e-12)
    volts = [start_volts(amperes) for amperes in (first, second)]
    assert volts[0] - 0.01 * first == pytest.approx(volts[1] - 0.05 * second, abs=1e-9)
    assert first > 2 * second


def start_volts(amperes: float) -> float:
    """Return the voltage of a single cell at time 0."""
    parameters = pybamm.ParameterValues("Chen2020")
    parameters["Current function [A]"] = amperes
    simulation = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=parameters)
    return float(simulation.solve([0, 1])["Voltage [V]"].entries[0])


def test_cells_at_different_states_of_charge_level_out_without_a_current() -> None:
    cells = [{"series": 1, "parallel": 2, "initialStateOfCharge": 0.4}]

    trace = run(
        {"parallelCount": 2, "connectionResistanceOhms": 0.01, "cells": cells},
        cell={"initialStateOfCharge": 0.8},
        protocol={"rest": {"durationSeconds": 36000}},
        model={"family": "SPMe"},
    )

    first, second = of_cells(trace, "state of charge")
    assert (first[0], second[0]) == pytest.approx((0.8, 0.4), abs=1e-6)
    assert (first[-1], second[-1]) == pytest.approx((0.6, 0.6), abs=0.005)
    assert first + second == pytest.approx(1.2, abs=1e-4)
    currents = of_cells(trace, "current [A]")
    assert currents[0, 0] > 1
    assert abs(currents.sum(axis=0)).max() < 1e-9
