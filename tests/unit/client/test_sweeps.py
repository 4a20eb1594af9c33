"""Sweeps from Python, over HTTP and by kubeconfig."""

import inspect
import io
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from batterysim import names
from batterysim.problem import InvalidSpecError
from batterysim.results import PARQUET_METADATA_KEY, UNIT_METADATA_KEY
from batterysim_client import AsyncClient, ResultFormat, async_sweeps
from batterysim_client.async_sweeps import AsyncSweeps
from batterysim_client.backends.bridge_access import BridgeAccess
from batterysim_client.backends.kubernetes import KubernetesBackend
from batterysim_client.backends.rest import HttpBackend
from batterysim_client.errors import ConflictError, RefusedError, WaitTimeoutError
from batterysim_client.sweeps import Sweeps
from tests.builders import Json
from tests.unit.api.sweep.builders import C_RATE, raw_sweep

from .builders import Handler, http_to, kube_status

SPEC = raw_sweep({"field": C_RATE, "values": [0.5, 1]})
API_SERVER = f"/apis/{names.API_VERSION}/namespaces/lab/{names.SWEEP_PLURAL}"


def raw(name: str = "rates", **status: Any) -> Json:
    metadata = {"namespace": "lab", "name": name, "uid": "u1", "creationTimestamp": "2026-11-24T10:00:00Z"}
    return {"kind": names.SWEEP_KIND, "metadata": metadata, "spec": SPEC, "status": status}


def table() -> bytes:
    """Return the table of the sweep, as the bridge sends it."""
    about = {"design": {"points": 2}, "spec": {"design": {"grid": {}}}}
    fields = [
        pa.field("point", pa.int64()),
        pa.field(C_RATE, pa.float64(), metadata={UNIT_METADATA_KEY: "1"}),
        pa.field("status", pa.string()),
        pa.field("endVolts", pa.float64(), metadata={UNIT_METADATA_KEY: "V"}),
    ]
    schema = pa.schema(fields, metadata={PARQUET_METADATA_KEY: json.dumps(about)})
    sink = io.BytesIO()
    columns: list[list[Any]] = [[0, 1], [0.5, 1.0], ["Succeeded"] * 2, [2.5, 2.5]]
    pq.write_table(pa.table(columns, schema=schema), sink)
    return sink.getvalue()


def over_http(handler: Handler) -> AsyncClient:
    client = AsyncClient("http://server")
    client._backend = HttpBackend(http_to(handler), "http://server", "lab")
    return client


def by_kubeconfig(handler: Handler) -> AsyncClient:
    client = AsyncClient("http://server")
    http = http_to(handler)
    client._backend = KubernetesBackend(http, "here", "lab", BridgeAccess(http, lambda: "", None, None))
    return client


def test_the_synchronous_ones_have_the_same_methods_with_the_same_arguments() -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        functions = inspect.getmembers(kind, inspect.isfunction)
        return {
            name: list(inspect.signature(it).parameters) for name, it in functions if not name.startswith("_")
        }

    assert methods(Sweeps) == methods(AsyncSweeps)


async def test_a_sweep_is_run_and_becomes_a_data_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(async_sweeps, "POLL_SECONDS", 0.0)
    phases = ["Pending", "Running", "Succeeded"]
    sent: list[Json] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            sent.append(json.loads(request.content))
            return httpx.Response(202, json=raw())
        if request.url.path.endswith("/points"):
            return httpx.Response(200, content=table())
        return httpx.Response(200, json=raw(phase=phases.pop(0) if len(phases) > 1 else phases[0]))

    async with over_http(handler) as client:
        found = await client.sweeps.run(SPEC["simulation"], {C_RATE: [0.5, 1]}, name="rates", parallelism=4)

    (manifest,) = sent
    assert manifest["metadata"]["name"] == "rates"
    assert manifest["spec"]["vary"] == [{"field": C_RATE, "values": [0.5, 1]}]
    assert manifest["spec"]["run"] == {"parallelism": 4}
    assert list(found[C_RATE]) == [0.5, 1.0]
    assert found.attrs["units"] == {C_RATE: "1", "endVolts": "V"}
    assert found.attrs["varied"] == [C_RATE]


