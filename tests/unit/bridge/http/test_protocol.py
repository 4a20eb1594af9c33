"""Requests as bytes on a connection, to a real server on this machine."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from batterysim_bridge.http import protocol as http_protocol
from batterysim_bridge.http.protocol import HttpProtocol

GET = b"GET / HTTP/1.1\r\nHost: b\r\n"
Address = tuple[str, int]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the number of bytes in the body, and close the connection unless the path is /stay.

    Under /early the answer does not wait for the body, as where a token is missing; under /late it is late.
    """
    if scope["path"] == "/early":
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    if scope["path"] == "/large":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(1000):
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
    if scope["path"] == "/late":
        await asyncio.sleep(0.05)
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        more = message["more_body"]
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    if scope["path"] != "/stay":
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def address() -> AsyncIterator[Address]:
    config = uvicorn.Config(app, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: HttpProtocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with server:
        yield server.sockets[0].getsockname()
        for connection in [*state.connections]:
            connection.transport.abort()
        await asyncio.sleep(0)


async def exchange(address: Address, *parts: bytes) -> tuple[int, bytes]:
    """Send bytes; return the answer's status and content."""
    reader, writer = await asyncio.open_connection(*address)
    for part in parts:
        writer.write(part)
        await writer.drain()
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


async def test_a_request_is_answered(address: Address) -> None:
    large = b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 200000\r\n\r\n"

    assert await exchange(address, GET + b"\r\n") == (200, b"0")
    assert await exchange(address, large, b"x" * 100_000, b"x" * 100_000) == (200, b"200000")


async def test_what_is_not_http_is_a_problem_document(address: Address) -> None:
    status, body = await exchange(address, b"\x16\x03\x01\x02\x00")

    assert (status, json.loads(body)["type"]) == (400, "urn:batterysim:problem:bad-request")


@pytest.mark.parametrize(
    "part", [b"X: " + b"x" * 1000, b"X: y\r\n" * 200], ids=["one long header", "many headers"]
)
async def test_a_head_without_end_is_refused(address: Address, part: bytes) -> None:
    status, body = await exchange(address, GET, *[part] * 100)

    assert (status, json.loads(body)["type"]) == (431, "urn:batterysim:problem:head-too-large")


@pytest.mark.parametrize("sent", [b"", GET], ids=["nothing", "half a head"])
async def test_a_head_that_does_not_come_is_not_waited_for(
    address: Address, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.05)

    status, body = await exchange(address, sent)

    assert (status, json.loads(body)["type"]) == (408, "urn:batterysim:problem:head-stalled")


async def test_each_request_of_a_connection_may_have_a_long_head(address: Address) -> None:
    """Not so long together."""
    long = b"X: " + b"x" * 40_000 + b"\r\n\r\n"
    reader, writer = await asyncio.open_connection(*address)
    for _ in range(3):
        writer.write(b"GET /stay HTTP/1.1\r\nHost: b\r\n" + long)
        assert b" 200 " in await reader.readline()
        assert (await reader.readuntil(b"\r\n\r\n0"))[-1:] == b"0"
    writer.close()


async def closes_within(address: Address, seconds: float, *parts: bytes, then: bytes = b"") -> bytes:
    """Send bytes, read an answer's head, send more; return all that came until the connection closed."""
    reader, writer = await asyncio.open_connection(*address)
    for part in parts:
        writer.write(part)
    try:
        async with asyncio.timeout(seconds):
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(then)
            return head + await reader.read()
    finally:
        writer.transport.abort()


CHUNKED = b"POST /early HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_trailers_are_refused_and_not_kept(address: Address) -> None:
    """400 MB of them once went into memory within a second, over a connection without a token."""
    answer = await closes_within(address, 5, CHUNKED.replace(b"/early", b"/"), b"0\r\nx: y\r\nx: y\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "part",
    [b"0\r\nx: " + b"y" * 1_000_000, b"1;" + b"x" * 1_000_000, b"0" * 1_000_000],
    ids=["one endless trailer", "a chunk's extension", "a chunk's size"],
)
async def test_what_surrounds_a_body_does_not_grow_without_end(address: Address, part: bytes) -> None:
    answer = await closes_within(address, 5, CHUNKED.replace(b"/early", b"/"), part)

    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_a_body_of_many_small_chunks_is_fine(address: Address) -> None:
    status, body = await exchange(
        address, CHUNKED.replace(b"/early", b"/"), b"1\r\nx\r\n" * 50_000, b"0\r\n\r\n"
    )

    assert (status, body) == (200, b"50000")


async def test_of_one_connection_little_is_read_at_once(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody else waited while 40,000 chunks of one byte were taken apart."""
    sizes: list[int] = []
    data_received = HttpProtocol.data_received

    def take(protocol: HttpProtocol, data: bytes) -> None:
        sizes.append(len(data))
        data_received(protocol, data)

    monkeypatch.setattr(HttpProtocol, "data_received", take)

    await exchange(address, CHUNKED.replace(b"/early", b"/"), b"1\r\nx\r\n" * 50_000, b"0\r\n\r\n")

    assert sum(sizes) > 300_000
    assert max(sizes) <= http_protocol.READ_BYTES


async def test_small_chunks_after_an_early_answer_end_the_connection(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "LINGER_SECONDS", 0.05)
    counted = 0
    on_body = HttpProtocol.on_body

    def count(protocol: HttpProtocol, body: bytes) -> None:
        nonlocal counted
        counted += 1
        on_body(protocol, body)

    monkeypatch.setattr(HttpProtocol, "on_body", count)

    with contextlib.suppress(ConnectionResetError):
        await closes_within(address, 5, CHUNKED, then=b"1\r\nx\r\n" * 100_000)

    assert counted < 2 * http_protocol.READ_BYTES / 5


async def test_who_is_cut_off_is_not_back_at_once(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "LINGER_SECONDS", 0.3)
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"GET /stay HTTP/1.1\r\nHost: b\r\n\r\n" * 5000)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(), 0.1)
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
    writer.close()


async def test_trailers_after_an_early_answer_end_the_connection(address: Address) -> None:
    answer = await closes_within(address, 5, CHUNKED, then=b"0\r\n" + b"x: y\r\n" * 10)

    assert answer.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("then", [b"", b"x", b"x" * 50_000], ids=["nothing", "a byte", "half of it"])
async def test_a_request_that_goes_on_after_its_answer_is_not_waited_for(
    address: Address, monkeypatch: pytest.MonkeyPatch, then: bytes
) -> None:
    monkeypatch.setattr(http_protocol, "REST_SECONDS", 0.05)
    head = b"POST /early HTTP/1.1\r\nHost: b\r\nContent-Length: 100000\r\n\r\n"

    assert (await closes_within(address, 5, head, then=then)).startswith(b"HTTP/1.1 401 ")


async def test_of_a_request_that_was_answered_not_everything_is_read(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "MAX_REST_BYTES", 1000)
    head = b"POST /early HTTP/1.1\r\nHost: b\r\nContent-Length: 100000\r\n\r\n"

    await closes_within(address, 5, head, then=b"x" * 5000)


async def test_a_request_that_ends_after_its_answer_leaves_the_connection_open(address: Address) -> None:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"POST /early HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\n12")
    assert b" 401 " in await reader.readuntil(b"\r\n\r\n")
    writer.write(b"345GET /stay HTTP/1.1\r\nHost: b\r\n\r\n")

    async with asyncio.timeout(5):
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def test_an_answer_that_nobody_takes_is_not_held(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "TAKE_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection(*address, limit=1000)
    writer.write(b"GET /large HTTP/1.1\r\nHost: b\r\n\r\n")
    await asyncio.sleep(0.5)

    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            while await reader.read(1 << 20):
                pass
    writer.close()


@pytest.mark.parametrize("then", [b"", b"\r\n"], ids=["nothing", "an empty line"])
async def test_an_idle_connection_is_closed(address: Address, idle: None, then: bytes) -> None:
    answer = await closes_within(address, 5, b"GET /stay HTTP/1.1\r\nHost: b\r\n\r\n", then=then)

    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let connections be idle for a short time only."""
    made = HttpProtocol.connection_made

    def connection_made(self: HttpProtocol, transport: asyncio.Transport) -> None:
        self.timeout_keep_alive = 0.05  # type: ignore[assignment]
        made(self, transport)

    monkeypatch.setattr(HttpProtocol, "connection_made", connection_made)


async def test_requests_that_do_not_wait_for_their_answers_end_the_connection(
    address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    """A quarter of a megabyte of them once became 16 MB, on a single connection."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"GET /stay HTTP/1.1\r\nHost: b\r\n\r\n" * 5000)

    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            assert (await reader.read()).count(b" 200 ") <= 1
    writer.close()
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("rubbish", [b"\x00" * 100, b"x" * 200_000], ids=["no HTTP", "a head without end"])
async def test_rubbish_after_a_request_that_is_under_way_ends_the_connection(
    address: Address, caplog: pytest.LogCaptureFixture, rubbish: bytes
) -> None:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"GET /late HTTP/1.1\r\nHost: b\r\n\r\n" + rubbish)

    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
    await asyncio.sleep(0.1)
    writer.close()

    assert "Exception" not in caplog.text


async def test_a_few_requests_at_once_are_answered_in_turn(address: Address) -> None:
    one = b"GET /stay HTTP/1.1\r\nHost: b\r\n\r\n"

    reader, writer = await asyncio.open_connection(*address)
    writer.write(one * 10 + GET + b"\r\n")
    async with asyncio.timeout(5):
        assert (await reader.read()).count(b" 200 ") == 11
    writer.close()


async def test_whoever_has_most_connections_makes_room(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not whoever comes last: a probe of the kubelet's would then end the bridge."""
    monkeypatch.setattr(http_protocol, "MAX_CONNECTIONS", 5)
    greedy = [await asyncio.open_connection(*address) for _ in range(5)]
    modest = await asyncio.open_connection(*address, local_addr=("127.0.0.2", 0))

    modest[1].write(GET + b"\r\n")

    async with asyncio.timeout(5):
        assert b" 200 " in await modest[0].readline()
    closed = [reader for reader, _ in greedy if reader.at_eof()]
    assert len(closed) == 1
    for _, writer in [*greedy, modest]:
        writer.close()


async def test_a_connection_that_is_at_work_is_not_the_first_to_go(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "MAX_CONNECTIONS", 3)
    at_work = await asyncio.open_connection(*address)
    at_work[1].write(b"POST /stay HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\n1")
    await asyncio.sleep(0.05)
    others = [await asyncio.open_connection(*address) for _ in range(5)]
    await asyncio.sleep(0.05)

    at_work[1].write(b"2")

    async with asyncio.timeout(5):
        assert b" 200 " in await at_work[0].readline()
    for _, writer in [*others, at_work]:
        writer.close()
