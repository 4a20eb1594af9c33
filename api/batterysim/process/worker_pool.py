"""Work on what users have sent, in processes that are ended when it takes too much time or memory.

Checking, parsing or drawing a user's input in a server's own process would let that input stop the server: an
event loop, or a thread that does not let go of the interpreter's lock, serves nobody meanwhile.

Two limits say different things. The CPU time that a piece of work takes is its own fault, and would be the
same another time: it is over budget for good. How long it takes by the clock depends on everyone else: it may
be tried again.
"""

import asyncio
import multiprocessing
import pickle
import resource
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol, TypeVar, TypeVarTuple

from pebble import ProcessExpired, ProcessPool

from batterysim.process.deep_documents import allow_deep_documents

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

# A worker is started again after so many pieces, so that none keeps the memory of the largest for ever.
PIECES_PER_WORKER = 500


class OverBudgetError(Exception):
    """The work takes more CPU time or memory than it may, and would do so again."""


class BusyError(Exception):
    """The work was not done in time because there is too much else to do. It may be tried again."""


class WorkFailedError(Exception):
    """The work failed in a way that its author has not foreseen."""


class Budget(NamedTuple):
    """How much a piece of work may take."""

    cpu_seconds: float = 2.0
    memory_bytes: int = 192 << 20
    """Of a worker in all, what it needs for itself included."""
    patience_seconds: float = 4.5
    """From the request to its end, waiting included."""


DEFAULT_BUDGET = Budget()


class Work(Protocol):
    """Runs functions somewhere."""

    async def run(self, who: str, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Return what the function returns, or raise what it raises.

        who: whose work it is, such as a namespace. One at a time has only one piece of work under way.

        Raises:
            OverBudgetError: it takes too much.
            BusyError: it may be tried again.
            WorkFailedError: it raised something that cannot be sent from one process to another.
        """


class WorkerPool:
    """See Work. Functions and arguments are pickled: they are names of modules, and data."""

    def __init__(
        self,
        preload: Sequence[str],
        budget: Budget = DEFAULT_BUDGET,
        workers: int = 2,
        most_waiting: int = 16,
    ) -> None:
        self._budget = budget
        self._workers = workers
        self._most_waiting = most_waiting
        # A worker that was ended has its successor in some milliseconds, with the modules imported already.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        self._pool = self._new_pool()
        # First come, first served; a tenant with a piece under way or in this line has no second one in it.
        self._line = asyncio.Semaphore(workers)
        self._own_lines: dict[str, asyncio.Semaphore] = {}
        self._waiting: Counter[str] = Counter()

    async def __aenter__(self) -> "WorkerPool":
        """Return when the workers are warm."""
        await asyncio.to_thread(lambda: self._pool.schedule(_nothing).result())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the workers."""
        await asyncio.to_thread(self._end, self._pool)

    async def run(self, who: str, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """See Work."""
        try:
            async with asyncio.timeout(self._budget.patience_seconds), self._turn(who):
                return await self._run(function, *arguments)
        except TimeoutError as error:
            raise BusyError(f"not done after {self._budget.patience_seconds:g} s: try again") from error

    async def _run(self, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        pool = self._pool
        try:
            future = pool.schedule(
                _within, (self._budget, function, arguments), timeout=self._budget.patience_seconds
            )
            result: Result = await asyncio.wrap_future(future)
        except ProcessExpired as error:
            if error.exitcode == -signal.SIGKILL:
                raise BusyError("the worker was killed: try again") from error
            raise OverBudgetError(f"more than {self._budget.cpu_seconds:g} s of CPU time") from error
        except MemoryError as error:
            raise OverBudgetError(f"more than {self._budget.memory_bytes >> 20} MiB of memory") from error
        except (BrokenProcessPool, RuntimeError) as error:
            if isinstance(error, RuntimeError) and pool.active:
                raise
            await self._replace(pool)
            raise BusyError("the workers are being started again: try again") from error
        return result

    @asynccontextmanager
    async def _turn(self, who: str) -> AsyncIterator[None]:
        """Wait until it is the turn of the one for whom the work is done.

        Raises:
            BusyError: too much of theirs is waiting already.
        """
        if self._waiting[who] >= self._most_waiting:
            raise BusyError(f"{self._most_waiting} requests of yours are being checked: wait for them")
        own_line = self._own_lines.setdefault(who, asyncio.Semaphore(1))
        self._waiting[who] += 1
        try:
            async with own_line, self._line:
                yield
        finally:
            self._waiting[who] -= 1
            if not self._waiting[who]:
                del self._waiting[who], self._own_lines[who]

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=PIECES_PER_WORKER,
            initializer=_be_a_worker,
            initargs=(self._budget,),
            context=self._context,
        )

    async def _replace(self, broken: ProcessPool) -> None:
        if self._pool is broken:
            self._pool = self._new_pool()
            await asyncio.to_thread(self._end, broken)

    @staticmethod
    def _end(pool: ProcessPool) -> None:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _be_a_worker(budget: Budget) -> None:
    allow_deep_documents()
    resource.setrlimit(resource.RLIMIT_DATA, (budget.memory_bytes, budget.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _within(budget: Budget, function: Callable[..., Result], arguments: Sequence[object]) -> Result:
    """Do a piece of work; if it takes more CPU time than it may, the kernel ends this process."""
    signal.setitimer(signal.ITIMER_PROF, budget.cpu_seconds)
    try:
        return function(*arguments)
    except MemoryError:
        raise
    except Exception as error:
        raise _sendable(error) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _sendable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:
        return WorkFailedError(f"{type(error).__name__}: {error}")
    return error


def _nothing() -> None:
    """Be a piece of work that finds a worker warm."""
