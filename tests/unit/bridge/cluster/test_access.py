"""A token is reviewed once in a while, and what it may do is asked each time."""

import asyncio
import base64
import hashlib
import json

import pytest

from batterysim_bridge.cluster import access as access_module
from batterysim_bridge.cluster.access import Access, bearer_token
from batterysim_bridge.cluster.claimed import objection_to_token
from batterysim_bridge.cluster.cluster import ClusterError
from batterysim_bridge.http.problem import ProblemError

from ..builders import API_TOKEN, NAMESPACE, READER_TOKEN
from ..fake_cluster import READER

NOW = 1_800_000_000.0


def jwt(claims: dict[str, object]) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.c2ln"


@pytest.fixture
def access(cluster) -> Access:
    return Access(cluster)


async def test_requests_at_the_same_time_share_one_review(access, cluster):
    users = await asyncio.gather(*(access.require(READER_TOKEN, "list", NAMESPACE) for _ in range(5)))

    assert users == [READER] * 5
    assert cluster.reviewed == [READER_TOKEN]
    assert cluster.asked == [("list", NAMESPACE, None)] * 5


async def test_of_many_made_up_tokens_at_once_only_some_are_reviewed(access, cluster):
    """A hundred at the same moment once were a hundred reviews: none was refused yet."""
    tokens = [f"made-up-{number}" for number in range(100)]

    found = await asyncio.gather(
        *(access.admit(token, "10.0.0.1") for token in tokens), return_exceptions=True
    )

    assert len(cluster.reviewed) == 20
    assert all(isinstance(item, ProblemError) for item in found)
    await access.admit(READER_TOKEN, "10.0.0.2")


async def test_a_review_is_made_again_after_a_while(cluster, monkeypatch):
    monkeypatch.setattr(access_module, "REVIEW_SECONDS", 0.01)
    access = Access(cluster)
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


async def test_a_token_is_remembered_by_its_hash(access):
    await access.admit(READER_TOKEN, "10.0.0.1")

    assert access._good.keys() == {hashlib.sha256(READER_TOKEN.encode()).digest()}
    assert READER_TOKEN not in str(access_module._review_key(READER_TOKEN, "batterysim-bridge"))


async def test_only_so_many_tokens_are_remembered(cluster, monkeypatch):
    monkeypatch.setattr(access_module, "REVIEWS_KEPT", 2)
    access = Access(cluster)
    for token in ("a", "b", "a"):
        with pytest.raises(ProblemError, match="not-authenticated"):
            await access.authenticate(token)

    assert cluster.reviewed == ["a", "b"]


async def test_a_token_for_the_api_server_is_refused_unless_that_is_allowed(access, cluster):
    """Whoever gets into the bridge would have the accounts of all its users."""
    with pytest.raises(ProblemError, match="batterysim-bridge"):
        await access.authenticate(API_TOKEN)

    assert await Access(cluster, any_audience=True).authenticate(API_TOKEN) == READER
    assert await Access(cluster, any_audience=True).authenticate(READER_TOKEN) == READER


@pytest.mark.parametrize(
    ("claims", "objection"),
    [
        ({"aud": ["https://kubernetes.default.svc"], "exp": NOW + 60}, "not for the bridge: create one with"),
        ({"aud": "somebody", "exp": NOW + 60}, "not for the bridge"),
        ({"aud": ["batterysim-bridge"], "exp": NOW - 120}, "expired: create a new one"),
    ],
)
async def test_a_token_that_speaks_against_itself_is_refused_without_a_review(cluster, claims, objection):
    access = Access(cluster, clock=lambda: NOW)

    with pytest.raises(ProblemError, match=objection):
        await access.authenticate(jwt(claims))

    assert cluster.reviewed == []


@pytest.mark.parametrize(
    "token",
    [
        "opaque",
        "a.b.c",
        "a.%%%.c",
        "a." + base64.urlsafe_b64encode(b"[" * 20_000).decode() + ".c",
        "a." + base64.urlsafe_b64encode(b"[]").decode() + ".c",
    ],
)
def test_a_token_that_is_no_web_token_is_left_to_the_api_server(token):
    assert objection_to_token(token, NOW) is None


async def test_an_address_that_sends_made_up_tokens_has_to_wait(access, cluster):
    for number in range(100):
        with pytest.raises(ProblemError):
            await access.admit(f"made-up-{number}", "10.0.0.1")

    assert len(cluster.reviewed) == 20
    with pytest.raises(ProblemError, match="too-many-refusals"):
        await access.admit("made-up", "10.0.0.1")
    await access.admit(READER_TOKEN, "10.0.0.2")
    assert await access.authenticate(READER_TOKEN) == READER
    await access.admit(READER_TOKEN, "10.0.0.1")  # it is known meanwhile


async def test_a_refused_token_is_remembered(access, cluster):
    for _ in range(100):
        with pytest.raises(ProblemError, match="not-authenticated"):
            await access.admit("made-up", "10.0.0.1")

    assert cluster.reviewed == ["made-up"]


async def test_an_address_may_try_again_after_a_while(cluster):
    now = [0.0]
    access = Access(cluster, clock=lambda: now[0])
    for number in range(30):
        with pytest.raises(ProblemError):
            await access.admit(f"made-up-{number}", "10.0.0.1")
    now[0] = 11.0

    await access.admit(READER_TOKEN, "10.0.0.1")


async def test_whose_token_was_good_does_not_wait_for_what_others_send_from_the_address(cluster):
    """All behind an ingress or the API server's proxy have one address."""
    now = [0.0]
    access = Access(cluster, clock=lambda: now[0])
    await access.admit(READER_TOKEN, "10.0.0.1")
    access._review.cache_clear()  # as after ten seconds
    for number in range(30):
        with pytest.raises(ProblemError):
            await access.admit(f"made-up-{number}", "10.0.0.1")

    await access.admit(READER_TOKEN, "10.0.0.1")

    cluster.users.clear()
    access._review.cache_clear()
    with pytest.raises(ProblemError, match="not-authenticated"):
        await access.admit(READER_TOKEN, "10.0.0.1")
    access._review.cache_clear()
    with pytest.raises(ProblemError, match="too-many-refusals"):
        await access.admit(READER_TOKEN, "10.0.0.1")


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
