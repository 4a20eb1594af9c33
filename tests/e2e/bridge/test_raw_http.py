"""What no HTTP library would send: the bridge says no, or nothing, and goes on serving everyone else."""

import asyncio
from collections.abc import Iterator

import pytest
from devtools.kube import SYSTEM_NAMESPACE, Kube
from devtools.node_port import NodePort, bridge_at_node_port

from tests.e2e.job_manager.simulations import delete_all, names_of_all

ANSWER_SECONDS = 10
# The bridge waits 30 s for a body that has stopped.
STALL_SECONDS = 40
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def bridge(kube: Kube) -> Iterator[NodePort]:
    delete_all(kube)
    restarts = restarts_of_bridge(kube)
    with bridge_at_node_port(kube) as node_port:
        yield node_port
    assert restarts_of_bridge(kube) == restarts
    assert names_of_all(kube) == set()


@pytest.fixture(scope="module")
def job_manager(kube: Kube, bridge: NodePort) -> Iterator[NodePort]:
    """Return the port of the paths that ask for no token."""
    with bridge_at_node_port(kube, "job-manager") as node_port:
        yield node_port


def restarts_of_bridge(kube: Kube) -> dict[str, int]:
    """Return how often each of the bridge's containers has been started again."""
    selector = "app.kubernetes.io/name=batterysim,app.kubernetes.io/component=bridge"
    pods = kube.core.list_namespaced_pod(SYSTEM_NAMESPACE, label_selector=selector).items
    return {pod.metadata.name: pod.status.container_statuses[0].restart_count for pod in pods}


async def exchange(bridge: NodePort, request: bytes, seconds: float = ANSWER_SECONDS) -> bytes:
    """Send bytes and return what comes back until the bridge closes the connection."""
    reader, writer = await asyncio.open_connection(*bridge)
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(seconds):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def is_ready(bridge: NodePort) -> bool:
    answer = await exchange(bridge, b"GET /readyz HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")
    return answer.startswith(b"HTTP/1.1 200 ")


def request(head: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"{head} HTTP/1.1", "Host: b", "Connection: close", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS client
        b"\x00" * 1000 + b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: b\r\nNo colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: b\r\nX: " + b"x" * MEGABYTE + b"\r\n\r\n",
        request("POST /cell/simulate", b"{}", "Content-Length: -2"),
        request("POST /cell/simulate", b"{}", "Content-Length: 2", "Content-Length: 3"),
        request("POST /cell/simulate", b"{}", "Content-Length: two"),
        request("POST /cell/simulate", b"0\r\n\r\n", "Content-Length: 5", "Transfer-Encoding: chunked"),
        request("POST /cell/simulate", b"zz\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
        request("POST /v1/validate", b"0\r\nx: y\r\n\r\n", "Transfer-Encoding: chunked"),
        request("POST /v1/validate", b"0\r\nx: " + b"y" * MEGABYTE, "Transfer-Encoding: chunked"),
        request("POST /v1/validate", b"1;" + b"x" * MEGABYTE, "Transfer-Encoding: chunked"),
        request("POST /v1/validate", b"0" * MEGABYTE, "Transfer-Encoding: chunked"),
        b"GET /v1/simulations HTTP/1.1\r\nHost: b\r\n\r\n" * 5000,
        request("GET /../../etc/passwd"),
        request("GET //etc/passwd"),
        request("GET /v1/simulations/default/../../../etc/passwd"),
        request("GET /v1/simulations/default/..%00"),
        request("GET http://elsewhere/v1/simulations"),
    ],
    ids=lambda sent: sent[:60].decode("latin-1").encode("unicode_escape").decode(),
)
async def test_what_is_malformed_is_refused(bridge: NodePort, job_manager: NodePort, sent: bytes) -> None:
    answer = await exchange(job_manager if b"/cell/simulate" in sent else bridge, sent)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:200]
    assert b"root:" not in answer
    assert await is_ready(bridge)


async def test_who_goes_away_in_the_middle_of_a_body_leaves_nothing(
    bridge: NodePort, job_manager: NodePort
) -> None:
    for port, path in ((job_manager, "/cell/simulate"), (bridge, "/v1/simulations")):
        _, writer = await asyncio.open_connection(*port)
        writer.write(request(f"POST {path}", b'{"time": 1.0', "Content-Length: 20"))
        await writer.drain()
        writer.transport.abort()

    assert await is_ready(bridge)


async def test_a_body_that_stops_is_given_up_and_others_are_served_meanwhile(
    bridge: NodePort, job_manager: NodePort
) -> None:
    stalled = asyncio.create_task(
        exchange(
            job_manager, request("POST /cell/simulate", b'{"time": 1.0', "Content-Length: 20"), STALL_SECONDS
        )
    )

    assert await is_ready(bridge)
    answer = await stalled

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer


@pytest.mark.parametrize("length", ["Content-Length: 52428800", "Transfer-Encoding: chunked"])
async def test_a_huge_body_of_a_client_that_sends_all_before_it_reads_is_answered(
    job_manager: NodePort, length: str
) -> None:
    """A Job Manager that is not answered would send it again for ever."""
    reader, writer = await asyncio.open_connection(*job_manager)
    writer.write(request("POST /cell/simulate", b"", length))
    part = b" " * MEGABYTE
    chunk = part if "Length" in length else b"100000\r\n" + part + b"\r\n"
    for _ in range(50):
        writer.write(chunk)
        await writer.drain()
    if "chunked" in length:
        writer.write(b"0\r\n\r\n")
    async with asyncio.timeout(ANSWER_SECONDS):
        answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'{"jobStarted":false,"simulationType":"cell","simulationResults":null}')
