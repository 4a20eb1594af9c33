"""A place for one simulation at a time: ask for one, have it solved, bring the result to the bridge."""

import contextlib
import time
from collections.abc import Mapping
from threading import Event
from typing import Any, NamedTuple, Protocol

from batterysim.failure import ExitCode, FailureReason
from batterysim.status import OutcomeReason, Progress
from batterysim_runner.child.last_words import LastWords, last_words, words
from batterysim_runner.child.process import Limits
from batterysim_runner.child.watcher import End, WatchedChild, Watcher
from batterysim_runner.errors import ResultRefusedError, RunError
from batterysim_runner.host.attempts import Attempts, Stop
from batterysim_runner.host.client import BridgeAwayError, HostClient
from batterysim_runner.host.requests import NEEDS_PYBAMM, USED
from batterysim_runner.host.work import Work
from batterysim_runner.pod.bridge_client import BridgeClient
from batterysim_runner.pod.patience import Pause
from batterysim_runner.run_clock import Clock

PAUSE_SECONDS = 1.0
QUIET_SECONDS = 1.0
"""A run that ends sooner reports no progress: nobody would see it, and each report is a write."""

TERMINATED = 143
CPU_SPARE_SECONDS = 60


class StoppedError(Exception):
    """The attempt is to end, and so the wait for the bridge."""


class Children(Protocol):
    """Starts children."""

    def start(self, work: Work, limits: Limits) -> WatchedChild:
        """Start a child that solves a simulation."""

    def load(self, name: str) -> None:
        """Have the next children find a compiled simulation loaded."""

    def warm_up(self) -> None:
        """Get ready for the first child."""

    def close(self) -> None:
        """End all children."""


class Nurseries(NamedTuple):
    """Where children come from: those of the first are small, but need a compiled simulation that fits."""

    compiled: Children
    model: Children


class Slot:
    """Works until `draining` is set, and then to the end of what it has."""

    def __init__(
        self,
        client: HostClient,
        nurseries: Nurseries,
        attempts: Attempts,
        draining: Event,
        memory_bytes: int | None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._client = client
        self._nurseries = nurseries
        self._attempts = attempts
        self._draining = draining
        self._memory_bytes = memory_bytes
        self._clock = clock

    def run(self) -> None:
        """Take simulations, one after the other."""
        while not self._draining.is_set():
            try:
                work = self._client.take()
            except BridgeAwayError as error:
                print(f"no work: {error}", flush=True)
                self._draining.wait(PAUSE_SECONDS)
                continue
            if work is not None:
                self.solve(work)

    def solve(self, work: Work) -> None:
        """Solve a simulation, and tell the bridge how it went."""
        self._attempts.begin(work)
        try:
            with contextlib.closing(BridgeClient(work, self._pause(work))) as bridge:
                end = self._solve(work, bridge)
                stop = self._attempts.why_stop(work)
                if stop is Stop.HANDED_BACK:
                    text = "the shared runner is about to end, and hands the simulation back"
                    self._tell(work, TERMINATED, OutcomeReason.HANDED_BACK, text)
                elif stop is None:
                    self._bring(work, end, bridge)
        except RunError as error:
            self._fail(work, last_words(error))
        except StoppedError:
            if self._attempts.why_stop(work) is Stop.HANDED_BACK:
                self._tell(work, TERMINATED, OutcomeReason.HANDED_BACK, "the shared runner is about to end")
        finally:
            self._attempts.end(work)

    def _bring(self, work: Work, end: End, bridge: BridgeClient) -> None:
        """Bring what there is to the bridge: the result, the part before a failure, or why there is none."""
        try:
            if end.content is not None:
                bridge.upload(end.content)
                return  # the part of a run that has failed says that itself
        except ResultRefusedError:
            if end.failure is None:
                raise
        if end.failure is not None:
            self._fail(work, end.failure)

    def _solve(self, work: Work, bridge: BridgeClient) -> End:
        deadline = self._clock() + work.seconds_left
        limits = Limits(self._memory_bytes, int(max(work.seconds_left, 0)) + CPU_SPARE_SECONDS)

        def must_end() -> LastWords | None:
            if self._attempts.why_stop(work) is not None:
                return words(ExitCode.CRASHED, FailureReason.RUNNER_CRASHED, "it was stopped")
            return _too_late() if self._clock() >= deadline else None

        first: list[float] = []
        needs_pybamm = False

        def tell(message: Mapping[str, Any]) -> None:
            nonlocal needs_pybamm
            first.append(self._clock())
            needs_pybamm |= NEEDS_PYBAMM in message
            if USED in message:
                self._nurseries.compiled.load(message[USED])
            if "progress" in message and first[-1] - first[0] >= QUIET_SECONDS:
                bridge.report(Progress.model_validate(message["progress"]))

        def solve_by(children: Children) -> End:
            first.clear()
            child = children.start(work, limits)
            return Watcher(child, self._clock, tell, self._memory_bytes, must_end).watch()

        end = solve_by(self._nurseries.compiled)
        return solve_by(self._nurseries.model) if needs_pybamm else end

    def _fail(self, work: Work, failure: LastWords) -> None:
        print(f"{work.namespace}/{work.name}: {failure.reason}: {failure.message}", flush=True)
        self._tell(work, failure.exit_code, failure.reason, failure.message)

    def _tell(self, work: Work, exit_code: int, reason: str, message: str) -> None:
        """Tell until it is heard, or is no news any more. If this host ends before, it is missed soon."""
        while self._attempts.why_stop(work) is not Stop.NOT_WANTED:
            try:
                self._client.end(work, exit_code, reason, message)
            except BridgeAwayError as error:
                print(f"{work.namespace}/{work.name}: its end was not heard yet: {error}", flush=True)
                time.sleep(PAUSE_SECONDS)
            else:
                return

    def _pause(self, work: Work) -> Pause:
        def sleep(seconds: float) -> None:
            if self._attempts.why_stop(work) is not None:
                raise StoppedError
            time.sleep(seconds)

        return Pause(sleep=sleep)


def _too_late() -> LastWords:
    return words(
        ExitCode.CRASHED,
        FailureReason.DEADLINE_EXCEEDED,
        "the run took longer than spec.run.deadlineSeconds: raise it, or make the run shorter",
    )
