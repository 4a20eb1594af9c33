"""Where the voltage ends a run: cut-offs that stop it, are ignored, or are where the cell begins."""

import pytest

from batterysim_runner.cell.limit_events import NEVER_VOLTS, ROUNDING, voltage_limits
from tests.builders import Json, constant_current, spec_of

LOWER, UPPER = "Minimum voltage [V]", "Maximum voltage [V]"
BELOW, ABOVE = "Voltage far below any cell's", "Voltage far above any cell's"


@pytest.mark.parametrize(
    ("fields", "lower", "upper", "names"),
    [
        ({}, 2.5, 4.2, (LOWER, UPPER)),
        ({"cutOffPolicy": {"lower": "Ignore"}}, -8.4, 4.2, (BELOW, UPPER)),
        ({"cutOffPolicy": {"upper": "Ignore"}}, 2.5, 8.4, (LOWER, ABOVE)),
        ({"cell": {"initialStateOfCharge": 1}}, 2.5, 4.2 + ROUNDING, (LOWER, UPPER)),
        ({"cell": {"initialStateOfCharge": 0}}, 2.5 - ROUNDING, 4.2, (LOWER, UPPER)),
        ({"cell": {"initialVolts": 4.2}}, 2.5, 4.2 + ROUNDING, (LOWER, UPPER)),
        ({"protocol": {"rest": {"durationSeconds": 60}}}, -NEVER_VOLTS, NEVER_VOLTS, (LOWER, UPPER)),
        ({"protocol": constant_current(0, 60)}, -NEVER_VOLTS, NEVER_VOLTS, (LOWER, UPPER)),
        (
            {"protocol": {"rest": {"durationSeconds": 60}}, "cutOffPolicy": {"lower": "Ignore"}},
            -8.4,
            NEVER_VOLTS,
            (BELOW, UPPER),
        ),
    ],
)
def test_limits(fields: Json, lower: float, upper: float, names: tuple[str, str]) -> None:
    limits = voltage_limits(spec_of(**fields), 2.5, 4.2)

    assert limits == (pytest.approx(lower), pytest.approx(upper), names)
