"""Charge and lithium against what can be counted: what is drawn, what is left, what side reactions took."""

import numpy as np
import pybamm
import pytest

from batterysim.results import CURRENT, DISCHARGE_CAPACITY, STATE_OF_CHARGE, TIME, VOLTAGE
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of

HALF_CELL = {"working electrode": "positive"}
TIGHT = {"relativeTolerance": 1e-6, "absoluteTolerance": 1e-9}
FARADAY = 96485.332
LITHIUM = "Total lithium in particles [mol]"


@pytest.mark.parametrize("rate", [-0.4, 0.8])
@pytest.mark.parametrize(
    ("parameter_set", "family", "options"),
    [
        ("Chen2020", "DFN", {}),
        ("Chen2020", "MPM", {}),
        ("OKane2022_graphite_SiOx_halfcell", "SPMe", HALF_CELL),
        ("Xu2019", "SPM", HALF_CELL),
    ],
)
def test_the_state_of_charge_is_the_charge_drawn_over_one_capacity(
    parameter_set: str, family: str, options: Json, rate: float
) -> None:
    """Whatever the current, and whatever the nominal capacity says."""

    def capacity(rate: float) -> float:
        trace = solve(
            spec_of(
                model={"family": family, "options": options},
                cell={"parameterSet": parameter_set, "initialStateOfCharge": 0.5},
                protocol={"constantCurrent": {"cRate": rate, "durationSeconds": 600}},
                solver=TIGHT,
            )
        )
        charge = trace.values[STATE_OF_CHARGE.name]
        assert charge[0] == pytest.approx(0.5, abs=1e-9)
        return (summarise(trace).discharge_capacity_ampere_hours or 0) / float(charge[0] - charge[-1])

    # the solver's tolerance of 1e-6 is of the state, of which a run at C/10 changes less than a tenth
    assert capacity(rate) == pytest.approx(capacity(0.1), rel=2e-5)


def test_a_slow_discharge_gives_what_the_ageing_record_calls_the_capacity() -> None:
    """From 100 % to 0 %; cut-offs of the spec do not change it (docs/experiments.md)."""
    slow = ["Discharge at C/100 until 2.5 V"]
    discharge = solve(
        spec_of(
            model={"family": "SPM"},
            cell={"initialStateOfCharge": 1.0},
            protocol={"experiment": {"steps": slow}},
        )
    )
    narrow = solve(
        spec_of(
            model={"family": "SPM"},
            cell={"initialStateOfCharge": 0.5, "upperCutoffVolts": 4.0, "lowerCutoffVolts": 3.2},
            protocol={"experiment": {"steps": ["Discharge at 1 A for 1 minute"], "cycles": 2}},
        )
    )

    (*_, last) = narrow.cycles or []
    assert last.ageing is not None
    # at C/100 the last 0.1 % is not reached
    assert summarise(discharge).discharge_capacity_ampere_hours == pytest.approx(
        last.ageing.capacity_ampere_hours, rel=2e-3
    )


@pytest.mark.parametrize("family", ["SPM", "DFN"])
def test_lithium_that_is_lost_went_into_the_film(family: str) -> None:
    """Inventory lost, as the records have it, against the integral of the side reaction's current."""
    name = "X-averaged negative electrode SEI volumetric interfacial current density [A.m-3]"
    trace = solve(
        spec_of(
            model={"family": family, "options": {"SEI": "solvent-diffusion limited"}},
            cell={
                "parameterSet": "Mohtat2020",
                "initialStateOfCharge": 0.5,
                "parameters": {
                    "SEI kinetic rate constant [m.s-1]": 1e-9,
                    "SEI solvent diffusivity [m2.s-1]": 2.5e-19,
                },
            },
            protocol={
                "experiment": {
                    "steps": ["Discharge at 1C for 10 minutes", "Charge at 1C for 10 minutes"],
                    "cycles": 2,
                }
            },
            solver=TIGHT,
            output={"variables": [LITHIUM, name]},
        )
    )

    values = trace.values
    parameters = pybamm.ParameterValues("Mohtat2020")
    lengths = ("Electrode height [m]", "Electrode width [m]", "Negative electrode thickness [m]")
    cubic_metres = np.prod([parameters[length] for length in lengths])
    moles = -np.trapezoid(values[name], values[TIME.name]) * cubic_metres / FARADAY
    lithium = values[LITHIUM]
    assert lithium[0] - lithium[-1] == pytest.approx(moles, rel=1e-3)
    (*_, last) = trace.cycles or []
    assert last.ageing is not None
    assert last.ageing.lithium_lost_moles == pytest.approx(moles, rel=1e-3)
    assert last.ageing.loss_of_lithium_inventory_percent == pytest.approx(100 * moles / lithium[0], rel=1e-3)


def test_a_graphite_half_cell_takes_up_lithium_when_it_is_discharged() -> None:
    """Against lithium metal it is the positive electrode: its voltage falls as it fills."""
    stoichiometry = "Positive electrode stoichiometry"
    values = solve(
        spec_of(
            model={"family": "SPM", "options": HALF_CELL},
            cell={"parameterSet": "OKane2022_graphite_SiOx_halfcell", "initialStateOfCharge": 0.8},
            protocol=constant_current(1, 600),
            output={"variables": [stoichiometry]},
        )
    ).values

    assert values[CURRENT.name][-1] == 1
    assert values[DISCHARGE_CAPACITY.name][-1] > 0
    assert values[stoichiometry][-1] > values[stoichiometry][0]
    assert values[STATE_OF_CHARGE.name][-1] < 0.8
    assert values[VOLTAGE.name][-1] < values[VOLTAGE.name][0]
