"""What users of the package see."""

import asyncio
import inspect
import json
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import batterysim
import batterysim_cli
from batterysim_client import AsyncClient, AsyncResult, Client, Result, ResultFormat
from batterysim_client.backends.rest import HttpBackend
from batterysim_client.errors import (
    ConflictError,
    NotFoundError,
    RefusedError,
    UnreachableError,
    WaitTimeoutError,
)
from batterysim_client.result_format import format_of
from batterysim_client.selection import Selection
from batterysim_client.simulation import to_simulation
from tests.builders import raw_spec

from .builders import Handler, http_to, problem, raw


def client_to(handler: Handler) -> AsyncClient:
    client = AsyncClient("http://server")
    client._backend = HttpBackend(http_to(handler), "http://server", "lab")
    return client


@pytest.mark.parametrize(("sync", "asynchronous"), [(Client, AsyncClient), (Result, AsyncResult)])
def test_the_synchronous_one_has_the_same_methods_with_the_same_arguments(
    sync: type, asynchronous: type
) -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        functions = inspect.getmembers(kind, inspect.isfunction)
        return {
            name: list(inspect.signature(it).parameters) for name, it in functions if not name.startswith("_")
        }

    assert methods(sync) == methods(asynchronous)


def test_batterysim_has_them_and_the_local_run() -> None:
    assert batterysim.Client is Client
    assert batterysim.AsyncClient is AsyncClient
    assert batterysim.run is batterysim_cli.run
    assert batterysim.LocalResult is batterysim_cli.LocalResult
    assert {"Client", "run"} <= set(dir(batterysim))
    with pytest.raises(AttributeError, match="has no attribute 'Clint'"):
        batterysim.Clint  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    ("name", "needed", "extra"), [("Client", "httpx", "client"), ("run", "pybamm", "cli")]
)
def test_what_is_not_installed_is_named_with_its_extra(
    name: str, needed: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, needed, None)

    message = rf"^batterysim\.{name} needs {needed}: pip install 'batterysim-operator\[{extra}\]'$"
    with pytest.raises(ImportError, match=message):
        getattr(batterysim, name)


def test_a_newer_servers_fields_are_no_obstacle() -> None:
    content = raw(
        phase="Running", invented={"a": 1}, progress={"percent": 1, "stage": "Solving", "mood": "good"}
    )
    content["spec"]["cell"]["invented"] = 1

    simulation = to_simulation(content)

    assert simulation.status.progress is not None
    assert simulation.status.progress.percent == 1
    assert simulation.spec is not None
    assert simulation.spec.cell.parameter_set == "Chen2020"


def test_the_contract_and_the_client_stay_light() -> None:
    code = (
        "import sys, batterysim.spec.simulation\n"
        "print('batterysim_client' in sys.modules)\n"
        "import batterysim; batterysim.Client('http://bridge')\n"
        "print(sorted({'pyarrow', 'pandas', 'numpy', 'kubernetes', 'pybamm', 'typer'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stdout == "False\n[]\n"


def test_a_files_name_asks_for_its_format() -> None:
    for wanted in ResultFormat:
        if wanted is not ResultFormat.JOB_MANAGER:  # which a name cannot ask for
            assert {format_of(Path(f"cell.{ending}")) for ending in wanted.facts.endings} == {wanted}
    with pytest.raises(RefusedError, match=r"'cell.xlsx' has no known ending"):
        format_of(Path("cell.xlsx"))


def test_a_selection_is_written_as_the_bridge_reads_it() -> None:
    assert Selection().query() == []
    assert Selection(("Voltage [V]",), every=2, start=0, end=0.1, points=10).query() == [
        ("variables", "Voltage [V]"),
        ("every", "2"),
        ("from", "0"),
        ("to", "0.10000000000000001"),
        ("points", "10"),
    ]


def test_one_variable_is_a_list_of_it() -> None:
    result = client_to(lambda _: problem(500, "called")).result("cell", variables="Voltage [V]")

    assert result.selection.query() == [("variables", "Voltage [V]")]


async def test_an_unknown_format_is_an_error_that_names_the_choices() -> None:
    result = client_to(lambda _: problem(500, "called")).result("cell")

    with pytest.raises(RefusedError, match="format: 'xlsx' is unknown: give parquet, csv, json"):
        await result.read("xlsx")


def parquet() -> bytes:
    field = pa.field("Voltage [V]", pa.float64(), metadata={"unit": "V"})
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table([[4.0, 3.9]], schema=pa.schema([field])), sink)
    return sink.getvalue().to_pybytes()


