"""A long result is sent as fast as it is read, which may take a minute, and takes no memory meanwhile."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
import requests
from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest
from devtools.node_port import NodePort, bridge_at_node_port

from batterysim.names import result_path

POINTS = 100_000
READERS = 3
READING_SECONDS = 60
BLOCK_BYTES = 64 * 1024
MOST_MEMORY_MEGABYTES = 200


@pytest.fixture
def bridge(kube: Kube) -> Iterator[NodePort]:
    """A new process, whose memory no other test has used."""
    rollout = ("kubectl", "-n", SYSTEM_NAMESPACE, "rollout")
    for command in ("restart", "status"):
        subprocess.run([*rollout, command, "deployment/batterysim-bridge"], check=True, capture_output=True)
    with bridge_at_node_port(kube) as node_port:
        yield node_port


@pytest.fixture
def path(kube: Kube, simulation: Callable[..., Manifest]) -> str:
    """Return where there is a result of so many points as JSON."""
    manifest = simulation(output={"points": POINTS}, protocol__constantCurrent__currentAmperes=2.5)
    name = manifest["metadata"]["name"]
    kube.create(manifest)
    assert kube.wait_for_end(name)[name]["status"]["results"]["rows"] == POINTS
    return f"{result_path(kube.namespace, name)}?format=json"


async def test_a_minute_of_json_is_whole_and_takes_no_memory(kube: Kube, bridge: NodePort, path: str) -> None:
    authorization = f"Bearer {kube.reader_token()}"
    whole = await asyncio.to_thread(
        requests.get, bridge.url + path, headers={"Authorization": authorization}, timeout=60
    )
    assert [len(column["values"]) for column in whole.json()["columns"]] == [POINTS] * 8

    began = time.monotonic()
    contents = await asyncio.gather(
        *(read_slowly(bridge, path, authorization, len(whole.content)) for _ in range(READERS))
    )

    assert time.monotonic() - began >= READING_SECONDS
    assert all(content == whole.content for content in contents)
    assert most_memory_megabytes() < MOST_MEMORY_MEGABYTES


async def read_slowly(bridge: NodePort, path: str, authorization: str, size_bytes: int) -> bytes:
    """Return an answer of this size, which is read evenly over a minute."""
    content = bytearray()
    async with (
        # What is not read yet is to wait in the bridge, not on the way.
        httpx.AsyncHTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, BLOCK_BYTES)]) as slow,
        httpx.AsyncClient(transport=slow) as http,
        http.stream("GET", bridge.url + path, headers={"Authorization": authorization}) as answer,
    ):
        async for block in answer.aiter_raw():
            content += block
            await asyncio.sleep(READING_SECONDS * len(block) / size_bytes)
    return bytes(content)


def most_memory_megabytes() -> float:
    """Return the most that the bridge's process has ever had in memory, its program's pages included."""
    command = ["kubectl", "-n", SYSTEM_NAMESPACE, "exec", "deploy/batterysim-bridge", "--"]
    status = subprocess.run([*command, "cat", "/proc/1/status"], check=True, capture_output=True, text=True)
    fields = dict(line.split(":", 1) for line in status.stdout.splitlines())
    return int(fields["VmHWM"].split()[0]) / 1000
