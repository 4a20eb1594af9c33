"""Whatever comes, no request makes the bridge fail, and a bad one leaves nothing behind.

Each wrong field of a spec is tested in test_simulations_api.py, each fault of an upload in test_intake.py.
"""

from collections.abc import AsyncIterator

import httpx
import pytest

from batterysim import names

from ..answers import JOB_MANAGER, RESULT, SIMULATION, SIMULATIONS, assert_problem, failure
from ..builders import NAME, NAMESPACE, parquet, upload_headers
from ..fake_cluster import FakeCluster

METHODS = {
    SIMULATIONS: {"GET", "HEAD", "POST"},
    f"{SIMULATIONS}/events": {"GET", "HEAD"},
    SIMULATION: {"GET", "HEAD", "DELETE"},
    f"{SIMULATION}/events": {"GET", "HEAD"},
    RESULT: {"GET", "HEAD", "PUT"},
    f"{SIMULATION}/plot.svg": {"GET", "HEAD"},
    f"{SIMULATION}/progress": {"PUT"},
    f"{SIMULATION}/checkpoint": {"GET", "HEAD", "PUT", "DELETE"},
    f"{SIMULATION}/plot.png": {"GET", "HEAD"},
    f"{RESULT}/head": {"GET", "HEAD"},
    f"{SIMULATION}/outcome": {"PUT"},
    names.work_path(NAMESPACE): {"POST"},
    names.heartbeat_path(NAMESPACE): {"POST"},
    "/v1/rights": {"GET", "HEAD"},
    "/v1/validate": {"POST"},
    "/cell/simulate": {"POST"},
    "/drivecycle/simulate": {"POST"},
    "/v1/catalogue": {"GET", "HEAD"},
    "/": {"GET", "HEAD"},
    "/healthz": {"GET", "HEAD"},
    "/readyz": {"GET", "HEAD"},
    "/metrics": {"GET", "HEAD"},
}
ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")


@pytest.mark.parametrize(
    "name",
    [
        *("%2e%2e", "..%2f..", "%2e%2e%2fother", "..%5c..", "%252e%252e", "a%2fb", "a%5cb", "a..%2fb"),
        *("%00", "a%00b", "a%0a", "%0d%0aX-Injected:%201", "a%20", "%20a", "%ff", "%f0%9f%98%80", "%c2%a0"),
        *("UPPER", "-a", "a-", ".a", "a_b", "a;b", "a,b", "*", "'", '"', "a%3fb", "a%23b"),
        *("a" * 254, "a" * 5000),
    ],
)
async def test_a_trick_in_a_name_gets_no_further(
    untouched: httpx.AsyncClient, cluster: FakeCluster, name: str
) -> None:
    for suffix in ("", "/result", "/events", "/plot.svg", "/plot.png", "/checkpoint"):
        assert_problem(await untouched.get(f"{SIMULATIONS}/{NAMESPACE}/{name}{suffix}"), 400, 404)
        assert_problem(await untouched.get(f"{SIMULATIONS}/{name}/{NAME}{suffix}"), 400, 404)
    content = parquet()
    for suffix in ("/result", "/progress", "/checkpoint"):
        path = f"{SIMULATIONS}/{NAMESPACE}/{name}{suffix}"
        assert_problem(await untouched.put(path, content=content, headers=upload_headers(content)), 400, 404)
    assert_problem(await untouched.delete(f"{SIMULATIONS}/{NAMESPACE}/{name}"), 400, 404)
    assert_problem(await untouched.get(SIMULATIONS, params={"namespace": name}), 400)
    assert cluster.asked == []


@pytest.mark.parametrize("path", ["%2e%2e/__main__.py", "..%2f__main__.py", "%2fetc/passwd", "%00", "vendor"])
async def test_a_trick_in_the_path_of_a_file_finds_nothing(untouched: httpx.AsyncClient, path: str) -> None:
    assert_problem(await untouched.get(f"/page/{path}"), 404)


