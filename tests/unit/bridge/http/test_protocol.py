"""Requests as bytes on a connection, to a real server on this machine."""

import asyncio
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
    """Answer with the number of bytes in the body, and close the connection unless the path is /stay."""
    size, more = 0, True
    while more:
        message = await receive()
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
