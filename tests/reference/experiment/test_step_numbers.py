"""An experiment's rows know their cycle and step; a step's record has its charge, energy and volts."""

import numpy as np
import pytest

from batterysim_runner.solution import solve
from tests.builders import spec_of

STEPS = ["Discharge at 1C for 10 minutes", "Rest for 5 minutes", "Charge at 0.5C for 5 minutes"]
AMPERES = {1: 5.0, 2: 0.0, 3: -2.5}


def test_rows_have_the_numbers_of_their_cycle_and_step() -> None:
    spec = spec_of(model={"family": "SPM"}, protocol={"experiment": {"steps": STEPS, "cycles": 2}})

    rows = solve(spec).output()

    places = list(zip(rows["Cycle number"], rows["Step number"], strict=True))
    assert list(dict.fromkeys(places)) == [(cycle, step) for cycle in (1, 2) for step in (1, 2, 3)]
    for (_, step), current in zip(places, rows["Current [A]"], strict=True):
        assert current == pytest.approx(AMPERES[int(step)], abs=1e-9)


def test_a_steps_record_has_what_it_exchanged_and_its_volts() -> None:
    spec = spec_of(model={"family": "SPM"}, protocol={"experiment": {"steps": STEPS, "cycles": 2}})

    trace = solve(spec)

    assert trace.steps is not None
    assert trace.cycles is not None
    discharge, rest, charge = trace.steps[:3]
    assert discharge.discharge_capacity_ampere_hours == pytest.approx(5 / 6, rel=1e-6)
    assert rest.discharge_capacity_ampere_hours == pytest.approx(0, abs=1e-9)
    assert charge.charge_capacity_ampere_hours == pytest.approx(2.5 / 12, rel=1e-6)
    total = sum(step.discharge_energy_watt_hours or 0 for step in (discharge, rest, charge))
    assert total == pytest.approx(trace.cycles[0].discharge_energy_watt_hours, rel=1e-6)
    rows = trace.output()
    of_rest = (rows["Cycle number"] == 1) & (rows["Step number"] == 2)
    assert rest.end_volts == np.asarray(rows["Voltage [V]"])[of_rest][-1]
    assert rest.begin_volts is not None
    assert discharge.end_volts is not None
    assert discharge.end_volts < rest.begin_volts < rest.end_volts  # the voltage relaxes


def test_a_skipped_step_has_no_numbers() -> None:
    steps = ["Charge at 1C until 3 V", "Discharge at 1C for 1 minute"]
    spec = spec_of(
        model={"family": "SPM"},
        protocol={"experiment": {"steps": steps, "onReachedEnd": "NextStep"}},
    )

    trace = solve(spec)

    assert trace.steps is not None
    assert trace.steps[0].begin_volts is None
    assert set(trace.output()["Step number"]) == {2.0}
