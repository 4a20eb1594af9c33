"""The whole result of a sweep's point over HTTP, where it is kept."""

import io
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from batterysim.results import VOLTAGE
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.tables.tables import DirectorySweepStore

from ...builders import NAMESPACE, READER_TOKEN, SERIES, parquet
from ...fake_sweeps import SPEC, SWEEP, SWEEP_PATH, SWEEP_UID, FakeSweeps

AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}


@pytest.fixture(autouse=True)
def _a_kept_result(sweeps: FakeSweeps, sweep_store: DirectorySweepStore) -> None:
    sweeps.add(phase="Succeeded")
    sweeps.manifests[SWEEP]["spec"] = SPEC | {"series": {"keep": "Best"}}
    with sweep_store.incoming() as file:
        file.write_bytes(parquet())
        sweep_store.put_series(ResultKey(NAMESPACE, SWEEP_UID), 3, file)


async def result(client: httpx.AsyncClient, point: int = 3, **query: Any) -> httpx.Response:
    return await client.get(f"{SWEEP_PATH}/points/{point}/result", params=query, headers=AS_READER)


async def test_it_is_a_result_like_that_of_a_simulation(client: httpx.AsyncClient) -> None:
    answer = await result(client)

    found = pq.read_table(io.BytesIO(answer.content))
    assert {name: found[name].to_pylist() for name in found.column_names} == {
        column.name: values for column, values in SERIES.items()
    }
    assert answer.headers["content-disposition"] == f'attachment; filename="{SWEEP}-3.parquet"'


async def test_json_says_what_it_is_of(client: httpx.AsyncClient) -> None:
    document = (await result(client, format="json", variables="Voltage [V]")).json()

    assert document["kind"] == "SimulationResult"
    assert document["metadata"] == {"namespace": NAMESPACE, "name": f"{SWEEP}-3", "uid": SWEEP_UID}
    (column,) = document["columns"]
    assert (column["name"], column["values"]) == ("Voltage [V]", SERIES[VOLTAGE])


async def test_a_result_that_is_not_kept_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await result(client, 4)

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:batterysim:problem:no-result")
    assert "spec.series.keep is Best" in answer.json()["detail"]


async def test_formats_that_need_a_simulation_are_refused(client: httpx.AsyncClient) -> None:
    assert (await result(client, format="jobManager")).status_code == 406


async def test_nobody_reads_it_without_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{SWEEP_PATH}/points/3/result")).status_code == 401
