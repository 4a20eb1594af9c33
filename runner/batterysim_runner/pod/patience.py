"""How long the runner keeps offering what it has: until the run's deadline, which ends its pod.

A pod that sleeps costs less than a run that is solved a second time, so there is no limit but that.
"""

import random
import time
from collections.abc import Callable
from enum import Enum, auto
from http import HTTPStatus
from typing import NamedTuple

from urllib3 import BaseHTTPResponse

FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0
DOUBT_SECONDS = 600.0
"""For so long a 401 or 403 is doubted: the token may just be replaced, or its authority away."""
TOLD_EVERY_SECONDS = 60.0
DOUBTFUL = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class Verdict(Enum):
    """What an answer means for what was sent."""

    TAKEN = auto()
    LATER = auto()
    DOUBTFUL = auto()
    NEVER = auto()


def judge(response: BaseHTTPResponse) -> Verdict:
    """Tell what an answer means; the bridge's problem documents say whether another attempt can help."""
    if 200 <= response.status < 300:
        return Verdict.TAKEN
    if response.status in DOUBTFUL:
        return Verdict.DOUBTFUL
    try:
        may_be_sent_again = bool(response.json()["retryable"])
    except (ValueError, LookupError, TypeError):
        may_be_sent_again = response.status >= 500 or response.status in (
            HTTPStatus.REQUEST_TIMEOUT,
            HTTPStatus.TOO_MANY_REQUESTS,
        )
    return Verdict.LATER if may_be_sent_again else Verdict.NEVER


class Pause(NamedTuple):
    """The means to wait. clock: seconds that only go forward. spread: a number from 0 to 1."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    spread: Callable[[], float] = random.random


class Patience:
    """Waits between the tries of one thing, longer each time, and says so from time to time."""

    def __init__(self, pause: Pause, log: Callable[[str], None]) -> None:
        self._pause = pause
        self._log = log
        self._wait_seconds = FIRST_WAIT_SECONDS
        self._told: float | None = None
        self._doubted: float | None = None

    def is_used_up(self, verdict: Verdict) -> bool:
        """Tell whether an answer has been doubted for long enough."""
        if verdict is not Verdict.DOUBTFUL:
            self._doubted = None
            return False
        now = self._pause.clock()
        self._doubted = now if self._doubted is None else self._doubted
        return now - self._doubted >= DOUBT_SECONDS

    def wait(self, why: str) -> None:
        """Wait until it is time for another attempt."""
        now = self._pause.clock()
        if self._told is None or now - self._told >= TOLD_EVERY_SECONDS:
            self._log(f"tries again: {why}")
            self._told = now
        self._pause.sleep(self._wait_seconds * (0.75 + 0.5 * self._pause.spread()))
        self._wait_seconds = min(2 * self._wait_seconds, LONGEST_WAIT_SECONDS)
