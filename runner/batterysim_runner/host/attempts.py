"""What a host is at: the attempts under way, and why one of them is to end early."""

from enum import Enum, auto
from threading import Lock

from batterysim_runner.host.client import Attempt
from batterysim_runner.host.work import Work


class Stop(Enum):
    """Why an attempt ends early."""

    NOT_WANTED = auto()
    """The bridge says so: it was deleted, or has ended, or is another runner's by now."""
    HANDED_BACK = auto()
    """This host is about to end."""


class Attempts:
    """May be used from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._works: dict[tuple[str, int], Work] = {}
        self._stops: dict[tuple[str, int], Stop] = {}

    def begin(self, work: Work) -> None:
        """Take note of an attempt that was handed out to this host."""
        with self._lock:
            self._works[work.uid, work.attempt] = work

    def end(self, work: Work) -> None:
        """Take note that an attempt is over."""
        with self._lock:
            self._works.pop((work.uid, work.attempt), None)
            self._stops.pop((work.uid, work.attempt), None)

    def under_way(self) -> list[Attempt]:
        """Return all attempts that have begun and are not over."""
        with self._lock:
            return [(work.name, work.uid, work.attempt) for work in self._works.values()]

    def stop(self, which: set[tuple[str, int]]) -> None:
        """Have attempts stopped, because nobody wants them."""
        with self._lock:
            self._stops |= {key: Stop.NOT_WANTED for key in which if key in self._works}

    def hand_back(self) -> None:
        """Have all attempts stopped, because this host is about to end."""
        with self._lock:
            for key in self._works:
                self._stops.setdefault(key, Stop.HANDED_BACK)

    def why_stop(self, work: Work) -> Stop | None:
        """Return why an attempt is to end early; None: it is not."""
        with self._lock:
            return self._stops.get((work.uid, work.attempt))
