"""A point of a sweep as a simulation of its own, over HTTP."""

import io
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from batterysim.checks.validation import parse_spec
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.tables.tables import DirectorySweepStore

from ...builders import NAMESPACE, READER_TOKEN
from ...fake_sweeps import SPEC, SWEEP, SWEEP_PATH, SWEEP_UID, FakeSweeps

KEY = ResultKey(NAMESPACE, SWEEP_UID)
AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}
RADIUS = "Positive particle radius [m]"
SAMPLED: dict[str, Any] = {
    "vary": [
        {"field": "protocol.constantCurrent.cRate", "range": {"from": 0.5, "to": 2}},
        {"parameter": RADIUS, "factors": {"from": 0.8, "to": 1.2}},
        {"field": "model.family", "words": ["SPM", "SPMe"]},
    ],
    "design": {"sobol": {"points": 4}},
}
UNDER_WAY = {"points": 4, "shards": 2, "done": 2}


def store_row(store: DirectorySweepStore) -> None:
    """Store the third of four points, the first one of the second shard."""
    row = {"point": [2], "protocol.constantCurrent.cRate": [0.1 + 0.2], RADIUS: [5e-6]}
    table = pa.table(row | {"model.family": ["SPMe"], "status": ["Succeeded"], "endVolts": [2.5]})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    with store.incoming() as file:
        file.write_bytes(sink.getvalue())
        store.add_part(KEY, 1, 0, file)


async def point(client: httpx.AsyncClient, number: int) -> httpx.Response:
    return await client.get(f"{SWEEP_PATH}/points/{number}", headers=AS_READER)


async def test_a_point_that_is_written_down_needs_no_row(
    client: httpx.AsyncClient, sweeps: FakeSweeps
) -> None:
    sweeps.add()

    manifest = (await point(client, 2)).json()

    assert manifest["metadata"] == {"namespace": NAMESPACE, "name": f"{SWEEP}-2"}
    assert manifest["kind"] == "BatterySimulation"
    assert manifest["spec"]["protocol"]["constantCurrent"]["cRate"] == 2.0
    assert parse_spec(manifest["spec"]).cell.parameter_set == "Chen2020"


async def test_a_point_that_the_design_has_chosen_has_the_values_of_its_row(
    client: httpx.AsyncClient, sweeps: FakeSweeps, sweep_store: DirectorySweepStore
) -> None:
    sweeps.add(progress=UNDER_WAY)
    sweeps.manifests[SWEEP]["spec"] = SPEC | SAMPLED
    store_row(sweep_store)

    manifest = (await point(client, 2)).json()

    assert manifest["spec"]["protocol"]["constantCurrent"]["cRate"] == 0.1 + 0.2
    assert manifest["spec"]["cell"]["parameters"] == {RADIUS: 5e-6}
    assert manifest["spec"]["model"]["family"] == "SPMe"
    parse_spec(manifest["spec"])


@pytest.mark.parametrize("number", [1, 3])
async def test_a_chosen_point_that_has_not_ended_is_not_guessed(
    number: int, client: httpx.AsyncClient, sweeps: FakeSweeps, sweep_store: DirectorySweepStore
) -> None:
    sweeps.add(phase="Running", progress=UNDER_WAY)
    sweeps.manifests[SWEEP]["spec"] = SPEC | SAMPLED
    store_row(sweep_store)

    answer = await point(client, number)

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:batterysim:problem:no-points")
    assert answer.json()["detail"] == f"'{SWEEP}' is in phase Running; point {number} is not stored"


async def test_there_are_no_more_points_than_there_are(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    sweeps.add()

    answer = await point(client, 4)

    assert answer.status_code == 404
    assert answer.json()["detail"] == "the sweep has 4 points, counted from 0: there is no 4"


async def test_nobody_reads_a_point_without_a_token(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    sweeps.add()

    assert (await client.get(f"{SWEEP_PATH}/points/0")).status_code == 401
