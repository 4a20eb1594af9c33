"""Receivers that mean harm: each answer without end is one failed attempt, soon and in little memory."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from batterysim_operator.delivery import receivers
from tests.unit.operator.delivery.deliveries import deliver, owing, status_of

Send = Callable[[bytes], None]
OK = b"HTTP/1.1 200 OK\r\n"


@asynccontextmanager
async def answering(begin: bytes, block: bytes) -> AsyncIterator[str]:
    """Serve an answer that begins like this and then repeats a block for ever; yield the URL."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(begin)
            while block:
                writer.write(block)
                await writer.drain()
            await reader.read()
        writer.close()
        ended.set()

    ended = asyncio.Event()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/r"
        await ended.wait()


@pytest.mark.parametrize(
    ("begin", "block"),
    [
        (OK, b"x: " + b"a" * 1000 + b"\r\n"),
        (OK + b"x: ", b"a" * 1000),
        (b"", b"a" * 1000),
        (b"HTTP/1.1 ", b"9" * 1000),
    ],
    ids=["headers", "one header", "no HTTP", "status"],
)
async def test_an_answer_without_end_is_a_failed_attempt(begin: bytes, block: bytes) -> None:
    tracemalloc.start()
    async with answering(begin, block) as url:
        cluster = owing(url)
        async with asyncio.timeout(10):
            await deliver(cluster)
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert status_of(cluster)["callback"]["attempts"] == 1
    assert "deliveredTime" not in status_of(cluster)["callback"]
    assert peak < 20e6


async def test_a_body_without_end_is_not_read() -> None:
    async with answering(OK + b"Content-Type: text/plain\r\n\r\n", b"a" * 65_536) as url:
        cluster = owing(url)
        async with asyncio.timeout(10):
            await deliver(cluster)

    assert "deliveredTime" in status_of(cluster)["callback"]


async def test_interim_answers_without_end_are_a_failed_attempt() -> None:
    async with answering(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50) as url:
        cluster = owing(url)
        async with asyncio.timeout(10):
            await deliver(cluster)

    assert "deliveredTime" not in status_of(cluster)["callback"]


async def test_silence_after_an_interim_answer_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiohttp drops its limit for the next bytes once it has seen any answer: it waited for 15 minutes."""
    monkeypatch.setattr(receivers, "ANSWER_SECONDS", 0.2)
    async with answering(b"HTTP/1.1 100 Continue\r\n\r\n", b"") as url:
        cluster = owing(url)
        async with asyncio.timeout(10):
            await deliver(cluster)

    assert "did not answer within" in status_of(cluster)["callback"]["lastError"]


async def test_an_answer_after_an_interim_one_counts() -> None:
    async with answering(b"HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n" + OK + b"\r\n", b"a") as url:
        cluster = owing(url)
        await deliver(cluster)

    assert "deliveredTime" in status_of(cluster)["callback"]


async def test_no_proxy_of_the_surroundings_comes_between(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    async with answering(OK + b"\r\n", b"a") as url:
        cluster = owing(url)
        await deliver(cluster)

    assert "deliveredTime" in status_of(cluster)["callback"]
