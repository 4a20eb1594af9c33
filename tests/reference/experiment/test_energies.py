"""The energy of a step does not depend on how few steps the solver needs for it."""

import itertools

import pytest

from batterysim.results import TIME, VOLTAGE, EndReason
from batterysim.sweep.metric import Metric
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.sums import Sums
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from batterysim_runner.sweep.measures import measures
from tests.builders import Json, constant_current, spec_of

CELL = {"parameterSet": "Chen2020", "initialStateOfCharge": 1}


def energy(family: str, protocol: Json, **spec: Json) -> float:
    trace = solve(spec_of(model={"family": family}, cell=CELL, protocol=protocol, **spec))
    found = summarise(trace).discharge_energy_watt_hours
    assert found is not None
    if trace.steps is not None:
        assert trace.steps[0].discharge_energy_watt_hours == pytest.approx(found, rel=1e-12)
    return found


@pytest.mark.parametrize("amperes", [15, 5, 1])
@pytest.mark.parametrize("family", ["SPM", "SPMe", "DFN"])
def test_a_discharge_has_the_energy_of_many_points(family: str, amperes: float) -> None:
    exact = energy(family, constant_current(amperes, 30_000), output={"points": 20_001})

    found = energy(family, {"experiment": {"steps": [f"Discharge at {amperes} A until 2.5 V"]}})

    assert found == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("words", ["Discharge at 10 W for 1 hour", "Discharge at 30 W for 10 minutes"])
def test_a_power_for_a_time_has_the_energy_of_both(words: str) -> None:
    watts, hours = (10, 1) if "10 W" in words else (30, 1 / 6)

    assert energy("SPM", {"experiment": {"steps": [words]}}) == pytest.approx(watts * hours, rel=2e-4)


def test_a_drive_cycle_as_a_step_has_the_charge_of_its_current() -> None:
    """The solver's own state of it is 1 % off, and the current is given."""
    cell, cycle = {"parameterSet": "Chen2020", "initialStateOfCharge": 0.6}, {"driveCycle": {"name": "US06"}}
    protocols: list[Json] = [cycle, {"experiment": {"structuredSteps": [cycle]}}]

    alone, as_step = (
        summarise(solve(spec_of(model={"family": "SPM"}, cell=cell, protocol=protocol)))
        for protocol in protocols
    )

    for field in (
        "discharge_capacity_ampere_hours",
        "discharged_ampere_hours",
        "charged_ampere_hours",
        "discharge_energy_watt_hours",
    ):
        assert getattr(as_step, field) == pytest.approx(getattr(alone, field), rel=1e-6), field


@pytest.mark.parametrize(
    ("cell", "family", "amperes", "hours"),
    [("Mohtat2020", "SPMe", 1, 2), ("Prada2013", "SPMe", 0.023, 20), ("Mohtat2020", "SPM", 1, 2)],
)
def test_a_small_overpotential_gives_the_resistance_of_many_points(
    cell: str, family: str, amperes: float, hours: float
) -> None:
    """It is a hundredth of the voltage, whose ten-thousandth is then 3 % of it."""
    words = {"experiment": {"steps": [f"Discharge at {amperes} A for {hours} hours"]}}
    ways: list[Json] = [
        {"protocol": words},
        {"protocol": constant_current(amperes, 3600 * hours), "output": {"points": 20_001}},
    ]

    found, exact = (
        summarise(
            solve(
                spec_of(
                    model={"family": family},
                    cell={"parameterSet": cell, "initialStateOfCharge": 0.9},
                    **way,
                )
            )
        )
        for way in ways
    )

    assert found.internal_resistance_ohms == pytest.approx(exact.internal_resistance_ohms, rel=1e-4)
    assert found.discharge_energy_watt_hours == pytest.approx(exact.discharge_energy_watt_hours, rel=1e-5)


