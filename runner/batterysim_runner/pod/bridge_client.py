"""The way to the bridge: the result goes there until it is stored, progress and checkpoints when they can."""

import contextlib
from collections.abc import Callable, Mapping
from http import HTTPStatus

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError

from batterysim.continuation.likeness import refusal
from batterysim.failure import shorten
from batterysim.names import (
    CHECKPOINT_CYCLE,
    CHECKPOINT_MEDIA_TYPE,
    checkpoint_path,
    initial_state_path,
    progress_path,
    result_path,
)
from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim.status import Progress, Stage
from batterysim_runner.errors import (
    CheckpointRefusedError,
    ResultRefusedError,
    RunEndedError,
    UploadFailedError,
)
from batterysim_runner.pod.connection import NO_HEADERS, TOO_LARGE, Connection, answer_of, text_of
from batterysim_runner.pod.inputs import Caller
from batterysim_runner.pod.patience import Pause, Verdict, judge
from batterysim_runner.pod.reporter import Reporter

BridgePath = Callable[[str, str], str]
"""A path on the bridge, made from a namespace and a name."""

# A report is small and soon out of date.
REPORT_TIMEOUT_SECONDS = 5


class BridgeClient:
    """Talks to the bridge as this pod."""

    def __init__(self, inputs: Caller, pause: Pause = Pause()) -> None:  # noqa: B008 - a tuple of functions
        self._inputs = inputs
        self._connection = Connection(inputs, pause)
        self._reporter = Reporter(self._send_report)
        self._place_is_told = False

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.close()

    def report(self, progress: Progress) -> None:
        """Tell the bridge how far the run is, in the background. A lost report loses nothing."""
        self._place_is_told |= progress.simulated_seconds is not None
        self._reporter.report(progress)

    def upload(self, content: bytes) -> None:
        """Bring the result to the bridge, which answers when it is safely stored.

        It is offered until it is taken, with a fresh token each time; what ends that is the run's deadline.

        Raises:
            ResultRefusedError: the bridge will never take it.
            UploadFailedError: the bridge does not take this pod for the runner, and has not for minutes.
        """
        if self._place_is_told:
            # The bridge says only "100 %, Done" in the end, beside which the last place would stay for good.
            self._reporter.finish(Progress(percent=100, stage=Stage.STORING))
        verdict, response = self._connection.until_answered(
            lambda: self._put(result_path, content, PARQUET_MEDIA_TYPE)
        )
        if verdict is Verdict.NEVER:
            raise ResultRefusedError(
                f"the bridge rejected the result ({response.status}): {shorten(text_of(response))}"
            )

    def save_checkpoint(self, content: bytes, cycle: int) -> None:
        """Leave a checkpoint for the pod that comes after this one. It is tried once.

        cycle: after which it was made.

        Raises:
            CheckpointRefusedError: the bridge will never take it, because it is too large.
            RunEndedError: the run has ended without this process.
            OSError: the bridge was out of reach, or out of order, or took us for another, or keeps one of a
                later cycle.
        """
        headers = {CHECKPOINT_CYCLE: str(cycle)}
        response = self._once(lambda: self._put(checkpoint_path, content, CHECKPOINT_MEDIA_TYPE, headers))
        if judge(response) is Verdict.TAKEN:
            return
        text = answer_of(response)
        if response.status == HTTPStatus.CONFLICT:
            raise RunEndedError(text)
        raise CheckpointRefusedError(text) if response.status == TOO_LARGE else OSError(text)

    def discard_checkpoint(self) -> None:
        """Have the bridge forget the checkpoint that this pod cannot use. It is tried once.

        Raises:
            OSError: as `save_checkpoint`.
        """
        response = self._once(lambda: self._connection.request("DELETE", self._path(checkpoint_path)))
        # An earlier version of the bridge does not know this, and keeps whichever checkpoint comes last.
        if judge(response) is not Verdict.TAKEN and response.status != HTTPStatus.METHOD_NOT_ALLOWED:
            raise OSError(answer_of(response))

    def _once(self, send: Callable[[], BaseHTTPResponse]) -> BaseHTTPResponse:
        try:
            return send()
        except HTTPError as error:
            raise OSError(self._connection.out_of_reach(error)) from error

    def load_checkpoint(self) -> bytes | None:
        """Return what an earlier pod has left; None if there is nothing.

        A bridge that is away is waited for: what it has may be worth hours, and without it nothing can be
        stored either.

        Raises:
            UploadFailedError: the bridge does not take this pod for the runner, and has not for minutes.
        """
        path = self._path(checkpoint_path)
        verdict, response = self._connection.until_answered(lambda: self._connection.request("GET", path))
        if verdict is Verdict.TAKEN:
            return response.data
        if response.status == HTTPStatus.NOT_FOUND:
            return None
        raise UploadFailedError(answer_of(response))

    def load_initial_state(self) -> bytes:
        """Return the state of the earlier simulation that this one goes on from.

        Raises:
            InvalidSpecError: there is none, or not any more.
            UploadFailedError: the bridge does not take this pod for the runner, and has not for minutes.
        """
        path = self._path(initial_state_path)
        verdict, response = self._connection.until_answered(lambda: self._connection.request("GET", path))
        if verdict is Verdict.TAKEN:
            return response.data
        try:
            detail = str(response.json()["detail"])
        except (ValueError, LookupError, TypeError):
            detail = answer_of(response)
        raise refusal(shorten(detail))

    def _path(self, path: BridgePath) -> str:
        return path(self._inputs.namespace, self._inputs.name)

    def _put(
        self, path: BridgePath, content: bytes, media_type: str, more: Mapping[str, str] = NO_HEADERS
    ) -> BaseHTTPResponse:
        return self._connection.put(self._path(path), content, media_type, more)

    def _send_report(self, progress: Progress) -> None:
        content = progress.model_dump_json(by_alias=True, exclude_none=True).encode()
        # Progress is a courtesy: the run goes on without it.
        with contextlib.suppress(HTTPError, OSError):
            self._connection.request(
                "PUT",
                self._path(progress_path),
                content,
                {"Content-Type": "application/json"},
                Timeout(REPORT_TIMEOUT_SECONDS),
            )
