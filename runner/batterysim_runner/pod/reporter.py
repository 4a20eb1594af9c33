"""Progress goes out in the background, the newest only, and not too often."""

from collections.abc import Callable
from threading import Event, Thread

from batterysim.status import Progress

# Each report is a change of the object that everybody who watches is told of.
REPORT_PAUSE_SECONDS = 1
FINISH_TIMEOUT_SECONDS = 5


class Reporter:
    """Hands reports to `send`, which may take its time, in a thread of its own."""

    def __init__(self, send: Callable[[Progress], None]) -> None:
        self._send = send
        self._latest: Progress | None = None
        self._news = Event()
        self._ended = Event()
        self._thread: Thread | None = None

    def report(self, progress: Progress) -> None:
        """Send this, unless something newer comes first."""
        if self._thread is None:
            self._thread = Thread(target=self._run, daemon=True, name="progress")
            self._thread.start()
        self._latest = progress
        self._news.set()

    def finish(self, progress: Progress) -> None:
        """Send this at once as the last report, and wait a little until it is out."""
        self.report(progress)
        self._ended.set()
        if self._thread is not None:
            self._thread.join(FINISH_TIMEOUT_SECONDS)

    def _run(self) -> None:
        while self._news.is_set() or not self._ended.is_set():
            self._news.wait()
            self._news.clear()
            if self._latest is not None:
                self._send(self._latest)
            self._ended.wait(REPORT_PAUSE_SECONDS)
