"""A client can know before it offers something whether it is allowed."""

import httpx
import pytest

from batterysim_bridge.app import create_app
from batterysim_bridge.settings import ApiSettings

from ..builders import NAMESPACE, READER_TOKEN, WRITER_TOKEN, with_settings

READS = ["get", "list", "watch"]


def signed_in(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("token", "username", "verbs"),
    [(READER_TOKEN, "ada", READS), (WRITER_TOKEN, "grace", ["create", "delete", *READS])],
)
async def test_the_cluster_is_asked_for_each_verb(client, cluster, token, username, verbs):
    answer = await client.get(f"/v1/rights?namespace={NAMESPACE}", headers=signed_in(token))

    assert answer.json() == {"username": username, "namespace": NAMESPACE, "verbs": verbs}
    assert {(verb, NAMESPACE, None) for verb in ("create", "delete", *READS)} == set(cluster.asked)


async def test_without_a_namespace_it_is_about_all_of_them(client, cluster):
    answer = await client.get("/v1/rights", headers=signed_in(READER_TOKEN))

    assert "namespace" not in answer.json()
    assert {namespace for _, namespace, _ in cluster.asked} == {None}


async def test_a_right_may_be_to_one_simulation_only(client, cluster):
    await client.get(f"/v1/rights?namespace={NAMESPACE}&name=mine", headers=signed_in(READER_TOKEN))

    assert {name for *_, name in cluster.asked} == {"mine"}


@pytest.mark.parametrize(
    ("query", "resource"), [("", "batterysimulations"), ("?resource=batterysweeps", "batterysweeps")]
)
async def test_a_right_is_to_simulations_or_to_sweeps(client, cluster, query, resource):
    await client.get(f"/v1/rights{query}", headers=signed_in(READER_TOKEN))

    assert cluster.asked_resources == {resource}
    assert ("patch" in {verb for verb, *_ in cluster.asked}) is (resource == "batterysweeps")


async def test_rights_to_other_resources_are_not_told(client):
    answer = await client.get("/v1/rights?resource=secrets", headers=signed_in(READER_TOKEN))

    assert answer.status_code == 400
    assert "batterysweeps" in answer.text


@pytest.mark.parametrize(("anonymous_read", "verbs"), [(False, []), (True, READS)])
async def test_without_a_token_it_is_about_everyone(bridge, cluster, anonymous_read, verbs):
    opened = with_settings(bridge, api=ApiSettings(anonymous_read=anonymous_read))
    transport = httpx.ASGITransport(create_app(opened))

    async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as anyone:
        answer = await anyone.get("/v1/rights")

    assert (answer.status_code, answer.json()) == (200, {"verbs": verbs})
    assert cluster.asked == []


async def test_a_bad_token_has_none(client):
    assert (await client.get("/v1/rights", headers=signed_in("made-up"))).status_code == 401


async def test_a_namespace_that_is_not_served_is_named(bridge):
    narrow = with_settings(bridge, watch_namespaces=("lab",))
    transport = httpx.ASGITransport(create_app(narrow))

    async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as anyone:
        answer = await anyone.get("/v1/rights?namespace=elsewhere")

    assert answer.status_code == 404
    assert "'elsewhere'" in answer.json()["detail"]
