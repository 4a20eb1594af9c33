"""Watches a child to its end, and ends it where it does not by itself."""

import contextlib
import os
import select
import signal
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from batterysim.failure import ExitCode, FailureReason
from batterysim_runner.child.ends import WatcherEnds
from batterysim_runner.child.last_words import LastWords, out_of_memory, words
from batterysim_runner.child.messages import Receiver
from batterysim_runner.child.process import Ended
from batterysim_runner.run_clock import Clock

TICK_SECONDS = 0.1
"""So often it is looked at whether somebody wants the child to stop."""

SPARE_SECONDS = 0.5
"""A run that ends by itself at its limit has so long for that; a copy that finishes, a little longer."""

FINISHING_SECONDS = 30.0
"""What a copy may take to describe and write what it has."""

FULL_SHARE = 0.75
"""A child that crashes with this much of its memory in use has most likely crashed because it got no more."""


class WatchedChild(Protocol):
    """A child, of this process or of another one."""

    ends: WatcherEnds

    def kill(self) -> None:
        """Kill it, unless it has ended."""

    def reap(self, *, wait: bool = False) -> Ended | None:
        """Return how it ended; None if it goes on."""


class End(NamedTuple):
    """How a run ended.

    content: its result, or what was solved of it before it failed; None: there is none.
    failure: why it failed; None: it did not.
    """

    exit_code: int
    content: bytes | None
    failure: LastWords | None
    cpu_seconds: float
    max_memory_bytes: int


class Watcher:
    """Watches one child.

    tell: gets each message that is not for the watcher, such as progress.
    memory_bytes: what the child may have in memory; only for the words in the end.
    must_end: is asked all the time; returns why the child is to be killed, or None.
    """

    def __init__(
        self,
        child: WatchedChild,
        clock: Clock,
        tell: Callable[[Mapping[str, Any]], None] = lambda _: None,
        memory_bytes: int | None = None,
        must_end: Callable[[], LastWords | None] = lambda: None,
    ) -> None:
        self._child = child
        self._clock = clock
        self._tell = tell
        self._memory_bytes = memory_bytes
        self._must_end = must_end
        self._receiver = Receiver()
        self._done: Mapping[str, Any] | None = None
        self._words: LastWords | None = None
        self._is_partial = False
        self._killed_for: LastWords | None = None
        self._limit_seconds: float | None = None
        self._due: float | None = None
        self._copy: int | None = None
        self._is_finishing = False
        self._reached_seconds: float | None = None

    def watch(self) -> End:
        """Return when the child has ended, by itself or not. Its ends are closed then."""
        try:
            while self._hear():
                self._judge()
            return self._end()
        finally:
            self._child.ends.close()

    def _hear(self) -> bool:
        """Take in what the child tells; return whether there is anybody left to tell anything."""
        poll = select.poll()
        poll.register(self._child.ends.messages, select.POLLIN)
        if not poll.poll(TICK_SECONDS * 1000):
            return True
        data = os.read(self._child.ends.messages, 1 << 16)
        for message in self._receiver.feed(data):
            self._note(message)
        return bool(data) and self._done is None

    def _note(self, message: Mapping[str, Any]) -> None:
        if "limit" in message:
            self._limit_seconds = message["limit"]
            self._due = self._clock() + message["limit"] + SPARE_SECONDS
        elif "solved" in message:
            self._due = None if not self._is_finishing else self._clock() + FINISHING_SECONDS
        elif "kept" in message:
            self._copy = message["kept"]
        elif "done" in message:
            self._done = message["done"]
        elif "end" in message:
            self._words = LastWords.model_validate(message["end"])
            self._is_partial = message.get("partial", False)
        else:
            if "progress" in message:
                self._reached_seconds = message["progress"].get("simulatedSeconds", self._reached_seconds)
            self._tell(message)

    def _judge(self) -> None:
        if self._killed_for is None and (reason := self._must_end()) is not None:
            self._kill(reason)
        elif self._due is not None and self._clock() >= self._due:
            self._end_what_is_late()
        elif self._copy is not None and not self._is_finishing and self._child.reap() is not None:
            # It waits for what will not come any more, and holds the pipe open.
            self._kill_copy()

    def _end_what_is_late(self) -> None:
        if self._copy is None or self._is_finishing:
            self._due = None
            self._kill(self._time_is_up())
            return
        # The copy has the ends of the pipes as well, so it is heard after the child itself is gone.
        self._is_finishing = True
        self._due = self._clock() + FINISHING_SECONDS
        self._child.kill()
        self._child.ends.finish()

    def _kill(self, reason: LastWords) -> None:
        self._killed_for = reason
        self._child.kill()
        self._kill_copy()

    def _kill_copy(self) -> None:
        if self._copy is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._copy, signal.SIGKILL)
            self._copy = None

    def _time_is_up(self) -> LastWords:
        reached = ""
        if self._reached_seconds is not None:
            reached = f", last report at {self._reached_seconds:g} s of the protocol"
        return words(
            ExitCode.WALL_CLOCK_LIMIT,
            FailureReason.WALL_CLOCK_LIMIT,
            f"the solver did not return within spec.solver.wallClockLimitSeconds = {self._limit_seconds:g} s"
            f"{reached}, and was stopped: raise the limit, or look for a cut-off that is ignored, a voltage "
            "that cannot be held, or a tolerance that is too tight",
        )

    def _end(self) -> End:
        if self._done is not None:
            used = self._done["cpuSeconds"], self._done["maxMemoryBytes"]
            return End(ExitCode.OK, self._child.ends.read_content(), None, *used)
        ended = self._child.reap(wait=True)
        assert ended is not None  # noqa: S101 - it was waited for
        content: bytes | None = None
        code = os.waitstatus_to_exitcode(ended.status)
        if self._killed_for is not None:
            failure = self._killed_for
        elif self._words is not None:
            failure = self._words
            if self._is_partial:
                content = self._child.ends.read_content()
        elif self._is_finishing:
            failure = self._time_is_up()
        else:
            failure = words_for_crash(code, ended.max_memory_bytes, self._memory_bytes)
        return End(failure.exit_code, content, failure, ended.cpu_seconds, ended.max_memory_bytes)


def words_for_crash(code: int, max_memory_bytes: int, memory_bytes: int | None) -> LastWords:
    """Return the words for a child that left none.

    code: its exit code; of one that a signal has ended, minus that.
    """
    was_full = memory_bytes is not None and max_memory_bytes >= FULL_SHARE * memory_bytes
    if code == -signal.SIGKILL or (code < 0 and was_full):
        # Nobody of ours has killed it, so it was the kernel, which had no memory for it.
        return out_of_memory(memory_bytes)
    if code == -signal.SIGXCPU:
        how = "used up its computing time"
    elif code < 0:
        how = f"crashed ({signal.Signals(-code).name})"
    else:
        how = f"ended with exit code {code} and left no message"
    return words(
        ExitCode.CRASHED,
        FailureReason.RUNNER_CRASHED,
        f"the process that solves {how}; see the pod's log",
    )
