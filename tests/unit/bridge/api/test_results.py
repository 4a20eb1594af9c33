"""A stored result goes out in each format, with the very numbers that came in."""

import csv
import io
import json
import math
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim import results
from batterysim_bridge.results.rendering import head, job_manager_pieces
from batterysim_bridge.store.directory import DirectoryStore
from batterysim_formats import series
from batterysim_formats.rendering import csv_pieces, json_pieces
from batterysim_formats.series import Series, series_of_file

from ..builders import (
    METADATA,
    NAME,
    NAMESPACE,
    OTHER_UID,
    READER_TOKEN,
    RESULT_PATH,
    SERIES,
    UID,
    parquet,
    record,
)
from ..fake_cluster import SIMULATION

WITH_GAPS = {**SERIES, results.VOLTAGE: [4.1, math.nan, math.inf]}
AUTHORIZED = {"Authorization": f"Bearer {READER_TOKEN}"}


@pytest.fixture
def stored(store: DirectoryStore) -> bytes:
    """Store a result and return its bytes."""
    content = parquet()
    with store.incoming() as file:
        file.write_bytes(content)
        store.commit(file, record(content))
    return content


async def get(client, query: str = "", **headers: str):
    return await client.get(RESULT_PATH + query, headers=AUTHORIZED | headers)


async def test_parquet_is_the_file_itself_under_its_hash(client, stored):
    answer = await get(client)

    assert answer.content == stored
    assert answer.headers["content-type"] == results.PARQUET_MEDIA_TYPE
    assert answer.headers["etag"] == f'"{record(stored).sha256}"'
    assert answer.headers["content-disposition"] == f'attachment; filename="{NAME}.parquet"'


async def test_the_head_is_the_document_without_its_numbers(client, stored):
    whole = (await get(client, "?format=json")).json()
    without = [{key: column[key] for key in ("name", "unit")} for column in whole["columns"]]

    answer = await client.get(f"{RESULT_PATH}/head", headers=AUTHORIZED)

    assert answer.json() == {**whole, "columns": without}


async def test_a_result_of_another_simulation_of_the_name_is_not_given_out(client, stored):
    """The operator asks for that of a UID: numbers of a second one went out under the first one's id."""
    assert (await get(client, f"?uid={UID}")).content == stored

    for kind in ("parquet", "json", "jobManager"):
        answer = await get(client, f"?uid={OTHER_UID}&format={kind}")
        assert answer.status_code == 404
        assert answer.json()["detail"] == f"'{NAME}' has UID {UID}, not {OTHER_UID}: it was created again"


async def test_parquet_is_served_in_ranges(client, stored):
    answer = await get(client, Range="bytes=-4")

    assert (answer.status_code, answer.content) == (206, b"PAR1")
    assert answer.headers["content-range"] == f"bytes {len(stored) - 4}-{len(stored) - 1}/{len(stored)}"


