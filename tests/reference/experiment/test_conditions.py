"""Steps, blocks and experiments end where a condition comes true, as in PyBaMM or by a closed form."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pybamm
import pytest
import yaml

from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim.results import STATE_OF_CHARGE, TIME, VOLTAGE, EndReason
from batterysim_runner.errors import InfeasibleError
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, bpx_cell, bpx_document, spec_of
from tests.unit.cli.builders import EXAMPLES

TEMPERATURE = "Volume-averaged cell temperature [C]"
ANODE = "Negative electrode surface potential difference at separator interface [V]"
DEPLETION = "Negative electrode stoichiometry"
COLUMNS = ("Time [s]", "Voltage [V]", "Current [A]")

Event = Callable[[dict[str, pybamm.Symbol]], pybamm.Symbol]


def run(
    *steps: Json, family: str = "SPM", soc: float | None = 0.5, options: Json | None = None, **more: Any
) -> Trace:
    return solve(
        spec_of(
            model={"family": family, "options": options or {}},
            cell={} if soc is None else {"initialStateOfCharge": soc},
            protocol={"experiment": {"structuredSteps": list(steps), **more}},
        )
    )


def by_pybamm(family: str, options: Json, amperes: float, event: Event) -> pybamm.Solution:
    """Return a current that ends at an event of the user's own."""
    step = pybamm.step.Current(
        amperes,
        termination=[
            pybamm.step.CustomTermination("mine", event),
            pybamm.step.VoltageTermination(2.5, "<"),
        ],
    )
    return pybamm.Simulation(
        getattr(pybamm.lithium_ion, family)(dict(options)),
        parameter_values=pybamm.ParameterValues("Chen2020"),
        experiment=pybamm.Experiment([step]),
    ).solve(calc_esoh=False)


@pytest.mark.parametrize(
    ("family", "options", "amperes", "condition", "event"),
    [
        ("SPM", {"thermal": "lumped"}, 10.0, {"variable": TEMPERATURE, "above": 30.0},
         lambda variables: 30.0 - variables[TEMPERATURE]),
        ("DFN", {}, 5.0, {"variable": ANODE, "above": 0.4}, lambda variables: 0.4 - variables[ANODE]),
        ("SPMe", {}, 5.0, {"variable": DEPLETION, "below": 0.3},
         lambda variables: variables[DEPLETION] - 0.3),
        ("SPM", {}, 5.0, {"variable": "Voltage [V]", "below": 3.5},
         lambda variables: variables["Voltage [V]"] - 3.5),
        ("SPM", {}, 5.0, {"variable": "Discharge capacity [A.h]", "above": 0.7},
         lambda variables: 0.7 - variables["Discharge capacity [A.h]"]),
    ],
)  # fmt: skip
def test_a_condition_is_an_event_of_pybamm(
    family: str, options: Json, amperes: float, condition: Json, event: Event
) -> None:
    trace = run({"currentAmperes": amperes, "until": [condition]}, family=family, options=options, soc=None)

    alone = by_pybamm(family, options, amperes, event)

    assert trace.end_reason is EndReason.STEPS_FINISHED
    for column in COLUMNS:
        np.testing.assert_allclose(trace.values[column], alone[column].entries, rtol=1e-9, atol=1e-9)
    (record,) = trace.steps or []
    assert record.ended_by.startswith(f"event: {condition['variable']}")


@pytest.mark.parametrize(("amperes", "until"), [(5.0, 0.2), (-2.5, 0.8)])
def test_a_state_of_charge_is_reached_from_its_side(amperes: float, until: float) -> None:
    trace = run({"currentAmperes": amperes, "untilStateOfCharge": until})

    assert trace.values[STATE_OF_CHARGE.name][-1] == pytest.approx(until, abs=1e-8)
    rate = (0.5 - trace.values[STATE_OF_CHARGE.name][1]) / trace.values[TIME.name][1]
    assert trace.values[TIME.name][-1] == pytest.approx((0.5 - until) / rate, rel=1e-6)


def test_a_charge_is_that_of_the_step_alone() -> None:
    trace = run(
        {"currentAmperes": 5, "untilAmpereHours": 0.25},
        {"rest": True, "durationSeconds": 60},
        {"currentAmperes": -2, "untilAmpereHours": 0.1},
        {"powerWatts": 10, "untilAmpereHours": 0.5},
    )

    first, _, charge, power = trace.steps or []
    assert first.end_time_seconds == pytest.approx(0.25 / 5 * 3600, rel=1e-9)
    assert charge.end_time_seconds - 240 == pytest.approx(0.1 / 2 * 3600, rel=1e-9)
    assert power.discharge_capacity_ampere_hours == pytest.approx(0.5, rel=1e-5)
    assert first.ended_by == "event: Charge of 0.25 A.h [experiment]"


def test_a_rest_may_end_at_a_temperature() -> None:
    options = {"thermal": "lumped"}
    warm = {"currentAmperes": 10, "durationSeconds": 300}
    rest = {"rest": True, "until": [{"variable": TEMPERATURE, "below": 27}]}

    trace = run(warm, rest, options=options, soc=0.9)

    assert trace.values["Volume-averaged cell temperature [C]" if TEMPERATURE in trace.values else
                        "Cell temperature [degC]"][-1] == pytest.approx(27, abs=1e-4)  # fmt: skip
    assert trace.end_reason is EndReason.STEPS_FINISHED


