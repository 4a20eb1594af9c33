"""Connections without a token that do the worst that a connection can do, each in a way of its own.

`python -m tests.hostile.connections HOST PORT COUNT SECONDS` prints how many were opened.
"""

import asyncio
import contextlib
import itertools
import sys
import time
from collections.abc import Awaitable, Callable

Address = tuple[str, int]
Way = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = b"POST /v1/simulations HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\n"
BLOCK = b"a" * 16_384


async def _trailers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n")
    for number in itertools.count():
        await _write(writer, b"x%d: " % number + BLOCK + b"\r\n")


async def _chunk_extensions(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        await _write(writer, b"1;" + BLOCK + b"\r\na\r\n")


async def _tiny_chunks(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        await _write(writer, b"1\r\na\r\n" * 500)


async def _after_the_answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 100000000\r\n\r\n")
    while True:
        await _write(writer, BLOCK)


async def _stays_open(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    await reader.read(65_536)
    writer.write(b"a")
    await reader.read()


async def _slow_head(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET /healthz HTTP/1.1\r\n")
    while True:
        await _write(writer, b"x: y\r\n")
        await asyncio.sleep(1)


async def _pipeline(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        await _write(writer, b"GET /v1/simulations HTTP/1.1\r\nHost: b\r\n\r\n" * 200)


async def _long_head(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET / HTTP/1.1\r\n")
    while True:
        await _write(writer, b"x: " + BLOCK + b"\r\n")


async def _says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


WAYS: tuple[Way, ...] = (
    *(_trailers, _chunk_extensions, _tiny_chunks, _after_the_answer, _stays_open),
    *(_slow_head, _pipeline, _long_head, _says_nothing),
)


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()
    await asyncio.sleep(0.01)  # two hundred of them share a processor with whom they attack


async def attack(address: Address, count: int, seconds: float) -> int:
    """Keep this many connections busy for a while; return how many were opened in all."""
    opened = 0

    async def one(way: Way) -> None:
        nonlocal opened
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(left):
                    reader, writer = await asyncio.open_connection(*address)
                    opened += 1
                    try:
                        await way(reader, writer)
                    finally:
                        writer.transport.abort()  # to close would wait until who is attacked has read all
            await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(WAYS[number % len(WAYS)]))
    return opened


if __name__ == "__main__":
    host, port, connections, duration = sys.argv[1:]
    print(asyncio.run(attack((host, int(port)), int(connections), float(duration))))
