"""Work on what users have sent ends, whatever they have sent."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator

import pytest

from batterysim.checks.validation import parse_spec
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.process.worker_pool import Budget, BusyError, OverBudgetError, WorkerPool, WorkFailedError
from tests.builders import raw_spec, spec_of

EXPENSIVE = (re.fullmatch, "(a+)+", "a" * 60 + "b")
"""Work that would take longer than anyone lives, in C code that no Python signal handler interrupts soon."""


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    budget = Budget(cpu_seconds=0.3, memory_bytes=128 << 20, patience_seconds=60)
    async with WorkerPool(("batterysim.checks.warm",), budget) as started:
        yield started


async def test_work_is_done_and_errors_come_back(pool: WorkerPool) -> None:
    assert await pool.run("lab", parse_spec, raw_spec()) == spec_of()
    with pytest.raises(InvalidSpecError) as caught:
        await pool.run("lab", parse_spec, {})
    assert caught.value.problems[0] == Problem(
        FailureReason.INVALID_SPEC, "spec.cell", "required, but absent: add it"
    )


async def test_work_without_end_is_over_budget_and_the_next_is_done(pool: WorkerPool) -> None:
    with pytest.raises(OverBudgetError, match=r"0\.3 s of CPU time"):
        await pool.run("lab", *EXPENSIVE)

    assert await pool.run("lab", max, (1, 2)) == 2


async def test_too_much_memory_is_over_budget_and_the_next_is_done(pool: WorkerPool) -> None:
    with pytest.raises(OverBudgetError, match="128 MiB"):
        await pool.run("lab", bytes, 1 << 30)

    assert await pool.run("lab", max, (1, 2)) == 2


async def test_the_event_loop_goes_on_meanwhile(pool: WorkerPool) -> None:
    work = asyncio.create_task(pool.run("lab", *EXPENSIVE))
    turns = 0
    while not work.done():
        await asyncio.sleep(0.01)
        turns += 1

    assert turns > 3
    assert isinstance(work.exception(), OverBudgetError)


async def test_one_tenants_work_does_not_hold_up_anothers(pool: WorkerPool) -> None:
    greedy = [asyncio.create_task(pool.run("greedy", *EXPENSIVE)) for _ in range(6)]
    await asyncio.sleep(0)

    assert await pool.run("modest", max, (1, 2)) == 2

    assert not any(task.done() for task in greedy[1:])
    await asyncio.gather(*greedy, return_exceptions=True)


async def test_of_one_tenant_only_so_much_may_wait() -> None:
    async with WorkerPool((), Budget(patience_seconds=60), most_waiting=2) as pool:
        waiting = [asyncio.create_task(pool.run("greedy", time.sleep, 0.1)) for _ in range(2)]
        await asyncio.sleep(0)

        with pytest.raises(BusyError, match="wait for them"):
            await pool.run("greedy", max, (1, 2))
        await asyncio.gather(*waiting)
        assert await pool.run("greedy", max, (1, 2)) == 2


async def test_work_that_is_late_by_the_clock_may_be_tried_again() -> None:
    async with WorkerPool((), Budget(patience_seconds=0.2)) as pool:
        with pytest.raises(BusyError, match="try again"):
            await pool.run("lab", time.sleep, 60)


@pytest.mark.parametrize("ending", [(os._exit, 3), (os.abort,)], ids=["exit", "crash"])
async def test_work_that_ends_its_process_is_over_budget_and_the_next_is_done(
    pool: WorkerPool, ending: tuple[object, ...]
) -> None:
    with pytest.raises(OverBudgetError):
        await pool.run("lab", *ending)  # type: ignore[arg-type]

    assert await pool.run("lab", max, (1, 2)) == 2


async def test_a_worker_that_was_killed_from_outside_is_no_verdict(pool: WorkerPool) -> None:
    """The kernel kills some process when the memory of them all together is used up."""
    with pytest.raises(BusyError):
        await pool.run("lab", _kill_me)

    assert await pool.run("lab", max, (1, 2)) == 2


def _kill_me() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _UnfitError(Exception):
    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)


def _raise_unfit() -> None:
    raise _UnfitError("one", "two")


async def test_an_error_that_cannot_be_sent_comes_as_its_words(pool: WorkerPool) -> None:
    with pytest.raises(WorkFailedError, match="_UnfitError: one"):
        await pool.run("lab", _raise_unfit)
