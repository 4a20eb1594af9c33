"""How long simulations are kept after their end, by environment variables."""

from collections.abc import Mapping
from datetime import timedelta

from batterysim_bridge.environment import natural, naturals
from batterysim_bridge.job_manager.request import NAME_PREFIX
from batterysim_bridge.upkeep.lifetime import Lifetimes


def read_lifetimes(environment: Mapping[str, str]) -> Lifetimes:
    """Read the settings; 0 means for good.

    Raises:
        SettingsError: for the first variable that is wrong.
    """
    by_namespace = naturals(environment, "BATTERYSIM_NAMESPACE_LIFETIMES")
    return Lifetimes(
        default=_lifetime(natural(environment, "BATTERYSIM_LIFETIME_SECONDS")),
        by_namespace={namespace: _lifetime(seconds) for namespace, seconds in by_namespace.items()},
        by_creator={NAME_PREFIX: _lifetime(natural(environment, "BATTERYSIM_JOB_MANAGER_LIFETIME_SECONDS"))},
        max_ended=natural(environment, "BATTERYSIM_MAX_ENDED") or None,
    )


def _lifetime(seconds: int) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None
