"""Points are given out in an order that needs few builds, and every point comes to an end once."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from batterysim_runner.compiled.shape import Control, Shape
from batterysim_runner.sweep.agenda import MIN_GROUP, MOST_LOADED, Agenda, Build, Job, Solve
from batterysim_runner.sweep.need import Need

SHAPE = Need(Shape("SPM", (), "Chen2020", Control("Current", False)))


def thick(level: int) -> Need:
    return SHAPE._replace(fixed=(("Negative electrode thickness [m]", level * 1e-6),))


class Play:
    """A sweep in which children do as they are told, in any order, and now and then die.

    needs: what each point needs in addition to the shape; None: PyBaMM.
    """

    def __init__(self, needs: list[Need | None], workers: int, seed: int, killers: frozenset[int]) -> None:
        self._needs = needs
        self._chance = random.Random(seed)
        self._killers = killers
        self._workers = workers
        self.agenda = Agenda(range(len(needs)), workers)
        self.loaded: set[Need] = set()
        self.ended: Counter[int] = Counter()
        self.by_pybamm = 0
        self.builds: list[Build] = []
        self.jobs: list[Job] = []

    def play(self) -> "Play":
        active: list[Job] = []
        while not self.agenda.is_over:
            while len(active) < self._workers and (job := self.agenda.next()) is not None:
                active.append(job)
                self.jobs.append(job)
            assert active, "nothing to do, and not over"
            job = active.pop(self._chance.randrange(len(active)))
            if isinstance(job, Build):
                self.build(job)
            else:
                self.solve(job)
            self.agenda.ended(job)
        return self

    def build(self, job: Build) -> None:
        self.builds.append(job)
        kept = self.loaded if job.keeps_others else {need for need in self.loaded if not need.fixed}
        self.loaded = kept | set(job.needs)
        assert len([need for need in self.loaded if need.fixed]) <= MOST_LOADED
        self.agenda.built(self.loaded)

    def solve(self, job: Solve) -> None:
        for place, number in enumerate(job.numbers):
            if number in self._killers:
                self.agenda.again(job, job.numbers[place + 1 :])
                if not self.agenda.lost(job, number):
                    self.ended[number] += 1
                return
            need = self._needs[number]
            if job.may_build:
                self.by_pybamm += 1
                self.ended[number] += 1
            elif need is None:
                self.agenda.unfit(job, number, None)
            elif SHAPE not in self.loaded:
                self.agenda.unfit(job, number, SHAPE)
            elif need in (SHAPE, job.need):
                self.ended[number] += 1
            else:
                self.agenda.unfit(job, number, need)


def play(
    needs: list[Need | None], workers: int = 2, seed: int = 0, killers: frozenset[int] = frozenset()
) -> Play:
    return Play(needs, workers, seed, killers).play()


kinds = st.one_of(st.none(), st.just(SHAPE), st.integers(1, 20).map(thick))


@given(
    st.lists(kinds, min_size=1, max_size=300),
    st.integers(1, 4),
    st.integers(),
    st.frozensets(st.integers(0, 300)),
)
def test_every_point_ends_once(
    needs: list[Need | None], workers: int, seed: int, killers: frozenset[int]
) -> None:
    played = play(needs, workers, seed, killers)

    assert played.ended == Counter(range(len(needs)))


def test_equations_for_all_points_are_built_once() -> None:
    played = play([SHAPE] * 1000)

    assert [build.needs for build in played.builds] == [[SHAPE]]
    assert played.by_pybamm == 0


def test_equations_for_each_of_a_few_thicknesses_are_built() -> None:
    played = play([thick(number % 5) for number in range(500)])

    built = [need for build in played.builds for need in build.needs]
    assert sorted(built) == sorted([SHAPE, *map(thick, range(5))])
    assert played.by_pybamm < 5 * MIN_GROUP


def test_many_thicknesses_wait_until_all_points_are_known() -> None:
    played = play([thick(number % 50) for number in range(1000)])

    built = Counter(need for build in played.builds for need in build.needs)
    assert max(built.values()) == 1
    assert max(len(build.needs) for build in played.builds) <= MOST_LOADED
    assert played.by_pybamm == 0


def test_thicknesses_that_are_all_different_are_left_to_pybamm() -> None:
    played = play([thick(number) for number in range(1, 100)])

    assert [build.needs for build in played.builds] == [[SHAPE]]
    assert played.by_pybamm == 99


def test_what_cannot_be_compiled_is_left_to_pybamm() -> None:
    agenda = Agenda(range(3), workers=1)
    job = agenda.next()
    assert isinstance(job, Solve)
    for number in job.numbers:
        agenda.unfit(job, number, SHAPE)
    agenda.ended(job)
    while isinstance(job := agenda.next(), Solve) and not job.may_build:
        for number in job.numbers:
            agenda.unfit(job, number, SHAPE)
        agenda.ended(job)
    assert job == Build([SHAPE])

    agenda.hopeless(job.needs)
    agenda.ended(job)

    assert agenda.next() == Solve([0, 1, 2], may_build=True)


def test_both_workers_have_something_to_do_at_the_end() -> None:
    played = play([SHAPE] * 1000)

    last = [len(job.numbers) for job in played.jobs if isinstance(job, Solve)][-4:]
    assert max(last) < 20
