"""The next thing to do in a sweep: which points are solved together, and with which equations.

Points are given out in chunks. A child solves those for which there are equations and reports the needs of
the others. Equations that several points need are built once, for all of them; those of few points are
built by PyBaMM point by point. Nothing is done here: it is only decided.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from batterysim_runner.sweep.need import Need

FIRST_CHUNK = 4
"""Points from which is learned what there is to be built."""

LARGEST_CHUNK = 256
SMALLEST_BUILT_CHUNK, LARGEST_BUILT_CHUNK = 8, 64
"""Of points that PyBaMM builds one by one, each in some tenths of a second. Its import takes a second."""

MIN_GROUP = 3
"""From this number of points on, equations that serve all of them cost less than one build for each."""

MOST_LOADED = 12
"""Compiled equations in memory at a time, of some 5 MB each."""


class Solve(NamedTuple):
    """Solve these points.

    need: the equations to use; None: whatever the library has.
    may_build: see solving.solve_points.
    """

    numbers: Sequence[int]
    need: Need | None = None
    may_build: bool = False


class Build(NamedTuple):
    """Build equations for these needs.

    keeps_others: whether there is room for those that were built before, too. Those with nothing fixed always
        stay.
    """

    needs: Sequence[Need]
    keeps_others: bool = True


Job = Solve | Build


class Agenda:
    """The order of work of one sweep.

    numbers: the points.
    workers: how many jobs there are at the same time.
    """

    def __init__(self, numbers: Iterable[int], workers: int) -> None:
        self._fresh = deque(numbers)
        self._workers = workers
        self._chunk = FIRST_CHUNK
        self._again: deque[Solve] = deque()
        self._waiting: dict[Need, deque[int]] = {}
        self._for_pybamm: deque[int] = deque()
        self._seen: set[Need] = set()
        self._loaded: set[Need] = set()
        self._hopeless: set[Need] = set()
        self._tries: Counter[int] = Counter()
        self._building = False
        self._solving = 0

    def next(self) -> Job | None:
        """Return what to do next; None: nothing now. `ended` has to be called at the end of each job."""
        job = self._next()
        if isinstance(job, Build):
            self._building = True
        elif job is not None:
            self._solving += 1
        return job

    @property
    def is_over(self) -> bool:
        """Whether nothing is left, given out or not."""
        waiting = self._fresh or self._again or self._for_pybamm or any(self._waiting.values())
        return not (waiting or self._building or self._solving)

    def unfit(self, job: Solve, number: int, need: Need | None) -> None:
        """Take note of what a point of a job needs."""
        if need is None or need in self._hopeless or need == job.need:
            self._for_pybamm.append(number)
        else:
            self._seen.add(need)
            self._waiting.setdefault(need, deque()).append(number)

    def ended(self, job: Job) -> None:
        """Take note of the end of a job."""
        if isinstance(job, Build):
            self._building = False
        else:
            self._solving -= 1

    def built(self, made: Iterable[Need]) -> None:
        """Take note of the needs for which there are equations from now on; there are none for others."""
        self._loaded = set(made)

    def hopeless(self, needs: Iterable[Need]) -> None:
        """Take note of needs that cannot be built: PyBaMM solves their points."""
        for need in needs:
            self._hopeless.add(need)
            self._for_pybamm.extend(self._waiting.pop(need, ()))

    def again(self, job: Solve, numbers: Sequence[int]) -> None:
        """Have points of a job solved that its child has not come to."""
        if numbers:
            self._again.append(job._replace(numbers=numbers))

    def lost(self, job: Solve, at: int) -> bool:
        """Take note of a child that died at a point; return whether the point is solved once more, alone."""
        self._tries[at] += 1
        if self._tries[at] > 1:
            return False
        self._again.append(job._replace(numbers=[at]))
        return True

    def _next(self) -> Job | None:
        ready = self._ready()
        if ready is not None or self._building:
            return ready  # what is being built may be what fresh points need, too
        if needs := self._worth_building():
            fixed = [need for need in {*self._loaded, *needs} if need.fixed]
            return Build(needs, keeps_others=len(fixed) <= MOST_LOADED)
        if self._fresh:
            return Solve(self._take_fresh())
        if not self._solving:
            self._give_up_small_groups()
        return self._by_pybamm() if self._for_pybamm else None

    def _ready(self) -> Solve | None:
        """Return points that have been looked at already, if there are enough to solve."""
        if self._again:
            return self._again.popleft()
        for need in self._loaded:
            if numbers := self._waiting.get(need):
                return Solve(_take(numbers, -(-len(numbers) // (2 * self._workers)), LARGEST_CHUNK), need)
        return self._by_pybamm() if len(self._for_pybamm) >= LARGEST_BUILT_CHUNK else None

    def _worth_building(self) -> list[Need]:
        """Return the needs to build, those of most points first."""
        if self._fresh and len(self._seen) > MOST_LOADED:
            return []  # of each there may be more points to come
        counts = {need: len(numbers) for need, numbers in self._waiting.items()}
        needs = [need for need, count in counts.items() if count >= MIN_GROUP and need not in self._loaded]
        return sorted(needs, key=lambda need: -counts[need])[:MOST_LOADED]

    def _give_up_small_groups(self) -> None:
        for numbers in self._waiting.values():
            self._for_pybamm.extend(numbers)
        self._waiting.clear()

    def _by_pybamm(self) -> Solve:
        share = max(-(-len(self._for_pybamm) // self._workers), SMALLEST_BUILT_CHUNK)
        return Solve(_take(self._for_pybamm, share, LARGEST_BUILT_CHUNK), may_build=True)

    def _take_fresh(self) -> list[int]:
        share = -(-len(self._fresh) // (2 * self._workers))
        chunk, self._chunk = self._chunk, min(2 * self._chunk, LARGEST_CHUNK)
        return _take(self._fresh, share, chunk)


def _take(numbers: deque[int], share: int, most: int) -> list[int]:
    """Remove and return the first of the numbers: a share of them, but not too many."""
    return [numbers.popleft() for _ in range(min(share, most, len(numbers)))]
