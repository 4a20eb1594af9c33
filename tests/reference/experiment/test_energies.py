"""The energy of a step does not depend on how few steps the solver needs for it."""

import pytest

from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
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
