"""A drive cycle or profile as a step gives what PyBaMM gives for the same array as a step."""

from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.catalogue.parameters import drive_cycle
from batterysim.problem import InvalidSpecError
from batterysim.results import CURRENT, POWER, TIME, VOLTAGE, EndReason
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, spec_of

COLUMNS = ("Time [s]", "Voltage [V]", "Current [A]")
PULSES = "0,0\n10,5\n60,5\n61,-3\n120,-3\n121,0\n180,0\n"
ROWS = np.array([[float(cell) for cell in row.split(",")] for row in PULSES.splitlines()])
DOWN = {"cRate": 1, "durationSeconds": 600}


def run(*steps: Json, family: str = "SPM", cell: Json | None = None, **more: Any) -> Trace:
    experiment = {"structuredSteps": list(steps), **more}
    return solve(spec_of(model={"family": family}, cell=cell or {}, protocol={"experiment": experiment}))


def by_pybamm(family: str, *steps: Any) -> pybamm.Solution:
    return pybamm.Simulation(
        getattr(pybamm.lithium_ion, family)(),
        parameter_values=pybamm.ParameterValues("Chen2020"),
        experiment=pybamm.Experiment(list(steps)),
    ).solve(calc_esoh=False)


def profile(quantity: str, csv: str = PULSES, **more: Any) -> Json:
    return {"profile": {"quantity": quantity, "csv": csv, **more}}


def test_a_profile_of_c_rates_as_a_step_equals_pybamm() -> None:
    rates = "\n".join(f"{time},{value / 5}" for time, value in ROWS)
    array = np.array([ROWS[:, 0], ROWS[:, 1] / 5]).T

    trace = run(DOWN, profile("CRate", rates))

    alone = by_pybamm("SPM", "Discharge at 1C for 600 seconds", pybamm.step.CRate(array))
    for column in COLUMNS:
        np.testing.assert_allclose(trace.values[column], alone[column].entries, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "more", [{}, {"pack": {"seriesCount": 2, "parallelCount": 2}}], ids=["a cell", "a pack"]
)
def test_a_profile_of_c_rates_is_one_of_currents(more: Json) -> None:
    """Of Chen2020 with 4 A.h, and of two in parallel: half a C-rate is 2 A in each."""
    cell = {"nominalCapacityAmpereHours": 4}
    amperes = 2 if more else 1

    def end(quantity: str, scale: float) -> float:
        protocol = {"profile": {"quantity": quantity, "csv": "0,0.5\n600,1\n900,-0.5\n", "scale": scale}}
        trace = solve(spec_of(model={"family": "SPM"}, cell=cell, protocol=protocol, **more))
        return float(trace.values[VOLTAGE.name][-1])

    assert end("CRate", 1) == pytest.approx(end("Current", 4 * amperes), abs=1e-9)


@pytest.mark.parametrize(
    "followed",
    [
        {"driveCycle": {"name": "US06"}},
        {"profile": {"quantity": "Current", "csv": PULSES}},
        {"profile": {"quantity": "CRate", "csv": PULSES, "scale": 0.2}},
    ],
    ids=["a drive cycle", "currents", "C-rates"],
)
@pytest.mark.parametrize(
    ("more", "tolerance"), [({}, 1e-9), ({"pack": {"seriesCount": 2}}, 2e-5)], ids=["a cell", "a pack"]
)
def test_a_step_that_gives_the_current_has_the_charge_of_that(
    followed: Json, more: Json, tolerance: float
) -> None:
    """As the protocol. The solver's state is off by its tolerance. A pack's current is solved for, too."""
    same: Json = {"model": {"family": "SPM"}, "cell": {"initialStateOfCharge": 0.6}, **more}
    steps: Json = {"experiment": {"structuredSteps": [followed]}}

    trace = solve(spec_of(**same, protocol=steps))

    (record,), found = trace.steps or [], summarise(trace)
    exact = summarise(solve(spec_of(**same, protocol=followed)))
    for field in ("discharged_ampere_hours", "charged_ampere_hours", "discharge_capacity_ampere_hours"):
        assert getattr(found, field) == pytest.approx(getattr(exact, field), rel=tolerance), field
    for field in ("discharged_watt_hours", "charged_watt_hours", "discharge_energy_watt_hours"):
        assert getattr(found, field) == pytest.approx(getattr(exact, field), rel=1e-4), field
    assert record.discharge_capacity_ampere_hours == pytest.approx(
        exact.discharged_ampere_hours, rel=tolerance
    )
    assert record.charge_capacity_ampere_hours == pytest.approx(exact.charged_ampere_hours, rel=tolerance)


