"""TLS on real connections: trust, the cost of slow handshakes, and a renewed certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from uvicorn.server import ServerState

from batterysim_bridge.http import tls
from batterysim_bridge.http.tls import (
    ServerLoop,
    TlsProtocol,
    certificate_options,
    keep_certificate,
    listen,
)
from tests.certificates import Certificate, make_authority, make_certificate
from tests.unit.bridge.http.test_protocol import Address, app

LOCALHOST = ("DNS:localhost", "IP:127.0.0.1")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_authority(tmp_path_factory.mktemp("authority"))


@asynccontextmanager
async def served(directory: Path) -> AsyncIterator[tuple[Address, ssl.SSLContext]]:
    """Serve with the certificate in a directory; give the address and the server's context."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, **certificate_options(directory))
    config.load()
    assert config.ssl is not None
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: TlsProtocol(config=config, server_state=state, app_state={}),
        sock=listen("127.0.0.1", 0),
        ssl=config.ssl,
    )
    async with server:
        yield server.sockets[0].getsockname(), config.ssl


async def exchange(address: Address, authority: Certificate, request: bytes) -> bytes:
    trust = ssl.create_default_context(cafile=authority.certificate)
    reader, writer = await asyncio.open_connection(*address, ssl=trust, server_hostname="localhost")
    writer.write(request)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


async def test_a_request_is_answered_to_a_client_that_trusts_the_authority(
    authority: Certificate, tmp_path: Path
) -> None:
    make_certificate(tmp_path, authority, *LOCALHOST)
    other = make_authority(tmp_path)

    async with served(tmp_path) as (address, _):
        answer = await exchange(address, authority, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n")
        with pytest.raises(ssl.SSLCertVerificationError):
            await exchange(address, other, b"")

    assert answer.startswith(b"HTTP/1.1 200")


async def test_a_refused_request_gets_its_answer(authority: Certificate, tmp_path: Path) -> None:
    """TLS has no end of one direction alone."""
    make_certificate(tmp_path, authority, *LOCALHOST)

    async with served(tmp_path) as (address, _):
        answer = await exchange(address, authority, b"GET / HTTP/1.1\r\nHost: b\r\nX: " + b"x" * 100_000)

    assert answer.startswith(b"HTTP/1.1 431")


async def test_of_connections_without_a_handshake_the_oldest_make_room(
    authority: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "MAX_HANDSHAKES", 5)
    make_certificate(tmp_path, authority, *LOCALHOST)

    async with served(tmp_path) as (address, _):
        silent = [await asyncio.open_connection(*address) for _ in range(20)]
        ends = [asyncio.create_task(reader.read()) for reader, _ in silent]
        async with asyncio.timeout(5):
            await asyncio.gather(*ends[:15])
        assert not any(end.done() for end in ends[15:])

        answers = [
            await exchange(address, authority, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n") for _ in range(20)
        ]

    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    for _, writer in silent:
        writer.close()


async def test_connections_whose_handshake_is_done_count_for_it_no_longer(
    authority: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "MAX_HANDSHAKES", 2)
    make_certificate(tmp_path, authority, *LOCALHOST)
    trust = ssl.create_default_context(cafile=authority.certificate)

    async with served(tmp_path) as (address, _):
        kept = [
            await asyncio.open_connection(*address, ssl=trust, server_hostname="localhost") for _ in range(6)
        ]
        for _, writer in kept:
            writer.write(b"GET / HTTP/1.1\r\nHost: b\r\n\r\n")
        async with asyncio.timeout(5):
            answers = await asyncio.gather(*(reader.read() for reader, _ in kept))
        for _, writer in kept:
            writer.close()

    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)


def test_a_server_waits_ten_seconds_for_a_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "HANDSHAKE_SECONDS", 0.2)

    async def wait_for_the_end() -> bytes:
        loop = asyncio.get_running_loop()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        async with await loop.create_server(asyncio.Protocol, "127.0.0.1", 0, ssl=context) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            async with asyncio.timeout(5):
                rest = await reader.read()
            writer.close()
            return rest

    with asyncio.Runner(loop_factory=ServerLoop) as runner:
        assert runner.run(wait_for_the_end()) == b""


async def test_a_renewed_certificate_is_shown_to_the_next_connections(
    authority: Certificate, tmp_path: Path
) -> None:
    make_certificate(tmp_path, authority, *LOCALHOST)
    new_authority = make_authority(tmp_path)

    async with served(tmp_path) as (address, context):
        keeping = asyncio.create_task(keep_certificate(context, tmp_path, 0.01))
        await asyncio.sleep(0)  # it has looked at the first one
        make_certificate(tmp_path, new_authority, *LOCALHOST)
        async with asyncio.timeout(10):
            while True:
                try:
                    await exchange(address, new_authority, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n")
                    break
                except ssl.SSLCertVerificationError:
                    await asyncio.sleep(0.02)
        keeping.cancel()


async def test_half_a_pair_is_not_taken(
    authority: Certificate, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = make_certificate(tmp_path, authority, *LOCALHOST)

    async with served(tmp_path) as (address, context):
        keeping = asyncio.create_task(keep_certificate(context, tmp_path, 0.01))
        await asyncio.sleep(0)
        made.key.write_bytes(b"")
        async with asyncio.timeout(5):
            while "cannot be used" not in caplog.text:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.02)
        answer = await exchange(address, authority, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n")
        keeping.cancel()

    assert answer.startswith(b"HTTP/1.1 200")
