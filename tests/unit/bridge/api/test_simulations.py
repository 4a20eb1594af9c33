"""Finding, reading and cancelling simulations over HTTP, and the rights for it."""

import copy
from typing import Any

import httpx
import pytest

from batterysim_bridge.app import create_app
from batterysim_bridge.cluster.cluster import Listing
from batterysim_bridge.settings import ApiSettings

from ..builders import NAME, NAMESPACE, manifest, simulation, with_settings
from .calls import AS_READER, AS_WRITER, PATH, SPEC, slug, wrong_fields


async def listed(client, query: str = "") -> dict[str, Any]:
    answer = await client.get(PATH + query, headers=AS_READER)
    assert answer.status_code == 200
    return answer.json()


async def test_a_list_shows_status_and_metadata(client):
    page = await listed(client)

    (item,) = page["items"]
    assert item["metadata"]["name"] == NAME
    assert item["status"] == {"phase": "Running"}
    assert "spec" not in item
    assert (page["total"], page["resourceVersion"]) == (1, "1")
    assert "nextCursor" not in page


async def test_pages_lead_to_one_another(client, bridge):
    many = [simulation(f"run-{number}", labels={"a": "b"}) for number in range(5)]
    bridge.simulations.replace(None, Listing(tuple(many), "7"))
    found, path = [], f"{PATH}?limit=2&label=a%3Db&namespace={NAMESPACE}"
    while path:
        answer = await client.get(path, headers=AS_READER)
        found += [item["metadata"]["name"] for item in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url")

    assert found == [item.name for item in many]


async def test_a_list_is_filtered(client, bridge):
    bridge.simulations.replace(
        None,
        Listing((simulation("a", phase="Failed"), simulation("b"), simulation("c", namespace="lab")), "7"),
    )

    assert (await listed(client, "?phase=Failed&phase=Invalid"))["total"] == 1
    assert (await listed(client, "?namespace=lab"))["items"][0]["metadata"]["name"] == "c"
    assert (await listed(client, "?q=b&protocol=constantCurrent"))["total"] == 1
    assert (await listed(client, "?protocol=driveCycle"))["total"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=501", "query.limit"),
        ("limit=0", "query.limit"),
        ("phase=Done", "query.phase.0"),
        ("protocol=US06", "query.protocol"),
        ("label=a%20b", "query.label"),
        ("cursor=x", "query.cursor"),
        ("namespace=..", "query.namespace"),
    ],
)
async def test_a_wrong_query_is_refused_by_field(client, query, field):
    answer = await client.get(f"{PATH}?{query}", headers=AS_READER)

    assert (answer.status_code, wrong_fields(answer)) == (400, [field])


async def test_a_list_of_all_namespaces_needs_the_right_in_all(client, cluster):
    await listed(client)
    await listed(client, "?namespace=lab")

    assert cluster.asked == [("list", None, None), ("list", "lab", None)]


async def test_a_bridge_that_knows_nothing_yet_says_so(bridge):
    transport = httpx.ASGITransport(create_app(bridge))
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
        answer = await client.get(PATH, headers=AS_READER)
        ready = await client.get("/readyz")

    assert (answer.status_code, slug(answer)) == (503, "not-filled")
    assert ready.status_code == 503


async def test_one_simulation_is_read_whole(client, cluster):
    cluster.manifests[NAME] = manifest()

    answer = await client.get(f"{PATH}/{NAMESPACE}/{NAME}", headers=AS_READER)

    expected = copy.deepcopy(manifest())
    del expected["metadata"]["managedFields"]
    assert answer.json() == expected


async def test_a_simulation_that_is_not_there_is_not_found(client):
    answer = await client.get(f"{PATH}/{NAMESPACE}/missing", headers=AS_READER)

    assert (answer.status_code, slug(answer)) == (404, "not-found")


@pytest.mark.parametrize("name", ["%2e%2e", "a%2fb", "a%00", "UPPER", "-a", "a" * 254])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_names_that_kubernetes_would_not_take_get_no_further(client, cluster, method, name):
    answer = await client.request(method, f"{PATH}/{NAMESPACE}/{name}", headers=AS_WRITER)

    assert answer.status_code in (400, 404, 405)
    slug(answer)
    assert cluster.asked == []


# --- Cancelling


async def test_a_cancelled_simulation_is_gone(client, cluster):
    path = f"{PATH}/{NAMESPACE}/{NAME}"

    assert (await client.delete(path, headers=AS_WRITER)).status_code == 204
    assert cluster.objects == {}
    assert (await client.delete(path, headers=AS_WRITER)).status_code == 404


# --- Who may


@pytest.mark.parametrize(
    ("method", "path", "verb"),
    [
        ("POST", PATH, "create"),
        ("DELETE", f"{PATH}/{NAMESPACE}/{NAME}", "delete"),
        ("GET", f"{PATH}/{NAMESPACE}/{NAME}", "get"),
        ("GET", PATH, "list"),
        ("GET", f"{PATH}/events", "watch"),
        ("GET", f"{PATH}/{NAMESPACE}/{NAME}/events", "watch"),
        ("GET", f"{PATH}/{NAMESPACE}/{NAME}/result", "get"),
        ("GET", f"{PATH}/{NAMESPACE}/{NAME}/plot.svg", "get"),
    ],
)
async def test_each_request_needs_the_same_right_as_with_kubectl(client, cluster, method, path, verb):
    cluster.readers.clear()
    cluster.writers.clear()
    body = {"json": {"spec": SPEC}} if method == "POST" else {}

    without = await client.request(method, path, **body)
    refused = await client.request(method, path, headers=AS_READER, **body)

    assert (without.status_code, slug(without)) == (401, "not-authenticated")
    assert (refused.status_code, slug(refused)) == (403, "access-denied")
    assert f"ada needs the verb '{verb}'" in refused.json()["detail"]
    assert len(cluster.objects) == 1


async def test_without_a_token_a_body_is_not_even_read(client):
    answer = await client.post(PATH, content=b"x" * (1 << 21), headers={"Content-Type": "image/png"})

    assert answer.status_code == 401


@pytest.fixture
async def open_client(bridge):
    bridge = with_settings(bridge, api=ApiSettings(anonymous_read=True))
    bridge.simulations.replace(None, Listing((simulation(),), "1"))
    transport = httpx.ASGITransport(create_app(bridge))
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
        yield client


async def test_anyone_may_read_when_that_is_wanted(open_client, cluster):
    cluster.manifests[NAME] = manifest()

    assert (await open_client.get(PATH)).status_code == 200
    assert (await open_client.get(f"{PATH}/{NAMESPACE}/{NAME}")).status_code == 200
    assert cluster.reviewed == []


@pytest.mark.parametrize(
    ("method", "path"), [("POST", PATH), ("POST", "/v1/validate"), ("DELETE", f"{PATH}/{NAMESPACE}/{NAME}")]
)
async def test_nobody_changes_anything_without_a_token(open_client, cluster, method, path):
    assert (await open_client.request(method, path)).status_code == 401
    assert len(cluster.objects) == 1


async def test_a_bad_token_is_not_taken_for_none(open_client):
    assert (await open_client.get(PATH, headers={"Authorization": "Bearer guessed"})).status_code == 401
    assert (await open_client.get(PATH, headers={"Authorization": "Basic YTpi"})).status_code == 401
