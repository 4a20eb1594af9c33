"""A simulation with a limit of time, in a process that is watched and killed, as in a runner's pod.

The solver cannot be interrupted, so that a limit within one process would come after the end of a solve, if
that ever ends. The process that watches has to fork, which one with threads must not: so it is a new one.

    python -m batterysim_cli.local.limited DIRECTORY   # its standard input has the simulation
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from batterysim.failure import ExitCode
from batterysim.spec.documents.contents import ContentReference
from batterysim.spec.documents.python_contents import SetApart, set_apart
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import Progress

CONTENT_FILE = "result.parquet"
MEMORY_SHARE = 0.9
"""Of the memory that is available at the start: a run that needs more ends, not the machine's other work."""

# Threads of a library would keep the new process from forking.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYBAMM_DISABLE_TELEMETRY": "true"}

Tell = Callable[[Mapping[str, Any]], None]


def can_be_limited(spec: BatterySimulationSpec) -> bool:
    """Tell whether a spec has a limit, and this system what it takes to keep it."""
    return spec.solver.wall_clock_limit_seconds is not None and sys.platform == "linux"


def solve_limited(
    name: str,
    spec: BatterySimulationSpec,
    report: Callable[[Progress], None],
    state: bytes | None = None,
) -> bytes:
    """Solve a spec in a process of its own, and return the result file.

    state: of the earlier run that the spec goes on from, if it does.

    Raises:
        RunError: there is none; the message says why, and its content is what was solved before.
    """
    apart = set_apart(spec.physics())
    request = {
        "name": name,
        "spec": apart.spec,
        "configMap": apart.name,
        "contents": apart.contents,
        "state": None if state is None else state.decode(),
    }
    with tempfile.TemporaryDirectory() as directory:
        failure = _run(json.dumps(request), directory, report)
        if failure is not None:
            from batterysim_runner.errors import EndedRunError  # noqa: PLC0415 - few wait for the runner

            content = Path(directory, CONTENT_FILE)
            raise EndedRunError(**failure, content=content.read_bytes() if content.exists() else None)
        return Path(directory, CONTENT_FILE).read_bytes()


def _run(request: str, directory: str, report: Callable[[Progress], None]) -> dict[str, Any] | None:
    """Run the process that watches. Return why there is no result, or None."""
    command = (sys.executable, "-m", __name__, directory)
    environment = {**os.environ, **ENVIRONMENT}
    failure: dict[str, Any] | None = {
        "message": "the process that watches the solver has died: try again",
        "reason": "RunnerCrashed",
        "exit_code": ExitCode.CRASHED,
    }
    with subprocess.Popen(  # noqa: S603 - Python itself, with a module of ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - pipes
        try:
            process.stdin.write(request)
            process.stdin.close()
            for line in process.stdout:
                message = json.loads(line)
                if "progress" in message:
                    report(Progress.model_validate(message["progress"]))
                if "failure" in message:
                    failure = message["failure"]
        except BaseException:
            process.kill()
            raise
    return failure


class _NoCheckpoints:
    """Keeps nothing: a run that is killed here is begun again."""

    def load_checkpoint(self) -> bytes | None:
        """Return that there is none."""
        return None

    def save_checkpoint(self, content: bytes, cycle: int) -> None:
        """Do nothing."""

    def discard_checkpoint(self) -> None:
        """Do nothing."""


def _main(directory: Path, request: Mapping[str, Any], tell: Tell) -> None:
    """Watch a child that solves, tell its progress and its failure, and write its result."""
    from batterysim_runner.child.process import Limits, start  # noqa: PLC0415 - needs Linux
    from batterysim_runner.child.watcher import Watcher  # noqa: PLC0415
    from batterysim_runner.pod.simulation import Assignment, solve_simulation  # noqa: PLC0415

    apart = SetApart(request["spec"], request["configMap"], request["contents"])
    assignment = Assignment(
        namespace="local",
        name=request["name"],
        image="local",
        pod_name="local",
        started_time=datetime.now(UTC),
        read_spec=lambda: json.dumps(apart.spec),
        read_reference=partial(_read, apart),
        open_checkpoints=_NoCheckpoints,
        read_initial_state=(request["state"] or "").encode,
    )
    memory_bytes = _memory_bytes()
    child = start(partial(solve_simulation, assignment), Limits(memory_bytes=memory_bytes))
    end = Watcher(child, time.monotonic, tell, memory_bytes).watch()
    if end.content is not None:
        (directory / CONTENT_FILE).write_bytes(end.content)
    failure = None
    if end.failure is not None:
        words = end.failure
        failure = {"message": words.message, "reason": words.reason, "exit_code": words.exit_code}
    tell({"failure": failure})


def _read(apart: SetApart, reference: ContentReference) -> str:
    return apart.read(reference)


def _memory_bytes() -> int:
    """Return what a run may have in memory."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    available = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    return int(MEMORY_SHARE * (available << 10))


def _tell(stream: TextIO, message: Mapping[str, Any]) -> None:
    if message.keys() & {"progress", "failure"}:
        print(json.dumps(message), file=stream, flush=True)


if __name__ == "__main__":
    # The log of a run is a pod's; here it would be among the messages.
    messages = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    _main(Path(sys.argv[1]), json.load(sys.stdin), partial(_tell, messages))
