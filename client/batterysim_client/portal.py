"""Asynchronous code for those who cannot await: it runs in an event loop of its own, in a thread of its own.

So it works where a loop is running already, as in Jupyter.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from threading import Event
from typing import ParamSpec, TypeVar
from weakref import finalize

from anyio.from_thread import BlockingPortal, start_blocking_portal

P = ParamSpec("P")
T = TypeVar("T")


class Portal:
    """Runs coroutines. The thread is started when it is first needed, and ends with the process."""

    def __init__(self) -> None:
        self._opened = ExitStack()
        # Not left to the interpreter's own clearing up, which would wait for a thread that is gone already.
        self._end = finalize(self, self._opened.close)
        self._portal: BlockingPortal | None = None

    def run(self, function: Callable[P, Awaitable[T]], *arguments: P.args, **options: P.kwargs) -> T:
        """Return what a coroutine function returns. An interrupt cancels it and waits for its end."""
        ended = Event()

        async def work() -> T:
            try:
                return await function(*arguments, **options)
            finally:
                ended.set()

        if self._portal is None:
            self._portal = self._opened.enter_context(start_blocking_portal())
        future = self._portal.start_task_soon(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            # Else a generator would be closed while it still runs.
            ended.wait()
            raise

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """Yield what an asynchronous generator yields."""
        try:
            while True:
                try:
                    yield self.run(items.__anext__)
                except StopAsyncIteration:
                    return
        finally:
            if (close := getattr(items, "aclose", None)) is not None:
                self.run(close)

    def close(self) -> None:
        """End the thread."""
        self._end()
