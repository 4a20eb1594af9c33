"""A simulation on this machine: a child solves it, as in a pod, and this process watches and kills it.

    python -m batterysim_runner.pod.local RESULT

Standard input has the simulation: name, spec, the contents that it refers to, and the state that it goes on
from, as JSON. RESULT is the file to write. On standard output come progress and failure, as lines of JSON.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from batterysim.spec.documents.contents import ContentReference
from batterysim.spec.documents.python_contents import SetApart
from batterysim_runner.child.process import Limits, start
from batterysim_runner.child.watcher import Watcher
from batterysim_runner.pod.simulation import Assignment, solve_simulation

MEMORY_SHARE = 0.9
"""Of the memory that is available at the start: a run that needs more ends, not the machine's other work."""

Tell = Callable[[Mapping[str, Any]], None]


class _NoCheckpoints:
    """Keeps nothing: a run that is killed here is begun again."""

    def load_checkpoint(self) -> bytes | None:
        """Return that there is none."""
        return None

    def save_checkpoint(self, content: bytes, cycle: int) -> None:
        """Do nothing."""

    def discard_checkpoint(self) -> None:
        """Do nothing."""


def _main(result: Path, request: Mapping[str, Any], tell: Tell) -> None:
    """Watch a child that solves, tell its progress and its failure, and write its result."""
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
        result.write_bytes(end.content)
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