def test_a_block_ends_with_its_repetitions_and_the_next_one_follows() -> None:
    pulses = [{"cRate": 0.5, "durationSeconds": 360}, {"rest": True, "durationSeconds": 600}]
    blocks = [
        {"structuredSteps": pulses, "repeat": 30, "until": [{"variable": "Voltage [V]", "below": 3.4}]},
        {"structuredSteps": [{"cRate": -0.5, "untilStateOfCharge": 0.5}]},
    ]

    trace = solve(
        spec_of(
            model={"family": "SPM"},
            cell={"initialStateOfCharge": 0.5},
            protocol={"experiment": {"blocks": blocks, "cycles": 2}},
        )
    )

    for cycle in (1, 2):
        records = [record for record in trace.steps or [] if record.cycle == cycle]
        *_, crossing, last = records
        assert 2 < len(records) < 60
        assert crossing.block == "1"
        assert crossing.ended_by == "event: Voltage [V] < 3.4 (end of the block) [experiment]"
        assert crossing.end_volts == pytest.approx(3.4, abs=1e-5)
        assert (last.block, last.ended_by) == ("2", "event: State of charge > 0.5 [experiment]")
    assert trace.end_reason is EndReason.STEPS_FINISHED


def test_the_whole_ends_in_the_middle_of_a_step() -> None:
    raw = yaml.safe_load((EXAMPLES / "gitt.yaml").read_text(encoding="utf-8"))["spec"]

    trace = solve(parse_spec(raw))

    assert trace.end_reason is EndReason.CONDITION_REACHED
    assert summarise(trace).partial is False
    assert trace.values[VOLTAGE.name][-1] == pytest.approx(2.5, abs=1e-5)
    assert trace.values[VOLTAGE.name].min() > 2.4999
    assert 0.15 < summarise(trace).discharge_capacity_ampere_hours - 4.8 < 0.4


def test_a_condition_that_holds_from_the_start() -> None:
    low = {"variable": "Voltage [V]", "below": 4.0}
    step = {"currentAmperes": 1, "durationSeconds": 60}

    with pytest.raises(InfeasibleError, match="holds at time 0 already"):
        run(step, until=[low])

    later = run({"rest": True, "durationSeconds": 60}, {**step, "until": [low]}, step)
    assert [(record.step, record.discharge_capacity_ampere_hours) for record in later.steps or []][1] == (
        2,
        None,
    )
    assert later.end_reason is EndReason.STEPS_FINISHED


@pytest.mark.parametrize("fraction", [0.999, 0.99])
def test_a_capacity_ends_the_cycles_where_pybamm_ends_them(fraction: float) -> None:
    options = {"SEI": "solvent-diffusion limited"}
    growth = {"SEI solvent diffusivity [m2.s-1]": 1e-19}
    steps = ["Discharge at 1C until 3 V", "Charge at 1C until 4.2 V", "Hold at 4.2 V until 500 mA"]
    values = pybamm.ParameterValues("Mohtat2020")
    values.update(growth)
    alone = pybamm.Simulation(
        pybamm.lithium_ion.SPM(dict(options)),
        parameter_values=values,
        experiment=pybamm.Experiment([tuple(steps)] * 40, termination=f"{100 * fraction:g}% capacity"),
    ).solve()

    trace = solve(
        spec_of(
            model={"family": "SPM", "options": options},
            cell={"parameterSet": "Mohtat2020", "parameters": growth},
            protocol={"experiment": {"steps": steps, "cycles": 40, "untilCapacityFraction": fraction}},
        )
    )

    assert trace.end_reason is EndReason.CONDITION_REACHED
    assert len(trace.cycles or []) == len(alone.cycles)
    assert 1 < len(alone.cycles) < 40
    np.testing.assert_allclose(trace.values["Voltage [V]"][-1], alone["Voltage [V]"].entries[-1], rtol=1e-9)


def test_what_a_model_does_not_have_is_named() -> None:
    step = {"currentAmperes": 1, "until": [{"variable": "Anode potential [V]", "below": 0}]}
    with pytest.raises(InvalidSpecError, match=r"structuredSteps\[0\]\.until\[0\]\.variable: .*at separator"):
        run(step, family="DFN")
    with pytest.raises(InvalidSpecError, match=r"structuredSteps\[0\]\.until\[0\]\.variable"):
        solve(
            spec_of(
                model={"family": "SPM"},
                cell=bpx_cell(bpx_document()),
                protocol={"experiment": {"structuredSteps": [step]}},
            )
        )


def test_a_model_without_a_capacity_cannot_end_at_one() -> None:
    with pytest.raises(
        InvalidSpecError, match=r"untilCapacityFraction: the model does not provide a capacity"
    ):
        solve(
            spec_of(
                model={"family": "Thevenin"},
                cell={"parameterSet": "ECM_Example"},
                protocol={
                    "experiment": {
                        "steps": ["Discharge at 1C for 1 minute"],
                        "cycles": 2,
                        "untilCapacityFraction": 0.8,
                    }
                },
            )
        )
