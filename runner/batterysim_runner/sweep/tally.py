"""How far a sweep is, what has failed, and which points are the best so far: no longer with more points."""

import heapq
from collections import Counter
from typing import Any

from batterysim.sweep.metric import Objective
from batterysim.sweep.status import MAX_BEST, MAX_EXAMPLES
from batterysim_runner.sweep.row import Row

MAX_EXAMPLE_CHARACTERS = 300


class Tally:
    """Counts rows.

    points: how many there are in all.
    """

    def __init__(self, points: int, objective: Objective | None) -> None:
        self.points = points
        self.done = 0
        self.failed = 0
        self.reasons: Counter[str] = Counter()
        self._objective = objective
        self._examples: list[dict[str, Any]] = []
        self._best: list[tuple[float, int]] = []

    def add(self, row: Row) -> None:
        """Take note of the outcome of a point."""
        self.done += 1
        if row.reason is not None:
            self.failed += 1
            self.reasons[row.reason] += 1
            if len(self._examples) < MAX_EXAMPLES:
                text = (row.message or "")[:MAX_EXAMPLE_CHARACTERS]
                self._examples.append({"point": row.number, "reason": row.reason, "message": text})
        elif self._objective is not None and (value := row.value(self._objective.metric)) is not None:
            # The heap's first is the worst of the best; of equal ones, the lower number is better.
            score = -value if self._objective.goal == "Minimise" else value
            heapq.heappush(self._best, (score, -row.number))
            if len(self._best) > MAX_BEST:
                heapq.heappop(self._best)

    @property
    def best(self) -> list[tuple[int, float]]:
        """The best points and their values, the best one first."""
        sign = -1.0 if self._objective is not None and self._objective.goal == "Minimise" else 1.0
        return [(-number, sign * score) for score, number in sorted(self._best, reverse=True)]

    def told(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "points": self.points,
            "done": self.done,
            "failed": self.failed,
            "reasons": dict(self.reasons.most_common(20)),
            "examples": self._examples,
            "best": [{"point": number, "value": value} for number, value in self.best],
        }
