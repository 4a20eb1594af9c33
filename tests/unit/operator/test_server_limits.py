"""The operator's port is open to every pod of the cluster, and serves two short answers."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from batterysim_operator import server
from batterysim_operator.control.hearing import Hearing


@pytest.fixture
async def port() -> AsyncIterator[int]:
    runner = await server.start_server(Hearing(), port=0)
    yield next(address[1] for address in runner.addresses if "." in address[0])
    await runner.cleanup()


async def status(port: int, path: str = "/healthz") -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status


async def ended(reader: asyncio.StreamReader) -> bool:
    """Tell whether the server has ended a connection."""
    try:
        async with asyncio.timeout(2):
            while await reader.read(65_536):
                pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize("begin", [b"", b"GET /healthz HTTP/1.1\r\nx: y\r\n", b"POST /healthz HTTP/1.1\r\n"])
async def test_a_connection_ends_after_a_while_whatever_it_does(
    port: int, monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    """It once stayed for ever, and a million of them cost nothing but sockets."""
    monkeypatch.setattr(server, "CONNECTION_SECONDS", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begin)

    assert await ended(reader)
    writer.close()


async def test_of_too_many_connections_the_oldest_make_room(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 5)
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]

    assert await status(port) == 200

    assert all([await ended(reader) for reader, _ in opened[:15]])
    for _, writer in opened:
        writer.close()


async def test_what_is_not_served_is_not_found(port: int) -> None:
    assert await status(port, "/metrics") == 200
    assert await status(port, "/../secrets") == 404


@pytest.mark.parametrize(
    "rubbish", [b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"a" * 100_000]
)
async def test_what_is_not_http_is_refused_without_a_traceback_in_the_log(
    port: int, caplog: pytest.LogCaptureFixture, rubbish: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(rubbish)

    assert b" 400 " in await reader.readline()

    assert caplog.text == ""
    writer.close()
