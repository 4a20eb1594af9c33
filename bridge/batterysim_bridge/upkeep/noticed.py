"""Since when something has been so, by a clock that only goes forward.

What deletes counts from when it noticed, so that one wrong look, or a clock that is wrong for a while,
removes nothing.
"""

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Noticed(Generic[Item]):
    """Remembers what each look has found. clock: seconds that only go forward."""

    def __init__(self, grace_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._grace_seconds = grace_seconds
        self._clock = clock
        self._since: dict[Item, float] = {}

    def __len__(self) -> int:
        return len(self._since)

    def lasting(self, found: Iterable[Item]) -> list[Item]:
        """Take note of what a look has found; return what has been found without a break for long enough."""
        now = self._clock()
        self._since = {item: self._since.get(item, now) for item in found}
        return [item for item, since in self._since.items() if now - since >= self._grace_seconds]