async def test_tables_may_be_files_and_data_frames(tmp_path: Path) -> None:
    sent: list[Json] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(202, json=raw())

    profile, measured = tmp_path / "load.csv", tmp_path / "measured.csv"
    profile.write_text("0,1\n60,1\n", "utf-8")
    measured.write_text("0,4\n60,3.9\n", "utf-8")
    points = pd.DataFrame({"protocol.profile.scale": [1.0, 2.0]})
    sweep = {
        "simulation": SPEC["simulation"] | {"protocol": {"profile": {"quantity": "Current", "csv": profile}}},
        "design": {"table": {"csv": points}},
        "metrics": [
            {"name": "error", "column": "Voltage [V]", "against": {"csv": measured}, "statistic": "Max"}
        ],
    }
    nothing = {"profile": {"csv": tmp_path / "none.csv"}}
    lost = sweep | {"simulation": SPEC["simulation"] | {"protocol": nothing}}
    async with over_http(handler) as client:
        await client.sweeps.submit(sweep)
        with pytest.raises(InvalidSpecError, match=r"simulation\.protocol\.profile\.csv.*cannot be read"):
            await client.sweeps.submit(lost)

    (manifest,) = sent
    assert manifest["spec"]["simulation"]["protocol"]["profile"]["csv"] == "0,1\n60,1\n"
    assert manifest["spec"]["design"]["table"]["csv"] == "protocol.profile.scale\n1.0\n2.0\n"
    assert manifest["spec"]["metrics"][0]["against"]["csv"] == "0,4\n60,3.9\n"


async def test_a_sweeps_name_may_be_generated() -> None:
    sent: list[Json] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(202, json=raw("rates-x7k2p"))

    manifest = {
        "apiVersion": names.API_VERSION,
        "kind": names.SWEEP_KIND,
        "metadata": {"generateName": "rates-"},
        "spec": SPEC,
    }
    async with over_http(handler) as http, by_kubeconfig(handler) as kube:
        await http.sweeps.submit(manifest)
        await kube.sweeps.submit(manifest)
        with pytest.raises(RefusedError, match="'Rates' cannot be generateName"):
            await http.sweeps.submit(manifest | {"metadata": {"generateName": "Rates"}})

    assert [it["metadata"]["generateName"] for it in sent] == ["rates-", "rates-"]


@pytest.mark.parametrize("connect", [over_http, by_kubeconfig])
async def test_values_may_be_of_numpy(connect: Any) -> None:
    sent: list[Json] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            sent.append(json.loads(request.content)["spec"])
        return httpx.Response(202, json=raw())

    sweep = SPEC | {"vary": [{"field": C_RATE, "values": np.arange(1, 4)}], "run": {"shards": np.int64(2)}}
    async with connect(handler) as client:
        await client.sweeps.submit(sweep)

    assert sent == [SPEC | {"vary": [{"field": C_RATE, "values": [1, 2, 3]}], "run": {"shards": 2}}]


async def test_a_failed_sweep_says_why() -> None:
    failure = {"reason": "TooManyFailedPoints", "message": "3 points have failed"}

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=raw(phase="Failed", failure=failure))

    async with over_http(handler) as client:
        with pytest.raises(RefusedError, match="TooManyFailedPoints: 3 points have failed"):
            await client.sweeps.run(SPEC["simulation"], {C_RATE: [0.5, 1]})


@pytest.mark.parametrize("connect", [over_http, by_kubeconfig])
async def test_what_cannot_be_run_is_not_sent(connect: Any) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise AssertionError("it was sent")

    wrong = SPEC | {"vary": [{"field": "cell.soc", "values": [1]}]}
    async with connect(handler) as client:
        with pytest.raises(InvalidSpecError, match="is no field"):
            await client.sweeps.submit(wrong)


@pytest.mark.parametrize("sweep", [SPEC, raw() | {"apiVersion": names.API_VERSION}], ids=["spec", "manifest"])
async def test_a_sweep_is_checked_as_a_simulation_is(sweep: Json) -> None:
    asked: list[Json] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append({"path": request.url.path, **json.loads(request.content)})
        return httpx.Response(200, json={"valid": True})

    async with over_http(handler) as http, by_kubeconfig(handler) as kube:
        await http.validate(sweep)
        await kube.validate(sweep)

    (sent,) = asked  # what a kubeconfig leads to has nobody to ask
    assert (sent["path"], sent["kind"], sent["spec"]) == ("/v1/validate", names.SWEEP_KIND, SPEC)


@pytest.mark.parametrize("connect", [over_http, by_kubeconfig])
async def test_a_sweep_that_cannot_be_run_is_not_valid(connect: Any) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise AssertionError("it was sent")

    async with connect(handler) as client:
        with pytest.raises(InvalidSpecError, match="is no field"):
            await client.validate(SPEC | {"vary": [{"field": "cell.soc", "values": [1]}]})


