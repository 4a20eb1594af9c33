"""A request's body: JSON or YAML, read so strictly that nobody else reads it differently.

No key twice, no NaN, no bytes that are not UTF-8, no YAML aliases (a few lines can stand for more than memory
holds), nothing that JSON cannot say.
"""

import asyncio
import json
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import yaml
from starlette.requests import Request

from batterysim.checks.strict_yaml import StrictYaml
from batterysim_bridge.http.problem import (
    BAD_REQUEST,
    STALLED,
    TOO_LARGE,
    UNSUPPORTED_TYPE,
    FieldError,
    ProblemError,
    wrong_fields,
)

JSON_TYPE = "application/json"
YAML_TYPE = "application/yaml"
BODY_SECONDS = 30.0
# A spec is some ten levels deep; a model's options and BPX documents are not deeper.
MAX_DEPTH = 50
# What Kubernetes itself takes for a whole number.
INTEGERS = range(-(2**63), 2**63)


class Body(NamedTuple):
    """A request's body, unread."""

    content: bytes
    media_type: str


async def read_body(request: Request, max_bytes: int) -> Body:
    """Return a request's body.

    Raises:
        ProblemError: it is too large, or of another type.
    """
    media_type = _media_type(request)
    return Body(await read_content(request, max_bytes), media_type)


def parse_document(body: Body) -> dict[str, Any]:
    """Return the object in a request's body. YAML takes a second or two for a megabyte.

    Raises:
        ProblemError: it is malformed, or no object.
    """
    content, media_type = body
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _malformed(
            f"the content is not UTF-8: byte {error.start} is {content[error.start]:#04x}"
        ) from error
    value = parse_yaml(text) if media_type == YAML_TYPE else parse_json(text)
    if not isinstance(value, dict):
        raise _malformed(f"send an object with a spec, not {_kind(value)}")
    return value


def parse_json(text: str) -> Any:
    """Return what JSON text says.

    Raises:
        ProblemError: it is not JSON, or means different things to different readers.
    """
    try:
        value = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise _malformed(
            f"the content is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        ) from error
    except RecursionError as error:
        raise _malformed(f"the content is more than {MAX_DEPTH} levels deep") from error
    except ValueError as error:
        # Python's own limit to the digits of a number.
        raise _malformed("the content has a number with too many digits") from error
    _check(value, "", 0)
    return value


def parse_yaml(text: str) -> Any:
    """Return the content of YAML text with one document.

    Raises:
        ProblemError: it is not YAML, or says what JSON cannot say.
    """
    try:
        _check_events(yaml.parse(text, Loader=_Loader))
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" in line {mark.line + 1}, column {mark.column + 1}"
        raise _malformed(
            f"the content is not YAML: {getattr(error, 'problem', None) or error}{where}"
        ) from error
    except ValueError as error:
        raise _malformed(f"the content is not YAML: {error}") from error
    _check(value, "", 0)
    return value


def _media_type(request: Request) -> str:
    header = request.headers.get("content-type", "")
    media_type, _, parameters = (part.strip().lower() for part in header.partition(";"))
    charset = parameters.removeprefix("charset=").strip('"') if parameters else "utf-8"
    if media_type not in (JSON_TYPE, YAML_TYPE) or charset not in ("utf-8", "us-ascii"):
        raise ProblemError(
            UNSUPPORTED_TYPE, f"Content-Type is {header!r}: send {JSON_TYPE} or {YAML_TYPE} in UTF-8"
        )
    if (encoding := request.headers.get("content-encoding", "identity")) != "identity":
        raise ProblemError(UNSUPPORTED_TYPE, f"Content-Encoding is {encoding!r}: send the content as it is")
    return media_type


async def read_content(request: Request, max_bytes: int) -> bytes:
    """Return a request's body.

    Raises:
        ProblemError: it is too large, or does not arrive.
    """
    content = bytearray()
    is_too_large = False
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                # Read to the end, because a client that is still sending when the connection is closed does
                # not see its answer.
                is_too_large = is_too_large or len(content) + len(chunk) > max_bytes
                if not is_too_large:
                    content += chunk
    except TimeoutError as error:
        if not is_too_large:
            raise ProblemError(STALLED, f"the content did not arrive within {BODY_SECONDS:g} s") from error
    if is_too_large:
        raise ProblemError(TOO_LARGE, f"more than the {max_bytes} accepted bytes")
    return bytes(content)


def _check(value: Any, path: str, depth: int) -> None:
    """Refuse what Kubernetes could not be told as JSON."""
    if depth > MAX_DEPTH:
        raise _malformed(f"the content is more than {MAX_DEPTH} levels deep")
    match value:
        case dict():
            _check_members(value, path, depth)
        case list():
            for number, item in enumerate(value):
                _check(item, f"{path}[{number}]", depth + 1)
        case str():
            _check_text(value, path)
        case bool() | None:
            pass
        case int():
            if value not in INTEGERS:
                raise _wrong(path, "must be a number that fits into 64 bits")
        case float():
            if not math.isfinite(value):
                raise _wrong(path, f"must be a finite number, not {value}")
        case _:
            raise _wrong(path, f"is {_kind(value)}, which JSON does not have")


def _check_members(members: dict[Any, Any], path: str, depth: int) -> None:
    for key, item in members.items():
        if not isinstance(key, str):
            raise _wrong(path, f"has the key {key!r}, which is not text: put it into quotation marks")
        _check_text(key, path)
        _check(item, f"{path}.{key}" if path else key, depth + 1)


def _check_text(text: str, path: str) -> None:
    # A lone surrogate: JSON can escape one, and UTF-8 cannot say it.
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise _wrong(path, "has half a character (a lone surrogate)")


def _check_events(events: Iterable[Any]) -> None:
    """Refuse what would cost much to build before it is built."""
    depth = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise _malformed(f"the content has an alias in line {line}: write out its value")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _malformed(f"the content is more than {MAX_DEPTH} levels deep in line {line}")


class _Loader(StrictYaml, yaml.CSafeLoader):
    """In C, for large documents."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _malformed(f"the key {name!r} occurs twice: remove one")
        members[name] = value
    return members


def _kind(value: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _wrong(path: str, message: str) -> ProblemError:
    return wrong_fields(BAD_REQUEST, [FieldError(path or "body", message)])


def _malformed(detail: str) -> ProblemError:
    return ProblemError(BAD_REQUEST, detail)
