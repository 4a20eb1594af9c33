"""What answers mean."""

import httpx
import pytest

from batterysim.problem import InvalidSpecError
from batterysim_client.backends import http as http_module
from batterysim_client.backends.http import error_of, lines_of
from batterysim_client.errors import (
    AccessError,
    ClientError,
    ConflictError,
    NotFoundError,
    RefusedError,
    ServerWarning,
    UnreachableError,
)

from ..builders import http_to, kube_status, problem


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RefusedError),
        (401, AccessError),
        (403, AccessError),
        (404, NotFoundError),
        (409, ConflictError),
        (410, NotFoundError),
        (415, RefusedError),
        (429, UnreachableError),
        (500, UnreachableError),
        (503, UnreachableError),
    ],
)
@pytest.mark.parametrize("answer", [problem, kube_status])
def test_both_servers_answers_become_errors_with_their_words(
    answer, status: int, kind: type[ClientError]
) -> None:
    error = error_of(status, answer(status, "because").content, "the server")

    assert type(error) is kind
    assert str(error).startswith("the server: because")


async def test_what_the_api_server_warns_of_is_a_warning() -> None:
    said = [
        ("Warning", '299 - "namespace \\"x\\" is not served"'),
        ("Warning", '299 - "and more"'),
        ("Warning", "?"),
    ]
    server = http_to(lambda _: httpx.Response(201, json={}, headers=said))

    with pytest.warns(ServerWarning) as found:
        await server.json("POST", "/")

    assert [str(item.message) for item in found] == ['namespace "x" is not served', "and more"]


@pytest.mark.parametrize("content", [b"", b"<html>Bad gateway</html>", b"[]", b'"text"', b"\xff"])
def test_an_answer_of_neither_has_a_message_too(content: bytes) -> None:
    assert str(error_of(502, content, "a proxy")) == "a proxy: answer 502 without a reason; try again"


@pytest.mark.parametrize(
    "answer",
    [
        problem(422, "wrong", errors=[{"field": "spec.cell", "message": "required"}]),
        kube_status(422, "wrong", details={"causes": [{"field": "spec.cell", "message": "required"}]}),
    ],
)
def test_wrong_fields_are_told_one_by_one(answer: httpx.Response) -> None:
    error = error_of(422, answer.content, "the server")

    assert isinstance(error, InvalidSpecError)
    assert str(error) == "spec.cell: required"


async def test_reading_is_tried_again_and_writing_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "RETRY_SECONDS", (0.0, 0.0))
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        return problem(503, "busy") if len(calls) < 3 else httpx.Response(200, json={"a": 1})

    assert await http_to(answer).json("GET", "/x") == {"a": 1}
    calls.clear()
    with pytest.raises(UnreachableError, match="the server: busy; try again"):
        await http_to(answer).json("POST", "/x")
    assert calls == ["POST"]


async def test_no_answer_says_who_did_not_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "RETRY_SECONDS", ())

    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with pytest.raises(UnreachableError, match=r"^the server cannot be reached: connection refused$"):
        await http_to(refuse).json("GET", "/x")


async def test_an_answer_that_is_no_json_is_shown_with_who_sent_it() -> None:
    http = http_to(lambda _: httpx.Response(200, html="<html>Please log in</html>"))

    message = (
        r"^the server: the answer is not JSON, but begins with b'<html>Please log in</html>': is this the"
    )
    with pytest.raises(RefusedError, match=message):
        await http.json("GET", "/x")


async def test_only_a_newline_ends_a_line() -> None:
    async def pieces():
        for piece in ("a\u2028b\u0085", "c\n", "\nd\ne"):
            yield piece.encode()

    lines = [line.decode() async for line in lines_of(httpx.Response(200, content=pieces()))]

    assert lines == ["a\u2028b\u0085c", "d", "e"]
