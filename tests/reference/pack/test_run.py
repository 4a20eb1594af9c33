"""What ends a pack's run, what can be done to a pack, and what its result has."""

import numpy as np
import pytest

from batterysim.problem import InvalidSpecError
from batterysim_runner.errors import InfeasibleError
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of
from tests.reference.pack.packs import SPM, SPREAD, TIGHT, of_cells, run


@pytest.mark.parametrize(
    ("amperes", "start", "own_state", "reason", "volts"),
    [(5, 0.5, 0.4, "LowerCutOff", 2.5), (-5, 0.5, 0.6, "UpperCutOff", 4.2)],
    ids=["discharge", "charge"],
)
def test_the_first_cell_at_its_cut_off_ends_the_run(
    amperes: float, start: float, own_state: float, reason: str, volts: float
) -> None:
    trace = run(
        {"seriesCount": 3, "cells": [{"series": 2, "parallel": 1, "initialStateOfCharge": own_state}]},
        cell={"initialStateOfCharge": start},
        protocol=constant_current(amperes, 7200),
    )

    at_end = of_cells(trace, "voltage [V]")[:, -1]
    assert at_end[1] == pytest.approx(volts, abs=1e-4)
    assert abs(at_end[[0, 2]] - volts).min() > 0.05
    summary = summarise(trace)
    assert (summary.end_reason, summary.limiting_cell) == (reason, "s2p1")
    assert summary.end_time_seconds < 7200


def test_an_ignored_cut_off_ends_nothing() -> None:
    trace = run(
        {"seriesCount": 2, "cells": [{"series": 2, "parallel": 1, "initialStateOfCharge": 0.9}]},
        cell={"initialStateOfCharge": 0.5},
        protocol=constant_current(-5, 600),
        cutOffPolicy={"upper": "Ignore"},
    )

    assert summarise(trace).end_reason == "DurationReached"
    assert summarise(trace).limiting_cell is None
    assert 4.4 < trace.values["Maximum cell voltage [V]"].max() < 5


def test_a_pack_that_begins_past_a_cut_off_is_explained_as_a_cell_is() -> None:
    with pytest.raises(InfeasibleError, match=r"at or below the lower cut-off of 4\.15 V"):
        run({"seriesCount": 2}, cell={"lowerCutoffVolts": 4.15}, protocol=constant_current(5, 60))


def test_a_power_is_delivered_at_the_packs_terminals() -> None:
    trace = run(
        {"seriesCount": 2, "parallelCount": 2, "interconnectResistanceOhms": 0.01},
        protocol={"constantPower": {"powerWatts": 60, "durationSeconds": 600}},
        solver=TIGHT,
    )

    assert trace.values["Power [W]"] == pytest.approx(60, rel=1e-8)
    assert not trace.current_is_given
    currents = of_cells(trace, "current [A]").reshape(2, 2, -1)
    assert abs(currents.sum(axis=1) - trace.values["Current [A]"]).max() < 1e-9
    assert summarise(trace).discharge_energy_watt_hours == pytest.approx(10, rel=1e-6)


def test_power_and_voltage_agree_with_a_single_cell() -> None:
    profile = {"quantity": "Voltage", "csv": "0,3.8\n600,3.7\n"}
    for protocol in ({"constantPower": {"powerWatts": 15, "durationSeconds": 600}}, {"profile": profile}):
        single = solve(spec_of(model=SPM, protocol=protocol, solver=TIGHT))

        trace = run({}, protocol=protocol, solver=TIGHT)

        np.testing.assert_allclose(trace.values["Current [A]"], single.values["Current [A]"], rtol=1e-6)


def test_a_hot_cell_is_seen_in_the_summary() -> None:
    trace = run(
        {
            "seriesCount": 2,
            "cells": [{"series": 2, "parallel": 1, "parameters": {"Contact resistance [Ohm]": 0.02}}],
        },
        model={"family": "SPM", "options": {"thermal": "lumped", "contact resistance": "true"}},
        cell={"parameters": {"Contact resistance [Ohm]": 0.001}},
        protocol=constant_current(5, 600),
    )

    temperatures = of_cells(trace, "temperature [C]")[:, -1]
    assert temperatures[1] > temperatures[0] + 0.5
    assert trace.values["Volume-averaged cell temperature [C]"][-1] == pytest.approx(temperatures.mean())
    assert summarise(trace).max_temperature_celsius == pytest.approx(temperatures[1])


def test_a_run_whose_time_is_limited_gives_the_same_within_the_tolerance() -> None:
    pack, protocol = {"parallelCount": 2, "spread": SPREAD}, constant_current(10, 1800)

    whole = run(pack, protocol=protocol)
    pieces = run(pack, protocol=protocol, solver={"wallClockLimitSeconds": 600})

    assert pieces.values["Time [s]"].tolist() == whole.values["Time [s]"].tolist()
    np.testing.assert_allclose(pieces.values["Voltage [V]"], whole.values["Voltage [V]"], atol=2e-4)


def test_the_result_has_columns_of_the_pack_and_of_each_cell_with_their_units() -> None:
    variable = "X-averaged negative electrode potential [V]"

    trace = run(
        {"seriesCount": 2}, protocol=constant_current(5, 60), output={"points": 3, "variables": [variable]}
    )

    units = dict(trace.columns)
    assert list(trace.output()) == list(units)
    assert list(units)[:3] == ["Time [s]", "Current [A]", "Voltage [V]"]
    for cell in ("s1p1", "s2p1"):
        assert units[f"Cell {cell} voltage [V]"] == units[f"Cell {cell} {variable}"] == "V"
        assert units[f"Cell {cell} current [A]"] == "A"
        assert units[f"Cell {cell} temperature [C]"] == "degC"
        assert units[f"Cell {cell} state of charge"] == "1"
    assert trace.output()["Time [s]"].tolist() == [0, 30, 60]


def test_the_solvers_own_points() -> None:
    trace = run({"parallelCount": 2}, protocol=constant_current(10, 600), output={"solverPoints": True})

    assert 10 < len(trace.output()["Time [s]"]) < 400
    assert trace.output()["Time [s]"][[0, -1]].tolist() == [0, 600]


@pytest.mark.parametrize(
    ("pack", "fields", "problem"),
    [
        (
            {"spread": [{"parameter": "Negative electrode thicknes [m]", "relativeStandardDeviation": 0.1}]},
            {},
            "spec.pack.spread[0].parameter: Chen2020 has no such parameter; use 'Negative electrode thick",
        ),
        (
            {"seriesCount": 10, "parallelCount": 20},
            {"output": {"points": 200_000}},
            "spec.output: 200000 points of ",
        ),
        ({}, {"output": {"variables": ["Negative electrode potential [V]"]}}, "spec.output.variables[0]: "),
    ],
    ids=["unknown parameter", "too many numbers", "variable in space"],
)
def test_what_cannot_be_solved_is_refused(pack: Json, fields: Json, problem: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        run(pack, **fields)

    assert str(caught.value).startswith(problem)
