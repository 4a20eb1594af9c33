"""The threads in which the store is used, so that a store that hangs only holds up its own users.

Calls that wait for a volume or a bucket have threads of their own, and so do reads of a whole result, which
take memory: few at once. The event loop's own threads stay free for everything else, such as looking up
names.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

CALLS_AT_ONCE = 32
READERS_AT_ONCE = 6
FINISH_SECONDS = 10.0
"""For longer than this, a store that hangs does not hold up the end of the process."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_calls = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="store")
_readers = ThreadPoolExecutor(READERS_AT_ONCE, thread_name_prefix="reader")


async def call_store(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Call something that uses the store for a moment."""
    return await asyncio.get_running_loop().run_in_executor(_calls, partial(function, *args, **kwargs))


async def read_store(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Call something that reads a whole result."""
    return await asyncio.get_running_loop().run_in_executor(_readers, partial(function, *args, **kwargs))


async def finish_store(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Call something that must not be left half done, such as moving a file to its place.

    When this is cancelled, it waits for the end of the call: the thread goes on in any case, and what the
    caller tidies up would be removed while it is moved.
    """
    call = asyncio.create_task(call_store(function, *args, **kwargs))
    try:
        return await asyncio.shield(call)
    except asyncio.CancelledError:
        await asyncio.wait([call], timeout=FINISH_SECONDS)
        raise
