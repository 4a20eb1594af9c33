"""Results as the operator fetches them from the bridge."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from batterysim_operator.delivery import body
from batterysim_operator.delivery.body import Body
from batterysim_operator.delivery.result_source import ResultSource, ResultUnavailableError, open_session
from tests.certificates import make_authority, make_certificate


async def serve(request: web.Request) -> web.Response:
    """Answer as the bridge does: one result, for one token."""
    if request.headers["Authorization"] != "Bearer the-token":
        return web.Response(status=401, text="who are you?")
    if request.match_info["name"] == "old":
        return web.Response(status=410, text="removed by retention")
    if request.match_info["name"] != "cell":
        return web.Response(status=404, text="no such result")
    if request.query["format"] == "jobManager":
        return web.Response(status=406, text="an impedance has no points of time")
    text = f"{request.match_info['namespace']} as {request.query['format']} of {request.query['uid']}"
    return web.Response(text=text)


async def fetched(bridge: ResultSource, name: str = "cell", kind: str = "json") -> bytes:
    """Fetch a result and return it whole."""
    async with Body(asyncio.Semaphore(1)) as content:
        await bridge.fetch("lab", name, "uid-1", kind, content)
        return b"".join(content.blocks())


@pytest.fixture
async def url() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/v1/simulations/{namespace}/{name}/result", serve)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/"))
    await server.close()


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("the-token\n", encoding="utf-8")
    return file


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_result(session: aiohttp.ClientSession, url: str, token_file: Path) -> None:
    assert await fetched(ResultSource(session, url, token_file)) == b"lab as json of uid-1"


@pytest.fixture
def stale_token_file(tmp_path: Path) -> Path:
    file = tmp_path / "stale"
    file.write_text("yesterdays-token", encoding="utf-8")
    return file


async def test_a_renewed_token_is_used(
    session: aiohttp.ClientSession, url: str, token_file: Path, stale_token_file: Path
) -> None:
    bridge = ResultSource(session, url, stale_token_file)
    with pytest.raises(ResultUnavailableError, match="answered 401 when asked for the result: who are you"):
        await fetched(bridge)

    await asyncio.to_thread(token_file.replace, stale_token_file)

    assert await fetched(bridge) == b"lab as json of uid-1"


async def test_a_result_that_is_not_there(session: aiohttp.ClientSession, url: str, token_file: Path) -> None:
    with pytest.raises(ResultUnavailableError, match=r"answered 404 .*: no such result"):
        await fetched(ResultSource(session, url, token_file), "other")


async def test_a_result_that_was_removed(session: aiohttp.ClientSession, url: str, token_file: Path) -> None:
    with pytest.raises(ResultUnavailableError, match=r"answered 410 .*: removed by retention") as caught:
        await fetched(ResultSource(session, url, token_file), "old")
    assert caught.value.final


async def test_a_format_that_a_result_does_not_have_is_final(
    session: aiohttp.ClientSession, url: str, token_file: Path
) -> None:
    with pytest.raises(ResultUnavailableError, match=r"answered 406 .*: an impedance") as caught:
        await fetched(ResultSource(session, url, token_file), kind="jobManager")
    assert caught.value.final


async def test_a_result_that_would_fill_the_memory(
    session: aiohttp.ClientSession, url: str, token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "LARGEST_BYTES", 5)

    with pytest.raises(
        ResultUnavailableError, match=r"larger than .* set spec\.output\.points lower"
    ) as caught:
        await fetched(ResultSource(session, url, token_file), "cell")
    assert caught.value.final


async def test_a_bridge_with_tls_is_trusted_by_its_authority(tmp_path: Path, token_file: Path) -> None:
    authority = make_authority(tmp_path)
    certificate = make_certificate(tmp_path, authority, "IP:127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    app = web.Application()
    app.router.add_get("/v1/simulations/{namespace}/{name}/result", serve)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    url = str(server.make_url("/"))
    async with open_session(authority.certificate.read_text("ascii")) as session:
        assert await fetched(ResultSource(session, url, token_file)) == b"lab as json of uid-1"
    async with open_session(None) as session:
        with pytest.raises(ResultUnavailableError, match="CERTIFICATE_VERIFY_FAILED"):
            await fetched(ResultSource(session, url, token_file))
    await server.close()


async def test_a_bridge_that_is_away(session: aiohttp.ClientSession, token_file: Path) -> None:
    with pytest.raises(ResultUnavailableError, match="the bridge could not be reached"):
        await fetched(ResultSource(session, "http://127.0.0.1:1", token_file), "cell")


async def test_a_token_that_is_missing_is_not_blamed_on_the_receiver(
    session: aiohttp.ClientSession, url: str, tmp_path: Path
) -> None:
    with pytest.raises(ResultUnavailableError, match=r"the bridge could not be reached.*no-token"):
        await fetched(ResultSource(session, url, tmp_path / "no-token"))