def test_a_step_has_its_energy_however_many_are_planned() -> None:
    """Of 10,000 cycles of four steps each had 50 points: of this one the resistance was 3 % too high."""
    of_few, of_many = (ended_early(cycles) for cycles in (3, 10_000))

    assert of_few.end_reason == of_many.end_reason == EndReason.WALL_CLOCK_LIMIT
    for field in Sums._fields:
        assert getattr(of_many.sums, field) == pytest.approx(
            getattr(of_few.sums, field), rel=1e-9, nan_ok=True
        ), field
    assert summarise(of_many).internal_resistance_ohms == pytest.approx(
        summarise(of_few).internal_resistance_ohms, rel=1e-9
    )
    assert of_few.steps is not None
    assert of_many.steps is not None
    assert of_many.steps[:4] == of_few.steps[:4]


def test_of_what_is_integrated_only_columns_that_are_asked_for_are_kept() -> None:
    protocol: Json = {"experiment": {"steps": ["Discharge at 1C until 3 V", "Rest for 1 hour"]}}
    spec = spec_of(model={"family": "SPM"}, cell=CELL, protocol=protocol)

    without, with_voltage = solve(spec), solve(spec, finer=(VOLTAGE.name,))

    assert without.integrand is None
    assert with_voltage.integrand is not None
    assert set(with_voltage.integrand.values) == {TIME.name, VOLTAGE.name}
    assert len(with_voltage.integrand.halves) > 2 * len(with_voltage.in_output)
    (mean,) = measures([Metric.model_validate({"name": "m", "column": VOLTAGE.name, "statistic": "Mean"})])
    assert mean.of(with_voltage) == pytest.approx(summarise(without).mean_volts, rel=1e-12)


def ended_early(cycles: int) -> Trace:
    """Do the first cycles of so many: the clock goes on by a second whenever it is looked at."""
    steps = [
        "Discharge at C/3 until 2.5 V",
        "Rest for 10 minutes",
        "Charge at 1C until 4.1 V",
        "Hold at 4.1 V until C/20",
    ]
    spec = spec_of(
        model={"family": "SPM"},
        cell=CELL,
        protocol={"experiment": {"steps": steps, "cycles": cycles}},
        solver={"wallClockLimitSeconds": 10},
    )
    return solve(spec, clock=itertools.count().__next__)


def test_a_pack_has_the_energy_of_its_cells() -> None:
    steps: Json = {"experiment": {"steps": ["Discharge at 5 A until 2.5 V"]}}
    of_pack: Json = {"experiment": {"steps": ["Discharge at 5 A until 5 V"]}}

    pack = energy("SPM", of_pack, pack={"seriesCount": 2, "parallelCount": 1})

    assert pack == pytest.approx(2 * energy("SPM", steps), rel=1e-4)


def test_a_current_that_turns_gives_and_takes_what_its_two_triangles_have() -> None:
    """5 A falling to -0.2 A in an hour. The energy is that of the protocol, which gives the current."""
    profile = {"quantity": "Current", "csv": "0,5\n3600,-0.2\n"}
    cell = {"parameterSet": "Chen2020", "initialStateOfCharge": 0.6}
    model = {"family": "SPM"}
    steps: Json = {"experiment": {"structuredSteps": [{"profile": profile}]}}

    trace = solve(spec_of(model=model, cell=cell, protocol=steps))
    found, exact = (
        summarise(trace),
        summarise(solve(spec_of(model=model, cell=cell, protocol={"profile": profile}))),
    )

    drawn, put_in = 0.5 * 5 * 5 / 5.2, 0.5 * 0.2 * 0.2 / 5.2
    assert found.discharged_ampere_hours == pytest.approx(drawn, rel=1e-4)
    assert found.charged_ampere_hours == pytest.approx(put_in, rel=1e-4)
    assert found.discharged_watt_hours == pytest.approx(exact.discharged_watt_hours, rel=1e-4)
    assert found.charged_watt_hours == pytest.approx(exact.charged_watt_hours, rel=2e-4)
    assert trace.steps is not None
    assert trace.steps[0].charge_capacity_ampere_hours == pytest.approx(found.charged_ampere_hours, rel=1e-12)
    assert trace.steps[0].charge_energy_watt_hours == pytest.approx(found.charged_watt_hours, rel=1e-12)
