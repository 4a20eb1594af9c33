"""Checking simulations and sweeps over HTTP, without creating them."""

import httpx
import pytest
import yaml

from batterysim import names

from ..fake_cluster import FakeCluster
from ..fake_sweeps import SPEC as SWEEP_SPEC
from ..fake_sweeps import FakeSweeps
from .calls import AS_WRITER, SPEC, Json, post

VALIDATE = "/v1/validate"


def sweep(**changes: object) -> Json:
    """Return the manifest of a sweep of four points."""
    return {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "BatterySweep",
        "metadata": {"name": "c-rates", "namespace": "lab"},
        "spec": SWEEP_SPEC | changes,
    }


async def test_a_simulation_can_be_checked_without_being_created(
    client: httpx.AsyncClient, cluster: FakeCluster
) -> None:
    answer = await post(client, {"spec": SPEC}, VALIDATE)

    assert answer.status_code == 200
    assert answer.json()["protocol"] == "discharge 5 A"
    assert answer.json()["spec"]["model"] == {"family": "DFN", "options": {}}
    assert cluster.manifests == {}


async def test_what_cannot_be_run_is_said_as_at_its_creation(client: httpx.AsyncClient) -> None:
    body = {"spec": {**SPEC, "model": {"family": "SPMX"}}}

    checked, created = await post(client, body, VALIDATE), await post(client, body)

    assert checked.status_code == 422
    assert checked.json() == created.json()


async def test_a_sweep_can_be_checked_without_being_created(
    client: httpx.AsyncClient, cluster: FakeCluster, sweeps: FakeSweeps
) -> None:
    answer = await post(client, sweep(), VALIDATE)

    assert answer.status_code == 200
    checked = answer.json()
    assert (checked["valid"], checked["namespace"], checked["points"]) == (True, "lab", 4)
    assert checked["spec"]["vary"] == SWEEP_SPEC["vary"]
    assert checked["spec"]["series"] == {"keep": "None"}
    assert (cluster.manifests, sweeps.manifests) == ({}, {})


async def test_a_sweep_in_yaml_can_be_checked(client: httpx.AsyncClient) -> None:
    headers = AS_WRITER | {"Content-Type": "application/yaml"}

    answer = await client.post(VALIDATE, content=yaml.safe_dump(sweep()), headers=headers)

    assert (answer.status_code, answer.json()["points"]) == (200, 4)


async def test_a_sweep_in_short_is_known_by_its_simulation(client: httpx.AsyncClient) -> None:
    whole = sweep()
    short = {"name": "c-rates", "namespace": "lab", "spec": whole["spec"]}

    answers = [await post(client, body, VALIDATE) for body in (whole, short)]

    assert answers[1].json() == answers[0].json()
    assert answers[1].json()["points"] == 4


async def test_a_sweep_in_short_that_is_not_valid_is_answered_as_a_sweep(client: httpx.AsyncClient) -> None:
    short = {"spec": {**sweep()["spec"], "vary": [{"field": "cell.soc", "values": [1]}]}}

    checked, created = await post(client, short, VALIDATE), await post(client, short, names.SWEEPS_PATH)

    assert (checked.status_code, checked.json()["errors"]) == (422, created.json()["errors"])


async def test_a_table_in_a_config_map_has_no_number_of_points_yet(client: httpx.AsyncClient) -> None:
    table = {"table": {"configMapKeyRef": {"name": "points", "key": "points.csv"}}}

    answer = await post(client, sweep(design=table, vary=[]), VALIDATE)

    assert answer.status_code == 200
    assert "points" not in answer.json()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vary": [{"field": "protocol.constantCurrent.cRat", "values": [1]}]}, "spec.vary.0.field"),
        ({"vary": [{"field": "cell.initialStateOfCharge", "values": [0.5, 2]}]}, "spec.vary"),
        ({"simulation": {"cell": {"parameterSet": "Chen2020"}}}, "spec.simulation.protocol"),
        ({"series": {"keep": "Best"}}, "spec"),
        (
            {"design": {"random": {"points": 60_000, "seed": 1}}, "run": {"shards": 1}},
            "spec.run.shards",
        ),
        ({"colour": "red"}, "spec.colour"),
    ],
)
async def test_a_sweep_that_cannot_be_run_is_said_as_at_its_creation(
    client: httpx.AsyncClient, sweeps: FakeSweeps, changes: Json, field: str
) -> None:
    body = sweep(**changes)

    checked, created = await post(client, body, VALIDATE), await post(client, body, names.SWEEPS_PATH)

    assert checked.status_code == 422
    assert [error["field"] for error in checked.json()["errors"]] == [field]
    assert checked.json() == created.json()


async def test_metadata_of_a_sweep_are_checked_as_at_its_creation(client: httpx.AsyncClient) -> None:
    body = sweep() | {"metadata": {"name": "C Rates"}}

    checked, created = await post(client, body, VALIDATE), await post(client, body, names.SWEEPS_PATH)

    assert checked.status_code == 422
    assert checked.json() == created.json()


async def test_a_sweep_of_a_namespace_that_contradicts_the_query_is_not_valid(
    client: httpx.AsyncClient,
) -> None:
    answer = await post(client, sweep(), f"{VALIDATE}?namespace=plant")

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["namespace"]


async def test_a_sweep_is_checked_for_those_with_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.post(VALIDATE, json=sweep())).status_code == 401