@pytest.mark.parametrize("family", ["SPM", "DFN"])
def test_us06_between_two_steps_equals_pybamm(family: str) -> None:
    table = drive_cycle("US06")
    array = np.array([table.times_seconds, table.values]).T

    trace = run(DOWN, {"driveCycle": {"name": "US06"}}, DOWN, family=family)

    discharge = "Discharge at 1C for 600 seconds"
    alone = by_pybamm(family, discharge, pybamm.step.Current(array), discharge)
    for column in COLUMNS:
        np.testing.assert_allclose(trace.values[column], alone[column].entries, rtol=1e-9, atol=1e-9)
    assert [record.end_time_seconds for record in trace.steps or []] == [600, 1200, 1800]
    assert [record.instruction for record in trace.steps or []][1] == "Follow US06"


@pytest.mark.parametrize(
    ("quantity", "scale", "kind", "amount"),
    [("Current", 1.0, pybamm.step.Current, 1.0), ("Power", 2.0, pybamm.step.Power, 2.0)],
)
def test_a_profile_equals_pybamm(quantity: str, scale: float, kind: Any, amount: float) -> None:
    array = ROWS * [1.0, amount]

    trace = run(DOWN, profile(quantity, scale=scale))

    alone = by_pybamm("SPM", "Discharge at 1C for 600 seconds", kind(array))
    for column in COLUMNS:
        np.testing.assert_allclose(trace.values[column], alone[column].entries, rtol=1e-9, atol=1e-9)


def test_a_profile_is_repeated_and_charges_what_it_says() -> None:
    trace = run(DOWN, profile("Current", repeat=3))

    record = (trace.steps or [])[1]
    assert record.end_time_seconds == 600 + 3 * 180
    assert record.discharge_capacity_ampere_hours == pytest.approx(3 * (25 + 250 + 25 / 16) / 3600, rel=2e-3)
    assert record.instruction == "Follow a current profile 3 times"


def test_a_power_is_that_of_the_profile() -> None:
    trace = run(DOWN, profile("Power"))

    times = trace.values[TIME.name] - 600
    inside = times > 0
    np.testing.assert_allclose(
        trace.values[POWER.name][inside], np.interp(times[inside], ROWS[:, 0], ROWS[:, 1]), atol=1e-3
    )


def test_two_long_profiles_that_differ_in_the_middle_stay_apart() -> None:
    """PyBaMM tells steps apart by their text, in which a long array has dots."""
    rows = 2000
    currents = np.full(rows, 1.0)
    other = currents.copy()
    other[rows // 2] = 9.0
    first, second = (
        "\n".join(f"{second},{current}" for second, current in enumerate(column))
        for column in (currents, other)
    )

    trace = run(DOWN, profile("Current", first), profile("Current", second))

    _, one, two = trace.steps or []
    assert one.discharge_capacity_ampere_hours == pytest.approx(1999 / 3600, rel=1e-6)
    assert two.discharge_capacity_ampere_hours == pytest.approx((1999 + 8) / 3600, rel=1e-3)


def test_a_cut_off_of_the_cell_ends_it_on_either_side() -> None:
    csv = "0,-5\n3600,-5\n"

    trace = run(
        profile("Current", csv), {"rest": True, "durationSeconds": 60}, cell={"initialStateOfCharge": 0.7}
    )

    first, _ = trace.steps or []
    assert first.ended_by == "event: Voltage > 4.2 [V] [experiment]"
    assert first.end_volts == pytest.approx(4.2, abs=1e-5)
    assert trace.end_reason is EndReason.STEPS_FINISHED


def test_a_condition_or_a_time_ends_it_earlier() -> None:
    low = {"variable": "Voltage [V]", "below": 3.9}

    timed = run(DOWN, {**profile("Current"), "durationSeconds": 30})
    ended = run(DOWN, {**profile("Current", repeat=50), "until": [low]})

    assert summarise(timed).end_time_seconds == 630
    assert ended.values[VOLTAGE.name][-1] == pytest.approx(3.9, abs=1e-5)
    assert ended.values[CURRENT.name][-1] > 0


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (profile("Current", "0,1\n0,2\n"), r"structuredSteps\[0\]\.profile\.csv: line 2"),
        (profile("Voltage", "time [s],I [A]\n0,1\n1,2\n"), r"structuredSteps\[0\]\.profile\.csv: line 1"),
        ({**profile("Current"), "untilVolts": 3}, r"may be reached from both sides"),
        ({**profile("Current"), "durationSeconds": 181}, r"it is over after 180 s"),
        ({"driveCycle": {"name": "US06", "repeat": 40}}, r"has 24001 points, more than 20000"),
        ({"driveCycle": {"name": "WLTC"}}, r"scale is required for WLTC"),
        ({**profile("Current"), "cRate": 1}, r"set exactly one of currentAmperes, cRate"),
    ],
)
def test_what_cannot_be_followed(step: Json, words: str) -> None:
    with pytest.raises(InvalidSpecError, match=words):
        run(step)
