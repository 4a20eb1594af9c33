"""Objects as the API server sends them, decoded one by one and no further than is needed.

An object may have 1.5 MB, which become up to thirty times as much in Python's memory, and may be nested as
deep as the API server allows. So lists are cut into their items before any is decoded, and what cannot be
decoded is one object, never the list or the watch that it comes in.
"""

import gc
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct, field
from msgspec.json import decode

Json = dict[str, Any]

UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError, KeyError, TypeError, AttributeError)
"""What reading an object may raise, whatever is in it."""

SKETCH_BYTES = 4096
"""Of each field of a spec."""
SKETCHED = "sketched"
"""On a lean object whose spec is not all there."""
SKETCH_LEVELS = 3

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_NOTES = ("managedFields",)
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[][{}]')
_NAME_IN_TEXT = re.compile(rb'"(namespace|name)":\s*"([-a-z0-9.]{1,253})"')


class Page(NamedTuple):
    """A page of a list. `proceed` asks for the next one, and is empty on the last."""

    items: list[bytes]
    resource_version: str
    proceed: str


class Event(NamedTuple):
    """One line of a watch, its object not decoded yet."""

    type: str
    item: bytes


class _ListMetadata(Struct):
    resource_version: str = field(name="resourceVersion", default="")
    proceed: str = field(name="continue", default="")


class _List(Struct):
    metadata: _ListMetadata
    items: list[Raw] | None = None


class _Event(Struct):
    type: str
    item: Raw = field(name="object")


def read_page(body: bytes) -> Page:
    """Cut a list into its items.

    Raises:
        ValueError: it is no list.
    """
    try:
        found = decode(body, type=_List)
        items = [bytes(item) for item in found.items or ()]
    except msgspec.DecodeError as error:
        raise ValueError(f"the API server's answer is no list: {error}") from error
    except RecursionError:  # an item is too deep: the list is cut without going down into it
        begin, end, items = _cut(body)
        found = decode(body[:begin] + body[end:], type=_List)
    return Page(items, found.metadata.resource_version, found.metadata.proceed)


def read_event(line: bytes) -> Event:
    """Read one line of a watch.

    Raises:
        One of UNREADABLE.
    """
    found = decode(line, type=_Event)
    return Event(found.type, bytes(found.item))


def read_document(text: bytes) -> Any:
    """Decode a whole document.

    Without the collector of cyclic garbage, which looks at the half-made document again and again: 0.8 MB
    of small lists take 0.03 s instead of 0.4 s.

    Raises:
        ValueError, RecursionError: it is no JSON, or too deep.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return json.loads(text)
    finally:
        if was_enabled:
            gc.enable()


def lean_object(item: bytes) -> Json:
    """Decode an object's metadata, without the notes of other programs, its status, and a sketch of its spec.

    Each field of the spec is sketched: what is small in it is there, and the rest is None.

    Raises:
        One of UNREADABLE.
    """
    parts = decode(item, type=dict[str, Raw])
    spec = decode(parts.pop("spec", Raw(b"null")), type=dict[str, Raw] | None) or {}
    lean = {key: decode(part) for key, part in parts.items() if key != "metadata"}
    lean["metadata"] = _metadata(parts["metadata"])
    sketches = {key: _Sketch(part) for key, part in spec.items()}
    lean["spec"] = {key: sketch.value for key, sketch in sketches.items()}
    if any(sketch.lacks_something for sketch in sketches.values()):
        lean[SKETCHED] = True
    return lean


def is_whole(lean: Mapping[str, Any]) -> bool:
    """Tell whether nothing of its spec was left out of a lean object."""
    return SKETCHED not in lean


def lean_metadata(item: bytes) -> Json:
    """Decode an object's metadata only, without the notes of other programs, as a document of its own.

    Raises:
        One of UNREADABLE.
    """
    return {"metadata": _metadata(decode(item, type=dict[str, Raw])["metadata"])}


def name_in(item: bytes) -> str:
    """Return the name of an object that cannot be read, as well as can be told: `lab/cell-1`."""
    found = {key: value.decode() for key, value in reversed(_NAME_IN_TEXT.findall(item))}
    return (
        "/".join(found[key] for key in (b"namespace", b"name") if key in found) or "an object without a name"
    )


def _metadata(raw: Raw) -> Json:
    parts = decode(raw, type=dict[str, Raw])
    metadata: Json = {key: decode(part) for key, part in parts.items() if key not in _NOTES}
    annotations = metadata.get("annotations")
    if annotations and annotations.pop(_LAST_APPLIED, None) is not None and not annotations:
        del metadata["annotations"]
    return metadata


class _Sketch:
    """The small parts of a document, as far as some bytes of them reach."""

    def __init__(self, raw: Raw) -> None:
        self._left = SKETCH_BYTES
        self.lacks_something = False
        self.value = self._draw(raw, SKETCH_LEVELS)

    def _draw(self, raw: Raw, levels: int) -> Any:
        text = bytes(raw)
        if len(text) <= self._left:
            self._left -= len(text)
            return decode(text)
        if levels > 0 and text[:1] == b"{":
            return {
                key: self._draw(part, levels - 1) for key, part in decode(text, type=dict[str, Raw]).items()
            }
        self.lacks_something = True
        return None


def _cut(body: bytes) -> tuple[int, int, list[bytes]]:
    """Return where a list's items begin and end, and the items. Slow, but not stopped by any depth."""
    items: list[bytes] = []
    depth, begin, start, last = 0, 0, 0, b""
    for token, position in _tokens(body):
        if token in (b"{", b"["):
            depth += 1
            if depth == 2 and token == b"[" and last == b'"items"':
                begin = position + 1
            elif depth == 3 and begin:
                start = position
        elif token in (b"}", b"]"):
            depth -= 1
            if depth == 2 and begin:
                items.append(body[start : position + 1])
            elif depth == 1 and begin:
                return begin, position, items
        last = token
    raise ValueError("the API server's answer is no list")


def _tokens(body: bytes) -> Iterator[tuple[bytes, int]]:
    for match in _TOKEN.finditer(body):
        yield match.group(), match.start()
