"""How long results and simulations that have ended are kept, in the terms of the upkeep."""

from dataclasses import replace
from datetime import timedelta

from pydantic import Field, NonNegativeInt

from batterysim.kubernetes_names import NamespaceName
from batterysim.process.environment import Limit, Section
from batterysim_bridge.job_manager.request import NAME_PREFIX
from batterysim_bridge.store.settings import RetentionSettings
from batterysim_bridge.upkeep.lifetime import Lifetimes
from batterysim_bridge.upkeep.retention import RetentionLimits


class SweepLifetimeSettings(Section):
    """How long objects of a kind are kept after their end. 0 is for good."""

    default_seconds: NonNegativeInt = 0
    namespaces: dict[NamespaceName, NonNegativeInt] = Field(default_factory=dict)
    max_ended_per_namespace: Limit = None

    def read(self) -> Lifetimes:
        """Return them as the upkeep has them."""
        return Lifetimes(
            default=_lifetime(self.default_seconds),
            by_namespace={name: _lifetime(seconds) for name, seconds in self.namespaces.items()},
            max_ended=self.max_ended_per_namespace,
        )


class LifetimeSettings(SweepLifetimeSettings):
    """How long simulations, and apart from them sweeps, are kept: `lifetimes` of the values."""

    job_manager_seconds: NonNegativeInt = 0
    sweeps: SweepLifetimeSettings = SweepLifetimeSettings()

    def read(self) -> Lifetimes:
        """Return those of simulations."""
        return replace(super().read(), by_creator={NAME_PREFIX: _lifetime(self.job_manager_seconds)})


def retention_limits(settings: RetentionSettings) -> RetentionLimits:
    """Return the limits of what is kept of results."""
    return RetentionLimits(timedelta(days=settings.days) if settings.days else None, settings.max_bytes)


def _lifetime(seconds: int) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None
