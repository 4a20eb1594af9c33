"""Experiments, CCCV and held voltages with a pack: equal cells are one large cell, and the first one ends."""

import numpy as np
import pytest

from batterysim.problem import InvalidSpecError
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import Json, spec_of
from tests.reference.pack.packs import SPM, TIGHT, of_cells, run

AT_80: Json = {"initialStateOfCharge": 0.8}
STEPS: list[Json] = [
    {"cRate": 1, "durationSeconds": 300},
    {"rest": True, "durationSeconds": 100},
    {"cRate": -0.5, "durationSeconds": 300},
]


def experiment(*steps: Json, **fields: object) -> Json:
    return {"experiment": {"structuredSteps": list(steps), **fields}}


@pytest.mark.parametrize(
    ("family", "output", "tolerance"),
    [("SPM", {"periodSeconds": 20}, 1e-9), ("SPM", {}, 1e-9), ("DFN", {"periodSeconds": 20}, 1e-6)],
)
def test_cells_in_series_are_one_cell_times_their_number(family: str, output: Json, tolerance: float) -> None:
    same: Json = {"model": {"family": family}, "cell": AT_80, "protocol": experiment(*STEPS, cycles=2)}
    single = solve(spec_of(**same, output=output)).output()

    trace = run({"seriesCount": 3}, **same, output=output).output()

    for name, factor in (("Time [s]", 1), ("Voltage [V]", 3), ("Current [A]", 1), ("Power [W]", 3)):
        np.testing.assert_allclose(trace[name], factor * single[name], rtol=tolerance, atol=1e-12)
    for name in ("Cycle number", "Step number"):
        assert trace[name].tolist() == single[name].tolist()


def test_each_kind_of_step_does_to_a_pack_what_it_does_to_a_cell() -> None:
    def protocol(series: int, parallel: int) -> Json:
        return experiment(
            {"powerWatts": 15 * series * parallel, "durationSeconds": 200},
            {"ohms": 0.5 * series / parallel, "durationSeconds": 200},
            {"currentAmperes": 5 * parallel, "untilVolts": 3.6 * series},
            {"volts": 3.7 * series, "untilAmperes": 0.5 * parallel},
            {"profile": {"quantity": "Current", "csv": "0,0\n30,5\n60,-5", "scale": parallel}},
            {"cRate": 0.5, "untilAmpereHours": 0.2 * parallel},
        )

    single = solve(spec_of(model=SPM, cell=AT_80, protocol=protocol(1, 1), solver=TIGHT))

    trace = run({"seriesCount": 2, "parallelCount": 2}, cell=AT_80, protocol=protocol(2, 2), solver=TIGHT)

    ends = [record.end_time_seconds for record in single.steps or []]
    assert len(ends) == 6
    assert [record.end_time_seconds for record in trace.steps or []] == pytest.approx(ends, rel=1e-6)
    at = np.linspace(0, ends[-1], 200)
    for name, factor in (("Voltage [V]", 2), ("Current [A]", 2)):
        both = [np.interp(at, one.values["Time [s]"], one.values[name]) for one in (trace, single)]
        inside = np.min(abs(at[:, None] - np.array(ends)), axis=1) > 1
        np.testing.assert_allclose(both[0][inside], factor * both[1][inside], rtol=2e-3, atol=2e-3)


def test_a_cccv_charge_is_that_of_one_cell() -> None:
    protocol: Json = {"cccv": {"chargeCRate": 0.5}}
    single = solve(spec_of(model=SPM, cell=AT_80, protocol=protocol, solver=TIGHT))

    trace = run({"seriesCount": 3, "parallelCount": 2}, cell=AT_80, protocol=protocol, solver=TIGHT)

    assert summarise(trace).end_reason == summarise(single).end_reason == "CurrentCutOff"
    assert trace.values["Voltage [V]"][-1] == pytest.approx(3 * 4.2, rel=1e-9)
    assert trace.values["Time [s]"][-1] == pytest.approx(single.values["Time [s]"][-1], rel=1e-6)
    charged = summarise(single).charged_ampere_hours
    assert charged is not None
    assert summarise(trace).charged_ampere_hours == pytest.approx(2 * charged, rel=1e-6)


