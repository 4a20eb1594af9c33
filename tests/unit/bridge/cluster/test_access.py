"""A token is reviewed once in a while, and what it may do is asked each time."""

import asyncio

import pytest

from batterysim_bridge.cluster import access as access_module
from batterysim_bridge.cluster.access import Access, bearer_token
from batterysim_bridge.cluster.cluster import ClusterError
from batterysim_bridge.http.problem import ProblemError

from ..builders import NAMESPACE, READER_TOKEN
from ..fake_cluster import READER


@pytest.fixture
def access(cluster) -> Access:
    return Access(cluster, anonymous_read=False)


async def test_requests_at_the_same_time_share_one_review(access, cluster):
    users = await asyncio.gather(*(access.require(READER_TOKEN, "list", NAMESPACE) for _ in range(5)))

    assert users == [READER] * 5
    # For the bridge's own audience, then for the API server's.
    assert cluster.reviewed == [READER_TOKEN] * 2
    assert cluster.asked == [("list", NAMESPACE, None)] * 5


async def test_a_review_is_made_again_after_a_while(cluster, monkeypatch):
    monkeypatch.setattr(access_module, "REVIEW_SECONDS", 0.01)
    access = Access(cluster, anonymous_read=False)
    await access.authenticate(READER_TOKEN)
    cluster.users.clear()
    await asyncio.sleep(0.03)

    with pytest.raises(ProblemError, match="not-authenticated"):
        await access.authenticate(READER_TOKEN)


async def test_an_api_server_that_does_not_answer_is_not_remembered(access, cluster):
    cluster.is_down = True
    with pytest.raises(ClusterError):
        await access.authenticate(READER_TOKEN)

    cluster.is_down = False
    assert await access.authenticate(READER_TOKEN) == READER


async def test_only_so_many_tokens_are_remembered(cluster, monkeypatch):
    monkeypatch.setattr(access_module, "REVIEWS_KEPT", 2)
    access = Access(cluster, anonymous_read=False)
    for token in ("a", "b", "a"):
        with pytest.raises(ProblemError, match="not-authenticated"):
            await access.authenticate(token)

    # Each token is reviewed for two audiences.
    assert cluster.reviewed == ["a", "a", "b", "b", "a", "a"]


async def test_a_withdrawn_right_counts_at_once(access, cluster):
    await access.require(READER_TOKEN, "list", NAMESPACE)
    cluster.readers.clear()

    with pytest.raises(ProblemError, match="access-denied"):
        await access.require(READER_TOKEN, "list", NAMESPACE)


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, None),
        ({"authorization": "Bearer a"}, "a"),
        ({"x-batterysim-authorization": "Bearer b"}, "b"),
        ({"authorization": "bearer a", "x-batterysim-authorization": "Bearer b"}, "a"),
    ],
)
def test_the_token_may_come_in_a_header_that_the_api_servers_proxy_leaves_alone(headers, token):
    assert bearer_token(headers) == token


@pytest.mark.parametrize("header", ["authorization", "x-batterysim-authorization"])
@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic YTpi"])
def test_a_header_without_a_token_is_refused(header, value):
    with pytest.raises(ProblemError, match="not-authenticated"):
        bearer_token({header: value})
