"""How far the shards of a sweep are: what each one reports, and all of them together.

The few points that are shown take little room, whatever is in them.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Annotated, TypeVar

from pydantic import Field

from batterysim.contract import Contract, Report
from batterysim.results import Provenance
from batterysim.sweep.metric import Goal
from batterysim.sweep.status import MAX_BEST, MAX_EXAMPLES, BestPoint, Count, FailedPoint, SweepFailures

MAX_REASONS = 20
MAX_LISTED_BYTES = 5000
"""Of the best points, and of the examples of failed ones: the status has at most 16 KiB."""

Item = TypeVar("Item", bound=Contract)


class ShardTally(Report):
    """How far one shard is."""

    design_points: Count
    """Number of points of the whole sweep."""
    design_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """SHA-256 of all points' values. One shard computes it."""
    shards: Count
    """Number of shards of the whole sweep."""
    points: Count
    """Number of points of the shard."""
    done: Count = 0
    """Points that have ended, the failed ones included."""
    failed: Count = 0
    """Points that have failed."""
    reasons: Annotated[dict[str, int], Field(max_length=MAX_REASONS, default_factory=dict)]
    """How many points have failed, by reason."""
    examples: Annotated[list[FailedPoint], Field(max_length=MAX_EXAMPLES, default_factory=list)]
    """A few of them."""
    goal: Goal | None = None
    """How points are ranked; None: not at all."""
    best: Annotated[list[BestPoint], Field(max_length=MAX_BEST, default_factory=list)]
    """The best points so far, the best one first."""
    provenance: Provenance | None = None
    """What solves it."""
    is_over: bool = False
    """Whether every point has ended and is stored."""


class SweepTally(Report):
    """How far a sweep is, as far as its shards have reported."""

    design_points: Count = 0
    """Number of points."""
    design_sha256: str | None = None
    """SHA-256 of all points' values, once a shard has computed it."""
    done: Count = 0
    """Points that have ended, the failed ones included."""
    failures: SweepFailures
    """The failed points."""
    best: list[BestPoint]
    """The best points so far, the best one first."""
    shards_done: Count = 0
    """Shards whose points have all ended."""
    provenance: Provenance | None = None
    """What solves it, in one of the shards."""

    @property
    def failed(self) -> int:
        """Points that have failed."""
        return sum(self.failures.reasons.values())


def add_up(tallies: Iterable[ShardTally]) -> SweepTally:
    """Return what shards have reported, together."""
    shards = list(tallies)
    reasons = Counter[str]()
    for shard in shards:
        reasons.update(shard.reasons)
    goal = next((shard.goal for shard in shards if shard.goal is not None), None)
    examples = sorted(
        chain.from_iterable(shard.examples for shard in shards), key=lambda example: example.point
    )
    return SweepTally(
        design_points=max((shard.design_points for shard in shards), default=0),
        design_sha256=_first(shards, lambda shard: shard.design_sha256),
        done=sum(shard.done for shard in shards),
        failures=SweepFailures(
            reasons=_most_common(reasons), examples=fitting(examples[:MAX_EXAMPLES], MAX_LISTED_BYTES)
        ),
        best=fitting(_best(shards, goal), MAX_LISTED_BYTES),
        shards_done=sum(shard.is_over for shard in shards),
        provenance=_first(shards, lambda shard: shard.provenance),
    )


def fitting(items: Iterable[Item], max_bytes: int) -> list[Item]:
    """Return as many of the first items as fit into a number of bytes, as JSON."""
    found: list[Item] = []
    left = max_bytes
    for item in items:
        left -= len(json.dumps(item.to_json_dict()).encode())
        if left < 0:
            break
        found.append(item)
    return found


def _best(shards: Sequence[ShardTally], goal: Goal | None) -> list[BestPoint]:
    if goal is None:
        return []
    sign = 1 if goal == "Minimise" else -1
    ranked = sorted(
        chain.from_iterable(shard.best for shard in shards),
        key=lambda best: (sign * best.value, best.point),
    )
    return ranked[:MAX_BEST]


def _most_common(reasons: Counter[str]) -> dict[str, int]:
    """Return the commonest reasons; those beyond the limit are counted as one."""
    if len(reasons) <= MAX_REASONS:
        return dict(reasons.most_common())
    kept = dict(reasons.most_common(MAX_REASONS - 1))
    return {**kept, "Other": reasons.total() - sum(kept.values())}


Found = TypeVar("Found")


def _first(shards: Sequence[ShardTally], read: Callable[[ShardTally], Found | None]) -> Found | None:
    return next((found for shard in shards if (found := read(shard)) is not None), None)
