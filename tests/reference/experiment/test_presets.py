"""The experiments that the web page offers run to their end, from a full cell."""

import pytest

from batterysim.checks.validation import parse_spec
from batterysim.results import EndReason
from batterysim_bridge.api.experiment_presets import EXPERIMENT_PRESETS, ExperimentPreset
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve


@pytest.mark.parametrize("preset", EXPERIMENT_PRESETS, ids=lambda preset: preset.name)
def test_every_step_of_a_preset_is_done(preset: ExperimentPreset):
    spec = parse_spec(
        {
            "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0},
            "protocol": {"experiment": {"steps": list(preset.steps), "cycles": preset.cycles}},
        }
    )

    assert summarise(solve(spec)).end_reason == EndReason.STEPS_FINISHED
