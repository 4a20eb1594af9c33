"""Charge and energy are conserved: the summary against integrals over the result's own series."""

import numpy as np
import pytest

from batterysim.results import CELL_TEMPERATURE, CURRENT, OPEN_CIRCUIT_VOLTAGE, TIME, VOLTAGE
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of, us06

SPM = {"family": "SPM"}
PROTOCOLS: dict[str, Json] = {
    "discharge": constant_current(5, 3600),
    "charge": constant_current(-2, 600),
    "drive cycle": us06(),
    "experiment": {
        "experiment": {"steps": ["Discharge at 1C for 10 minutes", "Charge at 2 A for 10 minutes"]}
    },
}


@pytest.fixture(scope="module", params=PROTOCOLS, ids=str)
def trace(request: pytest.FixtureRequest) -> Trace:
    return solve(spec_of(model=SPM, protocol=PROTOCOLS[request.param], cell={"initialStateOfCharge": 0.8}))


def integral(trace: Trace, column: np.ndarray) -> float:
    return float(np.trapezoid(column, trace.values[TIME.name])) / 3600


def test_capacity_is_the_integral_of_the_current(trace: Trace) -> None:
    summary, values = summarise(trace), trace.values

    assert summary.discharge_capacity_ampere_hours == pytest.approx(
        integral(trace, values[CURRENT.name]), rel=1e-6
    )


def test_energy_is_the_integral_of_the_power(trace: Trace) -> None:
    power = trace.values[CURRENT.name] * trace.values[VOLTAGE.name]

    # of a drive cycle the rule of this test itself is that far off: power bends between the points
    assert summarise(trace).discharge_energy_watt_hours == pytest.approx(integral(trace, power), rel=1e-4)


def test_what_is_drawn_less_what_is_put_in_is_the_net(trace: Trace) -> None:
    summary = summarise(trace).model_dump()

    for unit, net in (
        ("ampere_hours", "discharge_capacity_ampere_hours"),
        ("watt_hours", "discharge_energy_watt_hours"),
    ):
        drawn, put_in = summary[f"discharged_{unit}"], summary[f"charged_{unit}"]
        assert drawn - put_in == pytest.approx(summary[net], rel=1e-9)
        assert drawn >= 0
        assert put_in >= 0


def test_heat_is_the_energy_that_is_lost() -> None:
    """All that the voltage loses against its open-circuit value becomes heat, in a cell without entropy."""
    options = {"thermal": "lumped", "heat of mixing": "true"}
    model = {"family": "SPM", "options": options}
    trace = solve(spec_of(model=model, protocol=constant_current(5, 600)))
    values, summary = trace.values, summarise(trace)

    lost = (values[OPEN_CIRCUIT_VOLTAGE.name] - values[VOLTAGE.name]) * values[CURRENT.name]
    # The rest is held by uneven concentrations until the cell is at rest again (test_independent_heat.py).
    assert summary.heat_watt_hours == pytest.approx(integral(trace, lost), rel=0.08)
    assert summary.max_temperature_celsius == values[CELL_TEMPERATURE.name].max() > 25
