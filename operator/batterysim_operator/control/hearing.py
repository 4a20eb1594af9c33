"""Whether the API server still answers the operator's lists and watches of simulations."""

import time
from collections.abc import Callable

DEAF_AFTER_SECONDS = 600.0
"""A watch ends after five minutes and is opened again, however little happens."""


class Hearing:
    """For how long no list or watch of simulations has been answered.

    clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()

    def heard(self) -> None:
        """Take note that the API server has answered a list or a watch."""
        self._last = self._clock()

    @property
    def silent_seconds(self) -> float:
        """Seconds since the last answer, or since the start."""
        return self._clock() - self._last

    @property
    def is_deaf(self) -> bool:
        """Whether there has been no answer for so long that starting the process again may help."""
        return self.silent_seconds > DEAF_AFTER_SECONDS
