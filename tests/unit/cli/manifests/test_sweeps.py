"""run --sweep: a path and values."""

import pytest

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_cli.manifests.files import Refusal, Runnable
from batterysim_cli.manifests.sweeps import RunnableSweep, sweep_of
from tests.builders import raw_spec

SIMULATION = Runnable("a.yaml", "cell", BatterySimulationSpec.model_validate(raw_spec()))
CHARGE = "spec.cell.initialStateOfCharge"


def test_numbers_are_values_and_all_else_is_words() -> None:
    swept = sweep_of(SIMULATION, [f"{CHARGE}=0.5, 1", "spec.model.family=SPM,SPMe"])

    assert isinstance(swept, RunnableSweep)
    charge, family = swept.spec.vary
    assert (charge.values, family.words) == ([0.5, 1], ["SPM", "SPMe"])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("0.5,1,", "value 3 of 3 is empty: write one, or remove its comma"),
        ("0.5,,1", "value 2 of 3 is empty: write one, or remove its comma"),
        ("", "value 1 of 1 is empty: write one"),
        ("0.5,1O", "value 2 of 2, '1O', is no number, as '0.5' is: write only numbers, or only words"),
        ("half,1", "value 1 of 2, 'half', is no number, as '1' is: write only numbers, or only words"),
    ],
)
def test_the_value_that_is_wrong_is_named(values: str, message: str) -> None:
    refused = sweep_of(SIMULATION, [f"{CHARGE}={values}"])

    assert isinstance(refused, Refusal)
    (problem,) = refused.problems
    assert str(problem).startswith(f"--sweep {CHARGE}={values}: {message}")