async def test_a_number_of_a_spec_may_be_of_numpy() -> None:
    sent: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(202, json=raw())

    await client_to(answer).submit(raw_spec(cell={"initialStateOfCharge": np.int64(1)}))

    assert json.loads(sent[0])["spec"]["cell"]["initialStateOfCharge"] == 1


async def test_a_result_becomes_a_table_with_units() -> None:
    requests: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request.url)
        return httpx.Response(200, content=parquet())

    result = client_to(answer).result("cell", variables=["Voltage [V]"])
    frame = await result.to_pandas()

    assert frame["Voltage [V]"].tolist() == [4.0, 3.9]
    assert frame.attrs["units"] == {"Voltage [V]": "V"}
    assert (await result.to_arrow()).num_rows == 2
    assert requests[0].path == "/v1/simulations/lab/cell/result"
    assert dict(requests[0].params) == {"format": "parquet", "variables": "Voltage [V]"}


async def test_a_result_that_is_a_login_page() -> None:
    result = client_to(lambda _: httpx.Response(200, html="<html>Please log in</html>")).result("cell")

    with pytest.raises(RefusedError, match="not a Parquet result, but begins with b'<html>Please log in"):
        await result.to_arrow()


async def test_a_file_has_the_format_of_its_name(tmp_path: Path) -> None:
    result = client_to(lambda request: httpx.Response(200, text=request.url.params["format"])).result("cell")

    for name, content in (("a.csv", "csv"), ("a.bdf.csv", "bdf"), ("a.ZIP", "zip")):
        assert (await result.save(tmp_path / name)).read_text() == content
    assert (await result.save(tmp_path / "b.txt", "json")).read_text() == "json"


async def test_a_file_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    class Torn(httpx.AsyncByteStream):
        async def __aiter__(self):
            yield b"half"
            raise httpx.ReadError("connection lost")

    file = tmp_path / "a.csv"
    file.write_text("before")
    result = client_to(lambda _: httpx.Response(200, stream=Torn())).result("cell")

    with pytest.raises(UnreachableError, match="connection lost"):
        await result.save(file)

    assert {path: path.read_text() for path in tmp_path.iterdir()} == {file: "before"}  # noqa: ASYNC240


async def test_a_file_that_cannot_be_written_is_named_itself(tmp_path: Path) -> None:
    result = client_to(lambda _: httpx.Response(200)).result("cell")

    with pytest.raises(FileNotFoundError) as caught:
        await result.save(tmp_path / "absent" / "a.csv")

    assert caught.value.filename == str(tmp_path / "absent" / "a.csv")


async def test_only_what_has_not_ended_is_cancelled() -> None:
    deleted = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            deleted.append(request.url.path)
            return httpx.Response(204)
        return httpx.Response(
            200, json=raw(phase="Running" if request.url.path.endswith("/running") else "Succeeded")
        )

    client = client_to(answer)
    await client.cancel("running")
    with pytest.raises(ConflictError, match=r"'ended' has ended \(Succeeded\): delete it"):
        await client.cancel("ended")

    assert deleted == ["/v1/simulations/lab/running"]


async def test_waiting_ends_in_time() -> None:
    class Silent(httpx.AsyncByteStream):
        async def __aiter__(self):
            yield b": heartbeat\n\n"
            await asyncio.sleep(60)

    headers = {"Content-Type": "text/event-stream"}
    client = client_to(lambda _: httpx.Response(200, headers=headers, stream=Silent()))

    with pytest.raises(WaitTimeoutError, match=r"'cell' has not ended after 0\.01 s; it continues"):
        await client.wait("cell", timeout_seconds=0.01)


async def test_waiting_for_what_is_deleted() -> None:
    stream = "".join(
        f"event: {kind}\nid: {number}\ndata: {json.dumps(raw())}\n\n"
        for number, kind in ((1, "phase"), (2, "deleted"))
    )
    headers = {"Content-Type": "text/event-stream"}
    client = client_to(lambda _: httpx.Response(200, headers=headers, text=stream))

    with pytest.raises(NotFoundError, match="'cell' was deleted before it had ended"):
        await client.wait("cell")


async def test_a_name_that_could_lead_elsewhere_is_not_called() -> None:
    client = client_to(lambda _: problem(500, "called"))

    for name in ("../secrets", "a/b", "a?b", ""):
        with pytest.raises(RefusedError, match="cannot be a name"):
            await client.get(name)
