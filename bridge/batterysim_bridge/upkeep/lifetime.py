"""Which simulations are deleted by themselves: those whose time is over, and the oldest of too many. Pure.

Sweeps are deleted in the same way, as ObjectState has them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from batterysim_bridge.cluster.object_state import ObjectState


class Reason(StrEnum):
    """Why a simulation is deleted."""

    TIME = "time"
    NUMBER = "number"


@dataclass(frozen=True)
class Lifetimes:
    """How long simulations are kept after their end, where spec.run.retention says nothing.

    default, by_namespace, by_creator: None: for good. A creator's goes before a namespace's, which goes
    before the default.
    """

    default: timedelta | None = None
    by_namespace: Mapping[str, timedelta | None] = field(default_factory=dict)
    by_creator: Mapping[str, timedelta | None] = field(default_factory=dict)
    max_ended: int | None = None
    """How many simulations that have ended are kept in each namespace; None: any number."""

    def of(self, simulation: ObjectState) -> timedelta | None:
        """Return how long a simulation is kept after its end; None: for good."""
        if simulation.kept_seconds is not None:
            return timedelta(seconds=simulation.kept_seconds)
        creator = simulation.created_by
        if creator is not None and creator in self.by_creator:
            return self.by_creator[creator]
        return self.by_namespace.get(simulation.namespace, self.default)


class Death(NamedTuple):
    """A simulation that is to be deleted."""

    simulation: ObjectState
    reason: Reason


def is_expired(simulation: ObjectState, lifetimes: Lifetimes, now: datetime) -> bool:
    """Tell whether the time of a simulation is over."""
    lifetime = lifetimes.of(simulation)
    return _may_go(simulation) and lifetime is not None and now - _ended(simulation) > lifetime


def expired(simulations: Iterable[ObjectState], lifetimes: Lifetimes, now: datetime) -> list[Death]:
    """Return the simulations whose time is over, the oldest first."""
    return [
        Death(simulation, Reason.TIME)
        for simulation in sorted(filter(_may_go, simulations), key=_ended)
        if is_expired(simulation, lifetimes, now)
    ]


def surplus(simulations: Iterable[ObjectState], lifetimes: Lifetimes) -> list[Death]:
    """Return the oldest simulations of each namespace that has too many which have ended."""
    if lifetimes.max_ended is None:
        return []
    by_namespace: dict[str, list[ObjectState]] = defaultdict(list)
    for simulation in simulations:
        if simulation.ended_time is not None:
            by_namespace[simulation.namespace].append(simulation)
    return [
        Death(simulation, Reason.NUMBER)
        for ended in by_namespace.values()
        for simulation in sorted(ended, key=_ended)[: max(0, len(ended) - lifetimes.max_ended)]
        if _may_go(simulation)
    ]


def _may_go(simulation: ObjectState) -> bool:
    """Tell whether nothing more is to happen with a simulation: it has ended, and nobody is owed anything."""
    return (
        simulation.ended_time is not None and not simulation.owes_callback and not simulation.is_being_deleted
    )


def _ended(simulation: ObjectState) -> datetime:
    assert simulation.ended_time is not None  # noqa: S101 - asked of those that have ended only
    return datetime.fromisoformat(simulation.ended_time)
