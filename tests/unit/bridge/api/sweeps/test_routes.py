"""Sweeps over HTTP: created, listed, read and deleted by those who may."""

from typing import Any

import httpx
import pytest
import yaml

from batterysim import names
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.cluster import RefusedError

from ...builders import NAMESPACE, READER_TOKEN, WRITER_TOKEN
from ...fake_cluster import FakeCluster
from ...fake_sweeps import SPEC, SWEEP, SWEEP_PATH, FakeSweeps, show_sweeps

AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}
AS_WRITER = {"Authorization": f"Bearer {WRITER_TOKEN}"}


async def create(client: httpx.AsyncClient, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await client.post(names.SWEEPS_PATH, json=body, headers=AS_WRITER | headers)


async def test_a_sweep_is_created_for_the_user(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    answer = await create(client, {"name": "mine", "spec": SPEC})

    assert answer.status_code == 202
    assert answer.headers["location"] == "/v1/sweeps/default/mine"
    assert answer.json()["kind"] == "BatterySweep"
    created = sweeps.manifests["mine"]
    assert created["spec"] == SPEC
    assert created["metadata"]["annotations"]["batterysim.dev/submitted-by"] == "grace"


def suspension(*, suspended: bool) -> dict[str, Any]:
    return {"spec": {"run": {"suspend": suspended}}}


async def test_a_sweep_is_suspended_and_goes_on(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    sweeps.add()
    for suspended in (True, False):
        answer = await client.patch(SWEEP_PATH, json=suspension(suspended=suspended), headers=AS_WRITER)

        assert answer.status_code == 200
        assert answer.json()["spec"]["run"] == {"suspend": suspended}
        assert sweeps.manifests[SWEEP]["spec"]["run"]["suspend"] is suspended


@pytest.mark.parametrize(
    "body", [{"spec": {"run": {"retries": 1}}}, {"spec": {"run": {"suspend": "yes"}}}, {"metadata": {}}, []]
)
async def test_nothing_else_of_a_sweep_is_changed(
    client: httpx.AsyncClient, sweeps: FakeSweeps, body: Any
) -> None:
    sweeps.add()
    answer = await client.patch(SWEEP_PATH, json=body, headers=AS_WRITER)

    assert answer.status_code == 400
    assert sweeps.manifests[SWEEP]["spec"] == SPEC


async def test_a_sweep_is_suspended_by_those_who_may_patch_it(
    client: httpx.AsyncClient, sweeps: FakeSweeps
) -> None:
    sweeps.add()
    answer = await client.patch(SWEEP_PATH, json=suspension(suspended=True), headers=AS_READER)

    assert answer.status_code == 403
    assert "'patch' on batterysweeps" in answer.json()["detail"]


async def test_a_refusal_of_the_api_server_is_said(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    sweeps.add()
    sweeps.refusal = RefusedError(422, "spec.run: a sweep in a queue is held by Kueue")
    answer = await client.patch(SWEEP_PATH, json=suspension(suspended=True), headers=AS_WRITER)

    assert answer.status_code == 422
    assert "held by Kueue" in answer.json()["detail"]


async def test_a_sweep_that_is_gone_is_not_suspended(client: httpx.AsyncClient) -> None:
    answer = await client.patch(SWEEP_PATH, json=suspension(suspended=True), headers=AS_WRITER)

    assert answer.status_code == 404


async def test_a_manifest_for_kubectl_is_taken_as_yaml(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    body = {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "BatterySweep",
        "metadata": {"name": "from-yaml", "namespace": "lab"},
        "spec": SPEC,
    }
    headers = AS_WRITER | {"Content-Type": "application/yaml"}

    answer = await client.post(names.SWEEPS_PATH, content=yaml.safe_dump(body), headers=headers)

    assert answer.headers["location"] == "/v1/sweeps/lab/from-yaml"


async def test_the_same_request_gets_the_same_sweep(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    first, second = [await create(client, {"spec": SPEC}, **{"Idempotency-Key": "one"}) for _ in range(2)]

    assert first.json()["metadata"]["uid"] == second.json()["metadata"]["uid"]
    assert len(sweeps.manifests) == 1


async def test_a_wrong_sweep_is_rejected_with_its_field(
    client: httpx.AsyncClient, sweeps: FakeSweeps
) -> None:
    wrong = SPEC | {"vary": [{"field": "cell.soc", "values": [1]}]}

    answer = await create(client, {"spec": wrong})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["spec.vary.0.field"]
    assert sweeps.manifests == {}


async def test_who_may_only_read_creates_and_deletes_nothing(
    client: httpx.AsyncClient, sweeps: FakeSweeps, cluster: FakeCluster
) -> None:
    sweeps.add()

    created = await client.post(names.SWEEPS_PATH, json={"spec": SPEC}, headers=AS_READER)
    deleted = await client.delete(SWEEP_PATH, headers=AS_READER)

    assert (created.status_code, deleted.status_code) == (403, 403)
    assert "batterysweeps.batterysim.dev" in created.json()["detail"]
    assert list(sweeps.manifests) == [SWEEP]


async def test_a_sweep_is_read_and_listed_without_notes_of_machines(
    client: httpx.AsyncClient, bridge: Bridge, sweeps: FakeSweeps
) -> None:
    sweeps.add(phase="Running")
    await show_sweeps(bridge)

    read = (await client.get(SWEEP_PATH, headers=AS_READER)).json()
    listed = (await client.get(f"{names.SWEEPS_PATH}?namespace={NAMESPACE}", headers=AS_READER)).json()

    assert (read["kind"], read["spec"], read["status"]) == ("BatterySweep", SPEC, {"phase": "Running"})
    assert listed["total"] == 1
    (item,) = listed["items"]
    assert "spec" not in item
    assert "managedFields" not in item["metadata"]


async def test_a_deleted_sweep_is_gone(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    sweeps.add()

    first = await client.delete(SWEEP_PATH, headers=AS_WRITER)
    second = await client.delete(SWEEP_PATH, headers=AS_WRITER)

    assert (first.status_code, second.status_code) == (204, 404)


@pytest.mark.parametrize("path", [SWEEP_PATH, SWEEP_PATH + "/points", names.SWEEPS_PATH])
async def test_nobody_reads_without_a_token(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 401


async def listed(client: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get(names.SWEEPS_PATH, params=query, headers=AS_READER)
    assert answer.status_code == 200, answer.text
    return [item["metadata"]["name"] for item in answer.json()["items"]]


async def test_a_list_is_filtered_by_phase_label_and_name(
    client: httpx.AsyncClient, bridge: Bridge, sweeps: FakeSweeps
) -> None:
    sweeps.add("rates", "7d0b7d6c-35f3-4b60-9d1a-000000000001", phase="Succeeded")
    sweeps.add("radii", "7d0b7d6c-35f3-4b60-9d1a-000000000002", phase="Running")
    sweeps.manifests["radii"]["metadata"]["labels"] = {"campaign": "spring"}
    await show_sweeps(bridge)

    assert await listed(client) == ["radii", "rates"]
    assert await listed(client, phase="Running") == ["radii"]
    assert await listed(client, phase=["Suspended", "Succeeded"]) == ["rates"]
    assert await listed(client, label="campaign=spring") == ["radii"]
    assert await listed(client, label="!campaign", q="rat") == ["rates"]
    assert await listed(client, q="radii", phase="Failed") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"label": "a=b=c"}, "query.label"),
        ({"phase": "Dead"}, "query.phase"),
        ({"cursor": "x"}, "query.cursor"),
    ],
)
async def test_a_wrong_filter_is_named(client: httpx.AsyncClient, query: dict[str, str], field: str) -> None:
    answer = await client.get(names.SWEEPS_PATH, params=query, headers=AS_READER)

    assert answer.status_code == 400
    assert field in answer.text


async def test_pages_follow_one_another(
    client: httpx.AsyncClient, bridge: Bridge, sweeps: FakeSweeps
) -> None:
    for number in range(5):
        sweeps.add(f"s{number}", f"7d0b7d6c-35f3-4b60-9d1a-00000000000{number}")
    await show_sweeps(bridge)
    url, found = f"{names.SWEEPS_PATH}?limit=2", []

    while True:
        answer = await client.get(url, headers=AS_READER)
        found.append([item["metadata"]["name"] for item in answer.json()["items"]])
        if "next" not in answer.links:
            break
        url = answer.links["next"]["url"]

    assert found == [["s0", "s1"], ["s2", "s3"], ["s4"]]
    assert answer.json()["total"] == 5


async def test_a_list_waits_for_the_first_look_at_the_cluster(
    bridge: Bridge, client: httpx.AsyncClient
) -> None:
    del bridge.__dict__["known_sweeps"]

    answer = await client.get(names.SWEEPS_PATH, headers=AS_READER)

    assert (answer.status_code, answer.json()["retryable"]) == (503, True)
