"""Which simulations may have a Job now, and which wait: first come, first served, fair between namespaces.

Kept in memory, and filled from the objects at each start. It decides only when a Job is made; one that
is there is never taken back.
"""

from typing import NamedTuple

from batterysim_operator.control.fair_queue import Key


class JobLimits(NamedTuple):
    """How many simulations may have a Job that has not ended; None: any number."""

    total: int | None = None
    per_namespace: int | None = None

    @property
    def are_any(self) -> bool:
        """Whether there is a limit at all."""
        return self != NO_LIMITS


NO_LIMITS = JobLimits()


class JobQueue:
    """Every simulation that has a Job, and every one that waits for one."""

    def __init__(self, limits: JobLimits) -> None:
        self.limits = limits
        self._active: dict[str, set[Key]] = {}
        self._waiting: dict[str, dict[Key, str]] = {}  # with the time of creation, in its order

    def occupy(self, key: Key) -> None:
        """Take note of a simulation that has a Job."""
        self._forget(self._waiting, key)
        self._active.setdefault(key.namespace, set()).add(key)

    def leave(self, key: Key) -> list[Key]:
        """Take note of one that has ended or is gone; return those that may start in its place."""
        active = self._active.get(key.namespace, set())
        active.discard(key)
        if not active:
            self._active.pop(key.namespace, None)
        self._forget(self._waiting, key)
        return self._admit()

    def ask(self, key: Key, created: str) -> int:
        """Return the place of a simulation that wants a Job, from 1; 0: it may have it, and now counts."""
        if not self.limits.are_any or key in self._active.get(key.namespace, ()):
            return 0
        waiting = self._waiting.setdefault(key.namespace, {})
        if key not in waiting:
            waiting[key] = created
            self._waiting[key.namespace] = dict(sorted(waiting.items(), key=lambda item: (item[1], item[0])))
        if key in self._admit():
            return 0
        return self._place(key)

    def _admit(self) -> list[Key]:
        """Give Jobs to as many as may have one, the namespace with the fewest first, then the oldest."""
        admitted = []
        while (key := self._next()) is not None:
            self.occupy(key)
            admitted.append(key)
        return admitted

    def _next(self) -> Key | None:
        if self.limits.total is not None and self._count() >= self.limits.total:
            return None
        candidates = [
            (len(self._active.get(namespace, ())), created, key)
            for namespace, waiting in self._waiting.items()
            if not self._is_full(namespace)
            for key, created in [next(iter(waiting.items()))]
        ]
        return min(candidates)[2] if candidates else None

    def _place(self, key: Key) -> int:
        """Return the place among all that wait, if namespaces are served in turns."""
        ahead = list(self._waiting[key.namespace]).index(key)
        others = (len(waiting) for name, waiting in self._waiting.items() if name != key.namespace)
        return 1 + ahead + sum(min(count, ahead + 1) for count in others)

    def _count(self) -> int:
        return sum(len(active) for active in self._active.values())

    def _is_full(self, namespace: str) -> bool:
        limit = self.limits.per_namespace
        return limit is not None and len(self._active.get(namespace, ())) >= limit

    @staticmethod
    def _forget(waiting: dict[str, dict[Key, str]], key: Key) -> None:
        here = waiting.get(key.namespace, {})
        here.pop(key, None)
        if not here:
            waiting.pop(key.namespace, None)
