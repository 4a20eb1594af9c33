"""How the bridge's API does with 10,000 simulations: pages of a list, watchers, a long result, memory.

    python -m bench.api

Runs the bridge as a program next to an API server in memory, so that the figures are the
bridge's own. Table on the screen, figures in out/bench_api.json; exits with 1 when a limit is exceeded.
"""

import asyncio
import json
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import yaml
from devtools.fake_api_server import FakeApiServer
from devtools.samples import NAMESPACE, name_of, simulation, store_long_result
from rich.console import Console
from rich.table import Table

from batterysim import names

OBJECTS = 10_000
PAGES = 50
WATCHERS = 500
CHANGES = 20
POINTS = 100_000
OUT = Path("out")
# The bridge's image has neither; where they are installed, Arrow loads them and memory grows by 45 MB.
AS_IN_THE_IMAGE = """
import runpy, sys
sys.modules["numpy"] = sys.modules["pandas"] = None
runpy.run_module("batterysim_bridge", run_name="__main__")
"""
AUTHORIZED = {"Authorization": "Bearer bench"}


class Measurement(NamedTuple):
    """One figure, and the most that it may be."""

    what: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def is_within(self) -> bool:
        """Whether the limit is kept."""
        return self.limit is None or self.value <= self.limit


class BridgeProcess:
    """The bridge's process, and HTTP to it."""

    def __init__(self, url: str, pid: int, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session
        self._status = Path(f"/proc/{pid}/status")

    async def get(self, path: str) -> bytes:
        """Return an answer's content."""
        async with self.session.get(self.url + path) as answer:
            answer.raise_for_status()
            return await answer.read()

    def memory_megabytes(self, field: str = "VmRSS") -> float:
        """Return the process's memory; VmHWM is the most that it ever was."""
        lines = dict(line.split(":", 1) for line in self._status.read_text().splitlines())
        return int(lines[field].split()[0]) / 1000


def main() -> int:
    """Run the benchmark and return the exit code."""
    measurements = asyncio.run(measure())
    table = Table(title=f"The bridge's API with {OBJECTS} simulations")
    for heading in ("", "measured", "limit"):
        table.add_column(heading, justify="left" if not heading else "right")
    for item in measurements:
        limit = "" if item.limit is None else f"{item.limit:g} {item.unit}"
        style = None if item.is_within else "red"
        table.add_row(item.what, f"{item.value:.4g} {item.unit}", limit, style=style)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    OUT.mkdir(exist_ok=True)
    record = [item._asdict() for item in measurements]
    (OUT / "bench_api.json").write_text(json.dumps(record, indent=2), encoding="utf-8")
    return 0 if all(item.is_within for item in measurements) else 1


async def measure() -> list[Measurement]:
    """Start everything, and measure one thing after the other."""
    api = FakeApiServer()
    for number in range(OBJECTS):
        await api.put(simulation(number))
    with tempfile.TemporaryDirectory() as directory:
        store_dir = Path(directory) / "store"
        store_long_result(store_dir, POINTS)
        async with api.serve() as api_url, running_bridge(Path(directory), api_url, store_dir) as bridge:
            return [
                *await filling(bridge),
                *await listing(bridge),
                *await changing(bridge, api),
                *await reading(bridge),
                *await watching(bridge, api),
            ]


async def filling(bridge: BridgeProcess) -> list[Measurement]:
    """Wait until all simulations are in memory."""
    began = time.perf_counter()
    while True:
        try:
            await bridge.get("/readyz")
            break
        except aiohttp.ClientError:
            await asyncio.sleep(0.05)
    return [
        Measurement("from start to ready", time.perf_counter() - began, "s"),
        Measurement("memory when ready", bridge.memory_megabytes(), "MB", 200),
    ]


async def listing(bridge: BridgeProcess) -> list[Measurement]:
    """Read pages, with and without a filter."""
    found = []
    for what, query in (
        ("a page of 100", "limit=100"),
        ("a page of 500", "limit=500"),
        ("a page of 100, filtered", "limit=100&label=campaign in (c1,c2)&phase=Succeeded&q=run"),
    ):
        path = f"{names.SIMULATIONS_PATH}?namespace={NAMESPACE}&{query}"
        times = []
        for _ in range(PAGES):
            began = time.perf_counter()
            page = json.loads(await bridge.get(path))
            times.append((time.perf_counter() - began) * 1000)
        if not page["items"]:
            raise SystemExit(f"{path} has no simulations: {page}")
        found.append(Measurement(f"{what}, median", statistics.median(times), "ms", 200))
        slow = statistics.quantiles(times, n=20)[-1]
        found.append(Measurement(f"{what}, 95 of 100 within", slow, "ms", 200))
    return [*found, Measurement("memory after the pages", bridge.memory_megabytes(), "MB", 200)]


async def changing(bridge: BridgeProcess, api: FakeApiServer) -> list[Measurement]:
    """Change every object twice."""
    began = time.perf_counter()
    for _ in range(2):
        for number in range(OBJECTS):
            await api.put(simulation(number))
    while (await version_of(bridge)) < api.version:  # noqa: ASYNC110 - it is in another process
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - began
    return [
        Measurement("changes taken over", 2 * OBJECTS / seconds, "1/s"),
        Measurement("memory after the changes", bridge.memory_megabytes(), "MB", 200),
    ]


async def version_of(bridge: BridgeProcess) -> int:
    """Return the version up to which the bridge knows."""
    return int(json.loads(await bridge.get(f"{names.SIMULATIONS_PATH}?limit=1"))["resourceVersion"])


async def watching(bridge: BridgeProcess, api: FakeApiServer) -> list[Measurement]:
    """Let many watch at once, and change some objects."""
    since = await version_of(bridge)
    path = f"{names.SIMULATIONS_PATH}/events?namespace={NAMESPACE}&since={since}"
    connected = asyncio.Semaphore(0)
    watchers = [asyncio.create_task(watch(bridge, path, connected)) for _ in range(WATCHERS)]
    for _ in watchers:
        await connected.acquire()
    began = time.perf_counter()
    for number in range(CHANGES):
        await api.put(simulation(number))
    times = [at - began for at in await asyncio.gather(*watchers)]
    return [
        Measurement(f"until each of {WATCHERS} watchers had {CHANGES} changes", max(times), "s", 10),
        Measurement("watches on the API server", api.watches, "", 1),
        Measurement("memory with the watchers", bridge.memory_megabytes(), "MB", 250),
    ]


async def watch(bridge: BridgeProcess, path: str, connected: asyncio.Semaphore) -> float:
    """Return the moment at which all changes have been seen."""
    async with bridge.session.get(bridge.url + path) as answer:
        answer.raise_for_status()
        connected.release()
        seen = 0
        async for line in answer.content:
            seen += line.startswith(b"id: ")
            if seen == CHANGES:
                return time.perf_counter()
    raise ConnectionError(f"the stream ended after {seen} changes")


async def reading(bridge: BridgeProcess) -> list[Measurement]:
    """Read the long result in each format."""
    path = names.result_path(NAMESPACE, name_of(0))
    found = []
    for query in ("format=json", "format=json&orient=records", "format=csv", "format=arrow&points=2000"):
        began = time.perf_counter()
        size = len(await bridge.get(f"{path}?{query}"))
        what = f"{POINTS} points, {query}: {size / 1e6:.1f} MB"
        found.append(Measurement(what, time.perf_counter() - began, "s"))
    return [*found, Measurement("most memory until then", bridge.memory_megabytes("VmHWM"), "MB", 200)]


@asynccontextmanager
async def running_bridge(directory: Path, api_url: str, store_dir: Path) -> AsyncIterator[BridgeProcess]:
    """Run `python -m batterysim_bridge` against an API server."""
    kubeconfig = directory / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(kubeconfig_for(api_url)), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "KUBECONFIG": str(kubeconfig),
        "BATTERYSIM_RESULT_STORE": json.dumps({"directory": str(store_dir)}),
        "BATTERYSIM_BRIDGE_URL": f"http://127.0.0.1:{port}",
        "BATTERYSIM_LISTEN_PORT": str(port),
        "BATTERYSIM_LOG_LEVEL": "ERROR",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", AS_IN_THE_IMAGE, env=environment)
    try:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, headers=AUTHORIZED) as session:
            yield BridgeProcess(f"http://127.0.0.1:{port}", process.pid, session)
    finally:
        process.terminate()
        await process.wait()


def kubeconfig_for(api_url: str) -> dict[str, Any]:
    """Return a kubeconfig for an API server without TLS."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "bench",
        "clusters": [{"name": "bench", "cluster": {"server": api_url}}],
        "users": [{"name": "bench", "user": {"token": "bridge"}}],
        "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}],
    }


if __name__ == "__main__":
    sys.exit(main())
