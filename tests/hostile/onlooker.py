"""What somebody else notices of an attack, measured by a process that does nothing else.

A thread among those of an attack would measure how long it waits for the interpreter's lock. A process still
waits for a processor, so it measures that, too: how late its own pauses end.

`python -m tests.hostile.onlooker URL PATH TOKEN` asks until its standard input ends, and prints Seen as JSON.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import aiohttp

HEALTH_PAUSE_SECONDS = 0.2
ASK_PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 10.0


@dataclass
class Seen:
    """Times in seconds. failures: answers other than 200, and none at all."""

    health: list[float] = field(default_factory=list)
    """Of /healthz, each by a connection of its own, as the kubelet asks."""
    answers: list[float] = field(default_factory=list)
    """Of an ordinary request of a user."""
    late: list[float] = field(default_factory=list)
    """By which a pause of the onlooker's ended after its time: the machine's share of each of the others."""
    failures: list[str] = field(default_factory=list)
    stolen: float = 0.0
    """Of the processors' time, the part that the host of this machine took."""
    busy: float = 0.0
    """Of the processors' time, the part that anything ran in."""


class Onlooker:
    """Two loops that ask, and count."""

    def __init__(self, url: str, path: str, token: str) -> None:
        self._url, self._path, self._headers = url, path, {"Authorization": f"Bearer {token}"}
        self.seen = Seen()

    async def look(self) -> None:
        """Ask until cancelled."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            group.create_task(self._ask_for_health())
            group.create_task(self._ask_as_a_user(session))

    async def _ask_for_health(self) -> None:
        while True:
            async with aiohttp.ClientSession() as session:
                self.seen.health.append(await self._time(session, "/healthz"))
            await self._pause(HEALTH_PAUSE_SECONDS)

    async def _ask_as_a_user(self, session: aiohttp.ClientSession) -> None:
        while True:
            self.seen.answers.append(await self._time(session, self._path))
            await self._pause(ASK_PAUSE_SECONDS)

    async def _time(self, session: aiohttp.ClientSession, path: str) -> float:
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                async with session.get(self._url + path, headers=self._headers) as answer:
                    await answer.read()
                    if answer.status != 200:
                        self.seen.failures.append(f"{path}: {answer.status}")
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            self.seen.failures.append(f"{path}: {error!r}")
        return time.monotonic() - began

    async def _pause(self, seconds: float) -> None:
        began = time.monotonic()
        await asyncio.sleep(seconds)
        self.seen.late.append(time.monotonic() - began - seconds)


@contextmanager
def looking_on(url: str, path: str, token: str) -> Iterator[Seen]:
    """Look on during a block; what was seen is there after it."""
    seen = Seen()
    command = (sys.executable, "-m", "tests.hostile.onlooker", url, path, token)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield seen
        finally:
            output, _ = process.communicate()
            seen.__dict__.update(json.loads(output))


def _processor_seconds() -> tuple[float, float, float]:
    """Return stolen, idle and all time of the processors."""
    times = [float(value) for value in Path("/proc/stat").read_text(encoding="ascii").split()[1:9]]
    return times[7], times[3] + times[4], sum(times)


async def _main(url: str, path: str, token: str) -> Seen:
    onlooker = Onlooker(url, path, token)
    stolen, idle, whole = _processor_seconds()
    looks = asyncio.create_task(onlooker.look())
    await asyncio.to_thread(sys.stdin.read)
    looks.cancel()
    await asyncio.gather(looks, return_exceptions=True)
    stolen_after, idle_after, whole_after = _processor_seconds()
    onlooker.seen.stolen = (stolen_after - stolen) / (whole_after - whole)
    onlooker.seen.busy = 1 - (idle_after - idle) / (whole_after - whole)
    return onlooker.seen


if __name__ == "__main__":
    # Before the attack, which may have all processors otherwise; not everybody may do this.
    with suppress(PermissionError):
        os.nice(-10)
    print(json.dumps(asdict(asyncio.run(_main(*sys.argv[1:])))))
