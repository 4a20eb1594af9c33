from datetime import timedelta

import pytest

from batterysim_bridge.environment import SettingsError
from batterysim_bridge.upkeep.retention import RetentionLimits
from batterysim_bridge.upkeep.settings import UpkeepSettings


def test_results_are_kept_forever_by_default():
    settings = UpkeepSettings.from_environment({})

    assert (settings.retention, settings.largest_orphaned_share) == (RetentionLimits(), 0.1)


def test_retention_is_in_days_and_bytes():
    settings = UpkeepSettings.from_environment(
        {"BATTERYSIM_RETENTION_DAYS": "30", "BATTERYSIM_RETENTION_MAX_BYTES": "5000000000"}
    )

    assert settings.retention == RetentionLimits(timedelta(days=30), 5_000_000_000)


@pytest.mark.parametrize(
    ("variable", "value", "advice"),
    [
        ("BATTERYSIM_RETENTION_DAYS", "30d", "whole number"),
        ("BATTERYSIM_RETENTION_MAX_BYTES", "-1", "whole number"),
        ("BATTERYSIM_LARGEST_ORPHANED_SHARE", "1.5", "a number from 0 to 1"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value_and_what_to_do(variable, value, advice):
    with pytest.raises(SettingsError, match=variable) as raised:
        UpkeepSettings.from_environment({variable: value})

    assert repr(value) in str(raised.value)
    assert advice in str(raised.value)
