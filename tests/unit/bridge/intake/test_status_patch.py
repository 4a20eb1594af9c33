import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim_bridge.intake.status_patch import rounded

from ..builders import METADATA


def test_a_summary_is_rounded_to_six_digits():
    summary = rounded(METADATA.summary)

    assert summary.discharge_energy_watt_hours == 17.8235
    assert summary.end_time_seconds == 3571.43
    assert summary.end_reason is METADATA.summary.end_reason


@given(
    st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False, min_value=-1e300, max_value=1e300)
)
def test_rounding_changes_a_number_by_less_than_one_in_100_000(volts):
    summary = METADATA.summary.model_copy(update={"end_volts": volts})

    assert rounded(summary).end_volts == pytest.approx(volts, rel=1e-5, abs=0)
