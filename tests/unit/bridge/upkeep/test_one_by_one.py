"""No item that fails holds up the others, and what fails is not tried all the time."""

from batterysim_bridge.upkeep.one_by_one import FAILURES_IN_A_ROW, FIRST_WAIT_SECONDS, OneByOne


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Work:
    """Fails for some items, and notes all that it is asked to do."""

    def __init__(self, *bad: int) -> None:
        self.bad = set(bad)
        self.tried: list[int] = []

    async def __call__(self, item: int) -> None:
        self.tried.append(item)
        if item in self.bad:
            raise OSError(f"{item} is damaged")


async def test_the_others_are_done():
    work = Work(2)

    assert await OneByOne("counting", Clock()).run([1, 2, 3], work) == [2]
    assert work.tried == [1, 2, 3]


async def test_what_failed_is_left_alone_for_longer_each_time():
    clock, work = Clock(), Work(2)
    one_by_one = OneByOne("counting", clock)
    for _ in range(200):
        await one_by_one.run([2], work)
        clock.seconds += FIRST_WAIT_SECONDS / 2

    assert 5 < len(work.tried) < 12


async def test_what_works_again_is_done():
    clock, work = Clock(), Work(2)
    one_by_one = OneByOne("counting", clock)
    await one_by_one.run([2], work)
    work.bad.clear()
    clock.seconds += FIRST_WAIT_SECONDS

    assert await one_by_one.run([2], work) == []


async def test_a_store_that_is_away_is_not_asked_for_each_of_thousands():
    work = Work(*range(1000))

    assert len(await OneByOne("counting", Clock()).run(range(1000), work)) == 1000
    assert len(work.tried) == FAILURES_IN_A_ROW


async def test_bad_ones_in_front_do_not_keep_the_rest_for_ever():
    clock, work = Clock(), Work(*range(FAILURES_IN_A_ROW))
    one_by_one = OneByOne("counting", clock)
    await one_by_one.run(range(10), work)

    await one_by_one.run(range(10), work)

    assert set(range(FAILURES_IN_A_ROW, 10)) <= set(work.tried)
