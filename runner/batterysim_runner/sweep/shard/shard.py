"""A shard of a sweep: its points, solved in a pod, with their rows on their way to the bridge."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from batterysim.results import Provenance
from batterysim.sweep.cluster.shards import points_of_shard
from batterysim.sweep.cluster.tally import MAX_LISTED_BYTES, ShardTally, fitting
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.status import BestPoint, FailedPoint
from batterysim_runner.compiled.library import Library
from batterysim_runner.errors import TooManyFailedPointsError
from batterysim_runner.pod.inputs import Inputs
from batterysim_runner.report.provenance import versions
from batterysim_runner.sweep.design import Points
from batterysim_runner.sweep.portion import Means, Portion
from batterysim_runner.sweep.row import Row
from batterysim_runner.sweep.shard.stored_parts import StoredParts
from batterysim_runner.sweep.table import SweepTable

REPORT_PAUSE_SECONDS = 1.0
MOST_REPORTS_PER_SECOND = 20
"""Of all shards together."""

WORKERS = 1
"""Cores are filled by pods."""


class ShardInputs(NamedTuple):
    """The pod's surroundings, and which shard it is for."""

    inputs: Inputs
    shard: int

    @property
    def place(self) -> tuple[str, str, int]:
        """What the bridge's paths are made of."""
        return self.inputs.namespace, self.inputs.name, self.shard


class Shard:
    """One shard of a sweep."""

    def __init__(
        self,
        spec: BatterySweepSpec,
        given: ShardInputs,
        parts: StoredParts,
        library: Library,
        memory_bytes: int | None = None,
    ) -> None:
        self._spec = spec
        self._parts = parts
        self._points = Points(spec)
        assert spec.run.shards is not None  # noqa: S101 - the operator has counted them
        self._shards = spec.run.shards
        self._numbers = points_of_shard(self._points.count, self._shards, given.shard)
        # One shard computes the hash of all points, which takes a while for millions.
        self._table = SweepTable(spec, self._points, with_hash=given.shard == 0)
        self._provenance = _provenance(spec, given.inputs)
        pause = max(REPORT_PAUSE_SECONDS, spec.run.parallelism / MOST_REPORTS_PER_SECOND)
        means = Means(library, memory_bytes, self._tell, pause)
        self._portion = Portion(spec, self._points, self._table, self._numbers, parts, means)

    def run(self, is_stopped: Callable[[], bool]) -> bool:
        """Solve the points that are not stored yet; return whether all have ended.

        Raises:
            TooManyFailedPointsError: more points of this shard have failed than of the sweep may.
            RunError: the bridge does not take a part.
        """
        self._portion.tell()
        keep = self._spec.series.keep
        self._portion.run(WORKERS, is_stopped, self._parts.series if keep == "All" else None)
        if self._portion.has_too_many_failures:
            self._portion.tell()
            raise TooManyFailedPointsError(
                f"{self._portion.tally.failed} points have failed, more than spec.run.maxFailedPoints = "
                f"{self._spec.run.max_failed_points}: look at their reasons in the table"
            )
        if not self._portion.is_whole:
            return False
        tally = self._tally(self._portion.tally.told(), is_over=True)
        if keep == "Best" and not self._keep_best(tally, is_stopped):
            return False
        self._parts.finish(tally)
        return True

    def _keep_best(self, tally: ShardTally, is_stopped: Callable[[], bool]) -> bool:
        """Solve the best points again, with their whole results; return whether there was leave for all."""
        best = [point.point for point in tally.best]
        solved: list[Row] = []

        def take(row: Row) -> bool:
            solved.append(row)
            return True

        self._portion.solve(best, WORKERS, take, is_stopped, self._parts.series)
        self._parts.add_series()
        return len(solved) == len(best)

    def _tell(self, told: Mapping[str, Any]) -> None:
        self._parts.report(self._tally(told, is_over=False))

    def _tally(self, told: Mapping[str, Any], *, is_over: bool) -> ShardTally:
        """Return a tally in the words of the contract."""
        objective = self._spec.objective
        numbers = [best["point"] for best in told["best"]]
        values = self._points.of(numbers)
        axes = [axis.name for axis in self._points.axes]
        return ShardTally(
            design_points=self._points.count,
            design_sha256=self._table.sha256,
            shards=self._shards,
            points=len(self._numbers),
            done=told["done"],
            failed=told["failed"],
            reasons=told["reasons"],
            examples=fitting(map(FailedPoint.model_validate, told["examples"]), MAX_LISTED_BYTES),
            goal=None if objective is None else objective.goal,
            best=fitting(
                (
                    BestPoint(
                        point=best["point"],
                        value=best["value"],
                        values=dict(zip(axes, map(_text, values[best["point"]]), strict=True)),
                    )
                    for best in told["best"]
                ),
                MAX_LISTED_BYTES,
            ),
            provenance=self._provenance,
            is_over=is_over,
        )


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _provenance(spec: BatterySweepSpec, inputs: Inputs) -> Provenance:
    decisive = {name: value for name, value in spec.to_json_dict().items() if name != "run"}
    canonical = json.dumps(decisive, sort_keys=True, separators=(",", ":"))
    return Provenance(
        **versions(),
        image=inputs.image,
        pod_name=inputs.pod_name,
        spec_sha256=hashlib.sha256(canonical.encode()).hexdigest(),
    )
