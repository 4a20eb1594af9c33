"""Contents as programs in Python have them: a path of a file, a data frame, or a text of any length.

A spec as JSON has text, and of limited length. So a path is read, a data frame is written as CSV, and where
the whole is too long, contents go out of the spec again and are referred to.
"""

import copy
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.contents import (
    REFERENCE,
    ContentReference,
    Place,
    UnreadableContentError,
    node_at,
    places,
)

NAME_PREFIX = "batterysim-inputs-"
NAME_DIGITS = 20
TABLE_OF_DESIGN = ("design", "table")


@runtime_checkable
class Frame(Protocol):
    """A pandas data frame or series, as far as it is needed here."""

    def to_csv(self, *, index: bool) -> str | None:
        """Return the table as CSV, with its headings."""

    def reset_index(self) -> "Frame":
        """Return the table with its index as the first column."""


class SetApart(NamedTuple):
    """A spec that refers to its contents, and the contents.

    name: of the ConfigMap that the spec refers to; the same contents have the same name.
    contents: by the keys of this ConfigMap.
    """

    spec: Mapping[str, Any]
    name: str
    contents: Mapping[str, str]

    def read(self, reference: ContentReference) -> str:
        """Return a content that the spec refers to.

        Raises:
            UnreadableContentError: it is in another ConfigMap.
        """
        if reference.name != self.name:
            raise UnreadableContentError(
                "is out of reach here: give the content itself, as text, a path or a data frame"
            )
        return self.contents[reference.key]


def with_texts(raw_spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a spec with each path and data frame as the text that it stands for.

    Raises:
        InvalidSpecError: names each file that cannot be read.
    """
    return _with_texts(raw_spec, places(raw_spec))


def with_texts_of_sweep(raw_spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the spec of a sweep with each path and data frame as the text that it stands for.

    Raises:
        InvalidSpecError: names each file that cannot be read.
    """
    return _with_texts(raw_spec, _places_of_sweep(raw_spec))


def _places_of_sweep(raw_spec: Mapping[str, Any]) -> Iterator[Place]:
    simulation, metrics = raw_spec.get("simulation"), raw_spec.get("metrics")
    for place in places(simulation) if isinstance(simulation, Mapping) else ():
        yield place._replace(path=("simulation", *place.path))
    yield Place(TABLE_OF_DESIGN, "csv", "", str)
    for number in range(len(metrics) if isinstance(metrics, list) else 0):
        yield Place(("metrics", str(number), "against"), "csv", "", str)


def _with_texts(raw_spec: Mapping[str, Any], possible: Iterable[Place]) -> Mapping[str, Any]:
    found = [place for place in possible if not isinstance(_content(raw_spec, place), str | None)]
    if not found:
        return raw_spec
    # Not a deep copy, which would copy data frames.
    changed = dict(raw_spec)
    problems = []
    for place in found:
        try:
            changed = _with_content(changed, place, _text(place, _content(raw_spec, place)))
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
            message = f"{str(_content(raw_spec, place))!r} cannot be read: {reason}"
            problems.append(
                Problem(FailureReason.INVALID_SPEC, ".".join(("spec", *place.path, place.content)), message)
            )
    if problems:
        raise InvalidSpecError(problems)
    return changed


def set_apart(raw_spec: Mapping[str, Any]) -> SetApart:
    """Return a spec whose contents are out of it, however long they are. References stay as they are."""
    contents = {
        Path(place.file).name: (place, text)
        for place in places(raw_spec)
        if isinstance(text := _content(raw_spec, place), str)
    }
    digest = hashlib.sha256(repr(sorted((key, text) for key, (_, text) in contents.items())).encode())
    name = f"{NAME_PREFIX}{digest.hexdigest()[:NAME_DIGITS]}"
    spec = copy.deepcopy(dict(raw_spec))
    for key, (place, _) in contents.items():
        holder = node_at(spec, place.path)
        del holder[place.content]
        holder[REFERENCE] = {"name": name, "key": key}
    return SetApart(spec, name, {key: text for key, (_, text) in contents.items()})


def _content(raw_spec: Mapping[str, Any], place: Place) -> Any:
    return node_at(raw_spec, (*place.path, place.content))


def _with_content(node: Mapping[str, Any], place: Place, text: Any) -> dict[str, Any]:
    changed = dict(node)
    inner: Any = changed
    for part in place.path:
        key: Any = int(part) if isinstance(inner, list) else part
        inner[key] = copy.copy(inner[key])
        inner = inner[key]
    inner[place.content] = text
    return changed


def _text(place: Place, content: Any) -> Any:
    """Return the text that something stands for; what is none of both stays, for the validation to say so."""
    if isinstance(content, Path):
        return content.read_text("utf-8")
    if isinstance(content, Frame):
        # Of a single column the index is the other one, as of a series over time; a design has no such index.
        columns = getattr(content, "columns", None)
        is_series = place.path != TABLE_OF_DESIGN and (columns is None or len(columns) == 1)
        frame = content.reset_index() if is_series else content
        return frame.to_csv(index=False)
    return content
