"""How long results and simulations that have ended are kept, as environment variables say it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from batterysim_bridge.environment import SettingsError, natural, naturals
from batterysim_bridge.job_manager.request import NAME_PREFIX
from batterysim_bridge.upkeep.lifetime import Lifetimes
from batterysim_bridge.upkeep.orphans import LARGEST_SHARE
from batterysim_bridge.upkeep.retention import NO_LIMITS, RetentionLimits


@dataclass(frozen=True)
class UpkeepSettings:
    """The settings of the upkeep of stored results."""

    retention: RetentionLimits = NO_LIMITS
    """When results are removed by themselves."""
    largest_orphaned_share: float = LARGEST_SHARE
    """The part of the store, from 0 to 1, that a sweep may remove because its simulations are gone."""

    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    """How long simulations are kept after their end."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "UpkeepSettings":
        """Read the settings.

        Raises:
            SettingsError: for the first variable that is wrong.
        """
        days = natural(environment, "BATTERYSIM_RETENTION_DAYS")
        return cls(
            retention=RetentionLimits(
                max_age=timedelta(days=days) if days else None,
                max_bytes=natural(environment, "BATTERYSIM_RETENTION_MAX_BYTES") or None,
            ),
            largest_orphaned_share=_share(environment, "BATTERYSIM_LARGEST_ORPHANED_SHARE", LARGEST_SHARE),
            lifetimes=_read_lifetimes(environment),
        )


def _read_lifetimes(environment: Mapping[str, str]) -> Lifetimes:
    """Read the lifetimes; 0 means for good."""
    by_namespace = naturals(environment, "BATTERYSIM_NAMESPACE_LIFETIMES")
    return Lifetimes(
        default=_lifetime(natural(environment, "BATTERYSIM_LIFETIME_SECONDS")),
        by_namespace={namespace: _lifetime(seconds) for namespace, seconds in by_namespace.items()},
        by_creator={NAME_PREFIX: _lifetime(natural(environment, "BATTERYSIM_JOB_MANAGER_LIFETIME_SECONDS"))},
        max_ended=natural(environment, "BATTERYSIM_MAX_ENDED") or None,
    )


def _lifetime(seconds: int) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None


def _share(environment: Mapping[str, str], variable: str, default: float) -> float:
    value = environment.get(variable) or default
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise SettingsError(f"{variable} is {value!r}: set it to a number from 0 to 1, such as {default:g}")
    return share
