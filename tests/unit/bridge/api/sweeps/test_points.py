"""The table of a sweep over HTTP, whole or as far as it is."""

import io
import json
from typing import Any

import httpx
import pandas as pd
import pyarrow as pa
import pytest

from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.tables.tables import DirectorySweepStore

from ...builders import NAMESPACE, READER_TOKEN
from ...fake_sweeps import SWEEP_PATH, SWEEP_UID, FakeSweeps, part

KEY = ResultKey(NAMESPACE, SWEEP_UID)
AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}


@pytest.fixture(autouse=True)
def _a_table(sweeps: FakeSweeps, sweep_store: DirectorySweepStore) -> None:
    """Two shards, the rows of the first in the order in which they ended."""
    sweeps.add(phase="Running")
    for shard, number, content in ((0, 0, part(2, 0)), (0, 1, part(1, failed=1)), (1, 0, part(3))):
        with sweep_store.incoming() as file:
            file.write_bytes(content)
            assert sweep_store.add_part(KEY, shard, number, file)


async def points(client: httpx.AsyncClient, **query: Any) -> httpx.Response:
    return await client.get(SWEEP_PATH + "/points", params=query, headers=AS_READER)


async def test_rows_come_in_the_order_of_their_points(client: httpx.AsyncClient) -> None:
    table = pd.read_parquet(io.BytesIO((await points(client)).content))

    assert list(table.point) == [0, 1, 2, 3]
    assert list(table.status) == ["Succeeded", "Failed", "Succeeded", "Succeeded"]


async def test_every_format_has_the_same_rows(client: httpx.AsyncClient) -> None:
    csv = pd.read_csv(io.BytesIO((await points(client, format="csv")).content))
    arrow = pa.ipc.open_stream((await points(client, format="arrow")).content).read_pandas()
    document = (await points(client, format="json")).json()

    assert list(csv.endVolts.dropna()) == list(arrow.endVolts.dropna()) == [3.0, 3.2, 3.3]
    assert document["kind"] == "BatterySweepTable"
    assert document["records"][1] == {
        "point": 1,
        "status": "Failed",
        "message": "at time 0",
        "endVolts": None,
    }


async def test_columns_and_a_status_can_be_chosen(client: httpx.AsyncClient) -> None:
    answer = await points(client, format="json", columns="endVolts,point", status="Succeeded")

    assert json.loads(answer.content)["records"] == [
        {"endVolts": 3.0, "point": 0},
        {"endVolts": 3.2, "point": 2},
        {"endVolts": 3.3, "point": 3},
    ]


async def test_rows_can_be_filtered_ordered_and_taken_in_pages(client: httpx.AsyncClient) -> None:
    query = {"columns": "point", "filter": "endVolts>3", "order": "-endVolts", "limit": 1}

    first = (await points(client, format="json", **query)).json()
    second = (await points(client, format="json", offset=1, **query)).json()

    assert (first["matching"], first["records"]) == (2, [{"point": 3}])
    assert (second["matching"], second["records"]) == (2, [{"point": 2}])


async def test_several_conditions_must_all_be_fulfilled(client: httpx.AsyncClient) -> None:
    answer = await points(client, format="csv", columns="point", filter=["endVolts>3", "endVolts<3.3"])

    assert answer.text.split() == ['"point"', "2"]


async def test_a_window_in_the_order_of_points_may_be_large(client: httpx.AsyncClient) -> None:
    answer = await points(client, format="csv", columns="point", offset=1, limit=50_000)

    assert answer.text.split() == ['"point"', "1", "2", "3"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"columns": "endVolt"}, 400),
        ({"filter": "endVolts"}, 400),
        ({"order": "endVolts"}, 400),
        ({"format": "bdf"}, 406),
        ({"status": "Dead"}, 400),
    ],
)
async def test_what_a_table_has_not_is_said(
    client: httpx.AsyncClient, query: dict[str, str], code: int
) -> None:
    assert (await points(client, **query)).status_code == code


async def test_a_sweep_without_points_says_so(
    client: httpx.AsyncClient, sweep_store: DirectorySweepStore
) -> None:
    sweep_store.remove(KEY)

    answer = await points(client)

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:batterysim:problem:no-points")


async def test_a_removed_table_says_so(
    client: httpx.AsyncClient, sweeps: FakeSweeps, sweep_store: DirectorySweepStore
) -> None:
    sweep_store.remove(KEY)
    sweeps.add(results={"removedTime": "2026-11-24T12:00:00Z", "removalMessage": "it was older than 7 days"})

    assert (await points(client)).status_code == 410
