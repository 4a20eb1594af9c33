"""A simulation with a limit of time, in a process that is watched and killed, as in a runner's pod.

The solver cannot be interrupted, so that a limit within one process would come after the end of a solve, if
that ever ends. The process that watches has to fork, which one with threads must not: so it is a new one.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from batterysim.failure import ExitCode
from batterysim.spec.documents.python_contents import set_apart
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import Progress

MODULE = "batterysim_runner.pod.local"

# Threads of a library would keep the new process from forking.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYBAMM_DISABLE_TELEMETRY": "true"}


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
        content = Path(directory, "result.parquet")
        failure = _run(json.dumps(request), content, report)
        if failure is not None:
            from batterysim_runner.errors import EndedRunError  # noqa: PLC0415 - few wait for the runner

            raise EndedRunError(**failure, content=content.read_bytes() if content.exists() else None)
        return content.read_bytes()


def _run(request: str, content: Path, report: Callable[[Progress], None]) -> dict[str, Any] | None:
    """Run the process that watches. Return why there is no result, or None."""
    command = (sys.executable, "-m", MODULE, str(content))
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
