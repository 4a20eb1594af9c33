"""What a step or cycle has exchanged, by numbers that can be worked out by hand."""

import numpy as np
import pytest

from batterysim_runner.experiment.recording import exchanged
from batterysim_runner.report.summing import sums_of


def test_a_step_whose_current_turns_has_both_ways() -> None:
    """3 A falling to -1 A in 4 s: 4.5 A.s out of the cell until 3 s, 0.5 A.s into it then."""
    values = {
        "Time [s]": np.array([0.0, 4.0]),
        "Current [A]": np.array([3.0, -1.0]),
        "Voltage [V]": np.array([4.0, 4.0]),
        "Discharge capacity [A.h]": np.array([0.0, 4 / 3600]),
        "Power [W]": np.array([12.0, -4.0]),
    }

    of_step = exchanged(sums_of(values, by_state=True))

    assert of_step == {
        "discharge_capacity_ampere_hours": pytest.approx(4.5 / 3600, rel=1e-12),
        "charge_capacity_ampere_hours": pytest.approx(0.5 / 3600, rel=1e-12),
        "discharge_energy_watt_hours": pytest.approx(4 * 4.5 / 3600, rel=1e-12),
        "charge_energy_watt_hours": pytest.approx(4 * 0.5 / 3600, rel=1e-12),
    }
