"""What a cycle does to the cell is what PyBaMM's summary variables say."""

from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim_runner.experiment.ageing import AgeingMeter
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import spec_of

STEPS = ["Discharge at 1C until 2.8 V", "Charge at 1C until 4.2 V", "Hold at 4.2 V until 100 mA"]
# a film that grows a thousand times as fast as it would shows itself after two cycles
FAST = {"SEI kinetic rate constant [m.s-1]": 1e-9, "SEI solvent diffusivity [m2.s-1]": 2.5e-19}
SEI = {"SEI": "solvent-diffusion limited"}


def run(cycles: int, steps: list[str] = STEPS) -> Trace:
    return solve(
        spec_of(
            model={"family": "SPM", "options": SEI},
            cell={"parameterSet": "Mohtat2020", "parameters": FAST},
            protocol={"experiment": {"steps": steps, "cycles": cycles}},
        )
    )


def bare(cycles: int) -> pybamm.Solution:
    values = pybamm.ParameterValues("Mohtat2020")
    values.update(FAST)
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM(dict(SEI)),
        parameter_values=values,
        experiment=pybamm.Experiment([tuple(STEPS)] * cycles),
    )
    return simulation.solve(calc_esoh=True)


def test_ageing_equals_pybamms_summary_variables() -> None:
    trace, summary = run(3), bare(3).summary_variables

    ageing = [record.ageing for record in trace.cycles or [] if record.ageing]
    for values, name in (
        ([after.capacity_ampere_hours for after in ageing], "Capacity [A.h]"),
        ([after.loss_of_lithium_inventory_percent for after in ageing], "Loss of lithium inventory [%]"),
        ([after.lithium_lost_moles for after in ageing], "Total lithium lost [mol]"),
    ):
        np.testing.assert_allclose(np.array(values, dtype=float), summary[name], rtol=1e-9)
    assert ageing[-1].loss_of_negative_active_material_percent == pytest.approx(0, abs=1e-9)
    assert summarise(trace).state_of_health == pytest.approx(
        summary["Capacity [A.h]"][-1] / summary["Capacity [A.h]"][0]
    )
    assert 0.9 < (summarise(trace).state_of_health or 0) < 0.9999


def test_a_cycles_charge_and_energy_add_up_to_the_runs() -> None:
    trace = run(3)

    cycles, whole = trace.cycles or [], summarise(trace)
    assert [record.cycle for record in cycles] == [1, 2, 3]
    for field, total in (
        ("capacity_ampere_hours", whole.discharge_capacity_ampere_hours),
        ("energy_watt_hours", whole.discharge_energy_watt_hours),
    ):
        net = sum(getattr(c, f"discharge_{field}") - getattr(c, f"charge_{field}") for c in cycles)
        assert net == pytest.approx(total, abs=1e-6)
    assert cycles[1].charge_energy_watt_hours > cycles[1].discharge_energy_watt_hours > 0
    assert cycles[-1].end_time_seconds == whole.end_time_seconds
    assert cycles[1].min_volts == pytest.approx(2.8)
    assert 2.8 < cycles[1].mean_volts < 4.2


def test_a_single_cycle_tells_what_it_did_but_not_how_the_cell_ages() -> None:
    trace = run(1, ["Charge at 1C for 6 minutes"])

    (record,) = trace.cycles or []
    assert record.charge_capacity_ampere_hours == pytest.approx(0.5, rel=1e-4)
    assert record.discharge_capacity_ampere_hours == 0
    assert record.ageing is None
    assert summarise(trace).state_of_health is None


@pytest.mark.parametrize(
    ("parameter_set", "options", "capacity"),
    [
        ("Xu2019", {"working electrode": "positive"}, None),
        ("Chen2020_composite", {"particle phases": ("2", "1")}, None),
        ("Prada2013", {}, pytest.approx(2.3, abs=0.01)),
    ],
)
def test_the_capacity_is_only_told_of_cells_that_pybamm_can_tell_it_of(
    parameter_set: str, options: dict[str, Any], capacity: float | None
) -> None:
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM(options),
        parameter_values=pybamm.ParameterValues(parameter_set),
        experiment=pybamm.Experiment(["Rest for 1 minute"]),
    )

    ageing = AgeingMeter(simulation).measure(simulation.solve(calc_esoh=False))

    assert (ageing.capacity_ampere_hours if ageing else None) == capacity
    assert (ageing is None) == (parameter_set == "Xu2019")  # a half-cell's lithium has no end