@pytest.mark.parametrize("path", METHODS)
async def test_a_wrong_method_is_405(untouched: httpx.AsyncClient, path: str) -> None:
    for method in ALL_METHODS:
        if method not in METHODS[path]:
            answer = await untouched.request(method, path)
            assert answer.status_code == 405, method
            assert set(answer.headers["Allow"].split(", ")) == METHODS[path], method


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        (RESULT, "every=0", "query.every"),
        (RESULT, "every=1.5", "query.every"),
        (RESULT, "every=", "query.every"),
        (RESULT, "points=1", "query.points"),
        (RESULT, "points=20001", "query.points"),
        (RESULT, "points=1e3", "query.points"),
        (RESULT, "from=soon", "query.from"),
        (RESULT, "from=nan", "query.from"),
        (RESULT, "from=1e400", "query.from"),
        (RESULT, "to=-inf", "query.to"),
        (RESULT, "from=2&to=1", "query.from"),
        (RESULT, "variables=%00", "query.variables"),
        (RESULT, "variables=" + "x" * 5000, "query.variables"),
        (RESULT, "format=json&orient=rows", "query.orient"),
        (RESULT, "format=jobManager&variables=Time%20%5Bs%5D", "query.variables"),
        (f"{SIMULATION}/plot.png", "width=0", "query.width"),
        (f"{SIMULATION}/plot.png", "width=99999999999999999999", "query.width"),
        (f"{SIMULATION}/plot.svg", "to=nan", "query.to"),
        (SIMULATIONS, "limit=0", "query.limit"),
        (SIMULATIONS, "limit=501", "query.limit"),
        (SIMULATIONS, "cursor=%ff", "query.cursor"),
        (SIMULATIONS, "cursor=W10=", "query.cursor"),
        (SIMULATIONS, "cursor=WzEsMiwzXQ==", "query.cursor"),
        (SIMULATIONS, "cursor=" + "W" * 1001, "query.cursor"),
        (SIMULATIONS, "phase=Nearly", "query.phase"),
        (SIMULATIONS, "protocol=dance", "query.protocol"),
        (SIMULATIONS, "label=a in (", "query.label"),
        (SIMULATIONS, "label=%f0%9f%98%80", "query.label"),
        (SIMULATIONS, "label=" + "a" * 1001, "query.label"),
        (SIMULATIONS, "q=" + "a" * 254, "query.q"),
        (f"{SIMULATIONS}/events", "since=-1", "Last-Event-ID"),
        (f"{SIMULATION}/events", "since=%d9%a1", "Last-Event-ID"),
        (f"{SIMULATION}/events", "since=" + "9" * 21, "Last-Event-ID"),
    ],
)
async def test_a_wrong_query_is_named(
    untouched: httpx.AsyncClient, path: str, query: str, field: str
) -> None:
    problem = assert_problem(await untouched.get(f"{path}?{query}"), 400)

    assert [error["field"].partition(".0")[0] for error in problem["errors"]] == [field]


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Authorization", b"", 401),
        ("Authorization", b"Bearer", 401),
        ("Authorization", b"Basic YTpi", 401),
        ("Authorization", b"Bearer \xff\xfe", 401),
        ("Authorization", b"Bearer " + b"x" * 20_000, 401),
        ("Accept", b"text/html", 406),
        ("Accept", b";;;,,,", 406),
        ("Accept", b"text/csv;q=much", 406),
        ("Accept", b"text/csv;q=nan", 406),
        ("Accept", b"\xff", 406),
        ("Accept", b"a" * 20_000, 406),
        ("Range", b"bytes=9999999-", 416),
        ("Range", b"bytes=-0", 416),
    ],
)
async def test_a_wrong_header_of_a_read_is_refused(
    untouched: httpx.AsyncClient, header: str, value: bytes, status: int
) -> None:
    assert_problem(await untouched.get(RESULT, headers={header: value}), status)


@pytest.mark.parametrize(
    "value", [b"x", b"bytes=5-2", b"bytes=0-1,3-4", b"bytes=\xff", b"bytes=" + b"9" * 400 + b"-"]
)
async def test_a_range_that_makes_no_sense_is_ignored(untouched: httpx.AsyncClient, value: bytes) -> None:
    """As RFC 9110 has it: the whole is sent."""
    answer = await untouched.get(RESULT, headers={"Range": value})

    assert (answer.status_code, answer.content) == (200, parquet())


@pytest.mark.parametrize("value", [b"abc", b"-1", b"1.5", b"1_0", b"\xb2", b"9" * 21])
async def test_a_wrong_id_of_an_event_is_refused(untouched: httpx.AsyncClient, value: bytes) -> None:
    for path in (f"{SIMULATIONS}/events", f"{SIMULATION}/events"):
        assert_problem(await untouched.get(path, headers={"Last-Event-ID": value}), 400)


@pytest.mark.parametrize("key", [b"", b" ", b'""', b"\xff", b"a" * 256, b"a\tb", b"a\x00b"])
async def test_a_wrong_idempotency_key_is_refused(untouched: httpx.AsyncClient, key: bytes) -> None:
    body = {"spec": {"cell": {"parameterSet": "Chen2020"}, "protocol": {"driveCycle": {"name": "US06"}}}}

    problem = assert_problem(
        await untouched.post(SIMULATIONS, json=body, headers={"Idempotency-Key": key}), 400
    )

    assert problem["errors"][0]["field"] == "Idempotency-Key"


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1000):
        yield b" " * 1000


@pytest.mark.parametrize("path", [SIMULATIONS, "/v1/validate"])
async def test_a_huge_body_without_a_length_is_refused(untouched: httpx.AsyncClient, path: str) -> None:
    headers = {"Content-Type": "application/json"}

    assert_problem(await untouched.post(path, content=chunks(2_000_000), headers=headers), 413)


@pytest.mark.parametrize("path", JOB_MANAGER)
async def test_a_huge_body_of_the_job_manager_is_a_failure(untouched: httpx.AsyncClient, path: str) -> None:
    answer = await untouched.post(
        path, content=chunks(2_000_000), headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()) == (200, failure(path))


@pytest.mark.parametrize("path", [SIMULATIONS, "/v1/validate", *JOB_MANAGER])
@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "json",
        "application/jsonx",
        "é",
        ";",
        "\x00",
    ],
)
async def test_another_type_of_content_is_refused(
    untouched: httpx.AsyncClient, path: str, content_type: str
) -> None:
    content = b'{"spec":{"cell":{"parameterSet":"Chen2020"},"protocol":{"driveCycle":{"name":"US06"}}}}'

    answer = await untouched.post(path, content=content, headers={"Content-Type": content_type.encode()})

    if path in JOB_MANAGER:
        assert answer.json() == failure(path)
    else:
        assert_problem(answer, 415)


async def test_of_a_long_path_the_log_has_the_beginning(
    untouched: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A thousand a second of 60 kB each would fill the disk of whoever keeps the log."""
    await untouched.get(f"{SIMULATIONS}/default/{'a' * 60_000}")
    await untouched.get(f"{SIMULATIONS}?namespace={'a' * 60_000}")

    assert len(caplog.records) == 2
    assert all(len(record.getMessage()) < 2000 for record in caplog.records)
