"""Work on one item after the other. An item that fails does not hold up the others."""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import TypeVar

FIRST_WAIT_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 3600.0
MOST_DOUBLINGS = 10
FAILURES_IN_A_ROW = 5
"""After this many, store or API server are unavailable, and the other items have to wait."""

Item = TypeVar("Item", bound=Hashable)

logger = logging.getLogger(__name__)


class OneByOne:
    """Does some work for each item. What fails is left alone for a while, longer each time.

    clock: seconds that only go forward.
    """

    def __init__(self, doing: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._doing = doing
        self._clock = clock
        self._failures: Counter[Hashable] = Counter()
        self._not_before: dict[Hashable, float] = {}

    async def run(self, items: Iterable[Item], work: Callable[[Item], Awaitable[None]]) -> list[Item]:
        """Work on the items; return those for which it has still to be done."""
        left: list[Item] = []
        in_a_row = 0
        for item in items:
            if in_a_row >= FAILURES_IN_A_ROW or self._clock() < self._not_before.get(item, 0.0):
                left.append(item)
                continue
            try:
                await work(item)
            except Exception as error:
                in_a_row += 1
                left.append(item)
                self._take_note(item, error)
            else:
                in_a_row = 0
                self._failures.pop(item, None)
                self._not_before.pop(item, None)
        return left

    def _take_note(self, item: Hashable, error: Exception) -> None:
        self._failures[item] += 1
        doublings = min(self._failures[item] - 1, MOST_DOUBLINGS)
        wait = min(FIRST_WAIT_SECONDS * 2**doublings, LONGEST_WAIT_SECONDS)
        self._not_before[item] = self._clock() + wait
        logger.warning(
            "%s failed for %s, again in %g s at the earliest: %s: %s",
            self._doing,
            item,
            wait,
            type(error).__name__,
            error,
        )