async def test_who_has_the_file_already_is_not_sent_it_again(client, stored):
    tag = (await get(client)).headers["etag"]

    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = await get(client, **{"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert (await get(client, **{"If-None-Match": '"other"'})).status_code == 200


async def test_a_range_of_a_file_that_has_changed_is_the_whole_file(client, stored):
    answer = await get(client, Range="bytes=0-3", **{"If-Range": '"other"'})

    assert (answer.status_code, answer.content) == (200, stored)


async def test_a_range_beyond_the_end_is_a_problem(client, stored):
    answer = await get(client, Range=f"bytes={len(stored)}-")

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(stored)}"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_range_that_makes_no_sense_is_ignored(client, stored):
    answer = await get(client, Range="lines=1-2")

    assert (answer.status_code, answer.content) == (200, stored)


@pytest.mark.parametrize("kind", ["parquet", "csv", "json", "arrow"])
async def test_every_format_has_the_same_part_of_the_result(client, stored, kind):
    answer = await get(client, f"?format={kind}&variables=Voltage [V],Time [s]&from=1000")

    assert answer.status_code == 200
    ending = {"arrow": "arrows"}.get(kind, kind)
    assert answer.headers["content-disposition"] == f'attachment; filename="{NAME}.{ending}"'
    assert columns_of(kind, answer.content) == {
        "Voltage [V]": SERIES[results.VOLTAGE][1:],
        "Time [s]": SERIES[results.TIME][1:],
    }


def columns_of(kind: str, content: bytes) -> dict[str, list[float]]:
    """Return the columns of an answer."""
    match kind:
        case "parquet":
            return pq.read_table(io.BytesIO(content)).to_pydict()
        case "arrow":
            return pa.ipc.open_stream(content).read_all().to_pydict()
        case "csv":
            return pa.csv.read_csv(io.BytesIO(content)).to_pydict()
        case _:
            return {column["name"]: column["values"] for column in json.loads(content)["columns"]}


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
async def test_units_and_metadata_stay_with_a_part_of_the_result(client, stored, kind):
    content = (await get(client, f"?format={kind}&every=2")).content

    schema = pq.read_schema(io.BytesIO(content)) if kind == "parquet" else pa.ipc.open_stream(content).schema
    assert schema.field("Voltage [V]").metadata[b"unit"] == b"V"
    assert results.ResultMetadata.model_validate_json(schema.metadata[b"batterysim"]) == METADATA


async def test_json_has_records_when_asked_for(client, stored):
    document = (await get(client, "?format=json&orient=records&variables=Time [s]&every=2")).json()

    assert document["columns"] == [{"name": "Time [s]", "unit": "s"}]
    assert document["records"] == [{"Time [s]": 0.0}, {"Time [s]": SERIES[results.TIME][2]}]
    assert document["summary"]["endVolts"] == 2.5


async def test_the_job_manager_may_have_fewer_points(client, stored):
    document = (await get(client, "?format=jobManager&every=2")).json()

    assert [point["time"] for point in document["result"]] == [0.0, SERIES[results.TIME][2]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("variables=Voltage", "query.variables"),
        ("variables=Voltage [V]&format=jobManager", "query.variables"),
        ("every=0", "query.every"),
        ("points=1", "query.points"),
        ("points=20001", "query.points"),
        ("from=x", "query.from"),
        ("from=2&to=1", "query.from"),
        ("orient=split", "query.orient"),
    ],
)
async def test_a_wrong_query_is_refused_by_field(client, stored, query, field):
    answer = await get(client, f"?{query}")

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_csv_has_pybamms_names_and_exact_numbers(client, stored):
    answer = await get(client, "?format=csv")

    header, *rows = csv.reader(io.StringIO(answer.text))
    assert answer.headers["content-type"].startswith("text/csv")
    assert header == [column.name for column in SERIES]
    assert [[float(value) for value in row] for row in rows] == [
        list(row) for row in zip(*SERIES.values(), strict=True)
    ]


async def test_json_is_the_v1_document_with_exact_numbers(client, stored):
    assert (await get(client, "?format=json")).json() == {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "SimulationResult",
        "metadata": {"namespace": NAMESPACE, "name": NAME, "uid": UID},
        **METADATA.to_json_dict(),
        "columns": [
            {"name": column.name, "unit": column.unit, "values": values} for column, values in SERIES.items()
        ],
    }


async def test_the_job_manager_gets_its_four_numbers_and_nothing_else(client, stored):
    times, currents, voltages, capacities = SERIES.values()

    assert (await get(client, "?format=jobManager")).json() == {
        "id": NAME,
        "result": [
            {"time": time, "voltage": voltage, "current": current, "dcap": capacity}
            for time, current, voltage, capacity in zip(times, currents, voltages, capacities, strict=True)
        ],
    }


async def test_the_job_manager_gets_the_id_of_the_callback(client, stored, cluster):
    cluster.objects[NAME] = SIMULATION._replace(callback_id="run 7")

    assert (await get(client, "?format=jobManager")).json()["id"] == "run 7"


