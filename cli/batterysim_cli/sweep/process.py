"""The process that solves a sweep: small, of one thread, so that it may fork its children."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from batterysim.sweep.spec import BatterySweepSpec

MODULE = "batterysim_runner.sweep"
PLATFORM = "linux"

Tell = Callable[[Mapping[str, Any]], None]
"""Gets the tally: points, done, failed, reasons, examples and best."""


class SweepError(Exception):
    """There is no table. The message is for a person and says what to do."""


class Solved(NamedTuple):
    """The outcome of a sweep.

    parquet: its table, with a row for each point that has ended.
    has_too_many_failures: whether more points have failed than are accepted; then others may not have ended.
    was_interrupted: whether somebody has stopped it.
    """

    parquet: bytes
    tally: Mapping[str, Any]
    has_too_many_failures: bool
    was_interrupted: bool


def solve(
    spec: BatterySweepSpec, workers: int, tell: Tell = lambda _: None, output: Path | None = None
) -> Solved:
    """Solve a sweep. An interrupt ends it, and leaves the points that have ended.

    workers: how many points at a time.
    output: a path to which `.parquet`, `.parts` and `.series` are added. The first is the table. An
        unfinished sweep leaves parts of it in the second, and goes on behind those that it finds; results
        that are kept whole are in the third. None: it begins at its beginning, and leaves nothing.

    Raises:
        SweepError: it cannot be run here.
        OSError: a file cannot be written.
    """
    if sys.platform != PLATFORM:
        raise SweepError("sweeps need Linux, where processes can be forked: use a container or a cluster")
    parts = None if output is None else output.with_name(f"{output.name}.parts")
    if parts is not None and parts.exists() and not (parts / "sweep.json").exists():
        raise SweepError(f"{parts} is no directory of a sweep, and is in the way of one: move it")
    from batterysim_runner.sweep.environment import ENVIRONMENT  # noqa: PLC0415 - the runner may be absent

    with tempfile.TemporaryDirectory(prefix="sweep-") as directory:
        request, where = Path(directory, "request.json"), output or Path(directory, "sweep")
        table, *others = (where.with_name(f"{where.name}.{name}") for name in ("parquet", "parts", "series"))
        given = {"spec": spec.to_json_dict(), "workers": workers}
        given |= zip(("parts", "series"), map(str, others), strict=True)
        request.write_text(json.dumps(given), encoding="utf-8")
        with subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", MODULE, str(request), str(table)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | ENVIRONMENT,
            start_new_session=True,  # an interrupt of the terminal reaches it once, from here
        ) as process:
            story = _follow(process, tell)
        if story.failure is not None:
            raise _error_of(story.failure)
        if story.end is None:
            raise SweepError(f"the process that solves ended with {process.returncode} and left no table")
        return Solved(table.read_bytes(), story.tally, story.end["tooManyFailures"], story.was_interrupted)


def too_many_failures(spec: BatterySweepSpec) -> str:
    """Return in words that more points have failed than are accepted."""
    return f"more than spec.run.maxFailedPoints = {spec.run.max_failed_points} points have failed"


class _Story(NamedTuple):
    """What the process has told."""

    tally: Mapping[str, Any]
    was_interrupted: bool
    end: Mapping[str, Any] | None = None
    failure: Mapping[str, Any] | None = None


def _error_of(failure: Mapping[str, Any]) -> Exception:
    """Return what the process has told as an error of this one."""
    if failure.get("file") is None:
        return SweepError(failure["message"])
    return OSError(None, failure["message"], failure["file"])


def _follow(process: "subprocess.Popen[str]", tell: Tell) -> _Story:
    """Return what it has told until its end. An interrupt goes to it, so that it ends earlier."""
    tally: Mapping[str, Any] = {}
    was_interrupted = False
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    while True:
        try:
            line = process.stdout.readline()
            if not line:
                return _Story(tally, was_interrupted)
            news = json.loads(line)
            if "tally" not in news:
                return _Story(tally, was_interrupted, **news)
            tally = news["tally"]
            tell(tally)
        except KeyboardInterrupt:
            was_interrupted = True
            process.send_signal(signal.SIGINT)