async def test_by_kubeconfig_the_same_request_gets_the_same_sweep() -> None:
    stored: dict[str, Json] = {}

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=stored["rates"])
        assert request.url.path == API_SERVER
        if "rates" in stored:
            return kube_status(409, "already exists", reason="AlreadyExists")
        stored["rates"] = json.loads(request.content)
        return httpx.Response(201, json=stored["rates"])

    async with by_kubeconfig(handler) as client:
        first = await client.sweeps.submit(SPEC, "rates")
        second = await client.sweeps.submit(SPEC, "rates")
        with pytest.raises(ConflictError, match="differs from this request"):
            await client.sweeps.submit(SPEC | {"run": {"shards": 2}}, "rates")

    assert (first.name, first.namespace) == (second.name, second.namespace) == ("rates", "lab")


async def test_sweeps_are_listed_newest_first_and_deleted() -> None:
    deleted: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            deleted.append(request.url.path)
            return httpx.Response(200, json={})
        old, new = raw("old"), raw("new")
        new["metadata"]["creationTimestamp"] = "2026-11-25T10:00:00Z"
        return httpx.Response(200, json={"items": [old, new], "metadata": {}})

    async with by_kubeconfig(handler) as client:
        assert [sweep.name for sweep in await client.sweeps.list()] == ["new", "old"]
        await client.sweeps.delete("old")

    assert deleted == [f"{API_SERVER}/old"]


async def test_a_list_over_http_has_all_pages() -> None:
    pages = [{"items": [raw("new")], "nextCursor": "after-new"}, {"items": [raw("old")]}]
    asked: list[Json] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        return httpx.Response(200, json=pages[len(asked) - 1])

    async with over_http(handler) as client:
        assert [sweep.name for sweep in await client.sweeps.list()] == ["new", "old"]

    query = {"namespace": "lab", "limit": "500"}
    assert asked == [query, query | {"cursor": "after-new"}]


async def test_waiting_ends_in_time_and_the_sweep_goes_on() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=raw(phase="Running"))

    async with over_http(handler) as client:
        with pytest.raises(WaitTimeoutError, match="it continues"):
            await client.sweeps.wait("rates", timeout_seconds=0.05)


async def test_a_points_result_is_asked_of_the_bridge() -> None:
    asked: list[httpx.URL] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/points/3/result"):
            return httpx.Response(200, json=raw())
        asked.append(request.url)
        return httpx.Response(200, content=b"Time [s]\n0\n")

    async with over_http(handler) as client:
        content = await client.sweeps.point_result("rates", 3, ResultFormat.CSV, variables=["Time [s]"])

    assert content == b"Time [s]\n0\n"
    assert asked[0].params.multi_items() == [("format", "csv"), ("variables", "Time [s]")]


async def test_a_part_of_a_points_result_is_asked_of_the_bridge() -> None:
    asked: list[httpx.QueryParams] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params)
        return httpx.Response(200, json=raw())

    async with over_http(handler) as client:
        await client.sweeps.point_result("rates", 3, every=2, start=600, end=1200, points=10)

    window = {"every": "2", "from": "600", "to": "1200", "points": "10"}
    assert dict(asked[-1]) == {"format": "parquet"} | window


async def test_columns_and_a_format_are_asked_of_the_bridge() -> None:
    asked: list[httpx.QueryParams] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/points"):
            return httpx.Response(200, json=raw())
        asked.append(request.url.params)
        return httpx.Response(200, content=b"point\n0\n")

    async with over_http(handler) as client:
        content = await client.sweeps.points("rates", ResultFormat.CSV, columns=["point", "endVolts"])

    assert list(pd.read_csv(io.BytesIO(content)).point) == [0]
    assert asked[0].multi_items() == [("format", "csv"), ("columns", "point"), ("columns", "endVolts")]


async def test_a_format_and_a_column_may_be_words() -> None:
    asked: list[httpx.QueryParams] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params)
        return httpx.Response(200, json=raw())

    async with over_http(handler) as client:
        await client.sweeps.points("rates", "csv", columns="endVolts")
        await client.sweeps.point_result("rates", 3, "csv", variables="Time [s]")
        with pytest.raises(RefusedError, match="format: 'xlsx' is unknown: give parquet, csv"):
            await client.sweeps.points("rates", "xlsx")

    table, result = [params.multi_items() for params in asked if params]
    assert table == [("format", "csv"), ("columns", "endVolts")]
    assert result == [("format", "csv"), ("variables", "Time [s]")]