async def test_a_simulation_without_a_result_says_how_far_it_is(client):
    answer = await get(client)

    assert answer.status_code == 404
    assert "'cell-discharge' is in phase Running" in answer.json()["detail"]


async def test_an_unknown_format_is_answered_with_the_known_ones(client, stored):
    answer = await get(client, "?format=xlsx")

    assert answer.status_code == 406
    assert "parquet, csv, json, arrow, bdf, zip, jobManager" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/simulations/default/%2e%2e/result",
        "/v1/simulations/%2e%2e/cell-discharge/result",
        "/v1/simulations/default/a%2fb/result",
        "/v1/simulations/Default/cell-discharge/result",
        "/v1/simulations/default/cell%00/result",
    ],
)
async def test_names_that_kubernetes_would_not_take_get_no_further(client, stored, path):
    answer = await client.get(path, headers=AUTHORIZED)

    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "application/problem+json"


def opened(columns: dict[results.Column, list[float]]) -> Series:
    return series_of_file(pq.ParquetFile(io.BytesIO(parquet(columns))))


def test_what_is_not_a_number_is_an_empty_field_in_csv():
    lines = b"".join(csv_pieces(opened(WITH_GAPS))).decode().splitlines()

    assert [line.split(",")[2] for line in lines[1:]] == ["4.1", "", ""]


def test_what_is_not_a_number_is_null_in_json():
    document = json.loads(b"".join(json_pieces(opened(WITH_GAPS), head(record(b"")))))

    assert document["columns"][2]["values"] == [4.1, None, None]


def test_points_that_lack_a_number_are_left_out_for_the_job_manager():
    document = json.loads(b"".join(job_manager_pieces(opened(WITH_GAPS), "1")))

    assert document == {"id": "1", "result": [{"time": 0.0, "voltage": 4.1, "current": 5.0, "dcap": 0.0}]}


def test_a_result_without_points_is_still_a_document():
    empty = {column: [] for column in SERIES}

    assert json.loads(b"".join(job_manager_pieces(opened(empty), "1"))) == {"id": "1", "result": []}
    assert json.loads(b"".join(json_pieces(opened(empty), head(record(b"")))))["columns"][0]["values"] == []


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_survive_text_bit_for_bit_however_they_are_cut_into_batches(voltages):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(series, "BATCH_ROWS", 3)
        file = opened(dict.fromkeys(SERIES, voltages))
        as_csv = b"".join(csv_pieces(file)).decode().splitlines()[1:]
        as_json = json.loads(b"".join(json_pieces(file, head(record(b"")))))
        as_points = json.loads(b"".join(job_manager_pieces(file, "1")))

    assert [float(line.split(",")[2]) for line in as_csv] == voltages
    assert as_json["columns"][2]["values"] == voltages
    assert [point["voltage"] for point in as_points["result"]] == voltages


async def test_the_battery_data_format_has_its_own_sign(client, stored):
    answer = await get(client, "?format=bdf&variables=Time [s],Current [A]")

    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="{NAME}.bdf.csv"'
    assert answer.text.splitlines()[:2] == ['"Test Time / s","Current / A"', "0,-5"]


async def test_a_zip_file_has_all_formats(client, stored):
    answer = await get(client, "?format=zip")

    assert answer.headers["content-type"] == "application/zip"
    files = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert [Path(file).name for file in files] == [
        "README.txt",
        *(f"{NAME}.{ending}" for ending in ("parquet", "csv", "json", "bdf.csv")),
    ]


async def test_an_impedance_has_no_form_for_the_job_manager(client, store):
    content = parquet({column: [1.0, 2.0] for column in results.IMPEDANCE_COLUMNS})
    with store.incoming() as file:
        file.write_bytes(content)
        store.commit(file, record(content))

    answer = await get(client, "?format=jobManager")

    assert answer.status_code == 406
    assert "needs 'Time [s]'" in answer.json()["detail"]