def test_the_currents_of_cells_in_parallel_add_up_and_their_voltages_agree() -> None:
    cells = [{"series": 1, "parallel": 2, "connectionResistanceOhms": 0.02}]

    trace = run(
        {"parallelCount": 2, "connectionResistanceOhms": 0.01, "cells": cells},
        cell=AT_80,
        protocol=experiment(*STEPS),
        solver=TIGHT,
    )

    amperes, volts = of_cells(trace, "current [A]"), of_cells(trace, "voltage [V]")
    np.testing.assert_allclose(amperes.sum(axis=0), trace.values["Current [A]"], atol=1e-9)
    np.testing.assert_allclose(volts[0] - 0.01 * amperes[0], volts[1] - 0.02 * amperes[1], atol=1e-8)


def test_the_first_cell_at_its_cut_off_ends_a_charge() -> None:
    cells = [{"series": 2, "parallel": 1, "initialStateOfCharge": 0.85}]

    trace = run({"seriesCount": 2, "cells": cells}, cell=AT_80, protocol={"cccv": {"chargeCRate": 0.5}})

    summary = summarise(trace)
    assert (summary.end_reason, summary.limiting_cell) == ("UpperCutOff", "s2p1")
    assert of_cells(trace, "voltage [V]").max() < 4.2 + 2e-3


def test_a_step_ends_at_a_cells_cut_off_and_the_next_one_follows() -> None:
    cells = [{"series": 1, "parallel": 1, "initialStateOfCharge": 0.1}]

    trace = run(
        {"seriesCount": 2, "cells": cells},
        cell={"initialStateOfCharge": 0.5},
        protocol=experiment({"cRate": 1, "durationSeconds": 3600}, {"rest": True, "durationSeconds": 600}),
    )

    first, rest = trace.steps or []
    assert first.ended_by == "event: Minimum voltage [V] of a cell [experiment]"
    assert rest.ended_by == "final time"
    assert of_cells(trace, "voltage [V]").min() == pytest.approx(2.5, abs=1e-3)


def test_a_condition_looks_at_the_packs_columns() -> None:
    until = [{"variable": "Minimum cell voltage [V]", "below": 3.7}]

    trace = run(
        {"seriesCount": 2, "cells": [{"series": 2, "parallel": 1, "initialStateOfCharge": 0.7}]},
        cell=AT_80,
        protocol=experiment({"cRate": 1, "durationSeconds": 3600, "until": until}),
    )

    assert trace.values["Minimum cell voltage [V]"][-1] == pytest.approx(3.7, abs=1e-4)


def test_an_unknown_column_is_named() -> None:
    until = [{"variable": "Minimum cel voltage [V]", "below": 3.7}]

    with pytest.raises(InvalidSpecError, match=r"use 'Minimum cell voltage \[V\]'"):
        run({"seriesCount": 2}, protocol=experiment({"cRate": 1, "until": until}))


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (
            {"constantVoltage": {"volts": 9, "durationSeconds": 60}},
            r"9 V is past the cell's upper cut-off of 8\.4",
        ),
        (experiment({"cRate": 1, "untilVolts": 9}), r"a discharge cannot end at 9 V"),
        (experiment(*STEPS, cycles=2, untilCapacityFraction=0.8), "untilCapacityFraction"),
        ({"impedance": {}}, "is for single cells"),
    ],
)
def test_what_a_pack_cannot_do(protocol: Json, words: str) -> None:
    with pytest.raises(InvalidSpecError, match=words):
        run({"seriesCount": 2}, protocol=protocol)


def test_a_single_cell_still_has_no_more_than_ten_volts() -> None:
    with pytest.raises(InvalidSpecError, match="must be at most 10"):
        spec_of(protocol={"constantVoltage": {"volts": 16, "durationSeconds": 60}})


@pytest.mark.parametrize("cycles", [20, 10_000])
def test_the_limiting_cell_is_known_however_many_cycles_are_planned(cycles: int) -> None:
    """Its step is of a cycle that is not recorded, where there are many, and the next one has begun."""
    steps: Json = {"experiment": {"steps": ["Discharge at 1C for 8 minutes"], "cycles": cycles}}

    trace = run({"seriesCount": 2}, model=SPM, cell={"initialStateOfCharge": 0.35}, protocol=steps)

    assert summarise(trace).limiting_cell == "s1p1"
