"""Contents that a spec does not hold but refers to: a BPX file, a profile or a table in a ConfigMap.

Callers with access to the ConfigMaps inline their contents, so the rest of the code only sees inline specs.
The operator may not read ConfigMaps; it mounts them into the runner's pod, which does.
"""

import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.bpx import compact, read_bpx
from batterysim.spec.documents.reference import ConfigMapKeyReference

REFERENCE = "configMapKeyRef"

MAX_SPEC_BYTES = 250_000
"""The runner reads the spec through the downward API, and all annotations of a pod have 256 KiB together."""


class ContentReference(NamedTuple):
    """A content that is somewhere else.

    path: of the object in the spec that has the reference, such as ("cell", "bpx").
    name, key: of the ConfigMap.
    file: where the runner's pod has it, below its directory of inputs.
    """

    path: tuple[str, ...]
    name: str
    key: str
    file: str

    @property
    def field(self) -> str:
        """The reference's own place in the spec."""
        return f"{_field(self.path)}.{REFERENCE}"


class UnreadableContentError(Exception):
    """A content is not there or is no text. The message is for a person and says what to do."""


Reader = Callable[[ContentReference], str]
"""Returns a content's text. Raises UnreadableContentError."""


class Place(NamedTuple):
    """Where a content may be.

    path: of the object in the spec that has it.
    content: the field with the content itself.
    file: where the runner's pod has it if it is in a ConfigMap, below its directory of inputs.
    parse: what a text becomes as the content. ValueError: it is none.
    """

    path: tuple[str, ...]
    content: str
    file: str
    parse: Callable[[str], Any]


def places(raw_spec: Mapping[str, Any]) -> Iterator[Place]:
    """Yield the places of a spec where a content may be."""
    yield Place(("cell", "bpx"), "document", "references/bpx.json", lambda text: compact(read_bpx(text)))
    yield Place(("protocol", "profile"), "csv", "references/profile.csv", str)
    yield Place(("cell", "ambientTemperatureProfile"), "csv", "references/ambient-temperature.csv", str)
    for name in map(str, _holder(raw_spec, ("cell", "functions"))):
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        yield Place(("cell", "functions", name), "table", f"references/function-{digest}.csv", str)
    for number in range(len(_items(raw_spec, ("output", "measured")))):
        yield Place(("output", "measured", str(number)), "csv", f"references/measured-{number}.csv", str)
    experiment = ("protocol", "experiment")
    yield from _of_steps(raw_spec, experiment, "step")
    for number in range(len(_items(raw_spec, (*experiment, "blocks")))):
        yield from _of_steps(raw_spec, (*experiment, "blocks", str(number)), f"block-{number}-step")


def _of_steps(raw_spec: Mapping[str, Any], holder: tuple[str, ...], file: str) -> Iterator[Place]:
    """Yield the profiles of steps."""
    steps = (*holder, "structuredSteps")
    for number, step in enumerate(_items(raw_spec, steps)):
        if isinstance(step, Mapping) and isinstance(step.get("profile"), Mapping):
            path = (*steps, str(number), "profile")
            yield Place(path, "csv", f"references/{file}-{number}.csv", str)


def references(raw_spec: Mapping[str, Any]) -> list[ContentReference]:
    """Return what a spec refers to. A reference that makes no sense is left to the spec's own validation."""
    return [ref for place in places(raw_spec) if (ref := _reference(raw_spec, place)) is not None]


def resolve(raw_spec: Mapping[str, Any], read: Reader) -> Mapping[str, Any]:
    """Return the spec with each content in the place of its reference.

    Raises:
        InvalidSpecError: a content is not there, or not what belongs there.
    """
    resolved = copy.deepcopy(raw_spec)
    problems = []
    for place in places(raw_spec):
        if (reference := _reference(raw_spec, place)) is None:
            continue
        try:
            content = place.parse(read(reference))
        except (UnreadableContentError, ValueError) as error:
            message = f"key {reference.key!r} of ConfigMap {reference.name!r} {error}"
            problems.append(Problem(FailureReason.INVALID_SPEC, reference.field, message))
            continue
        holder: Any = _holder(resolved, place.path)
        del holder[REFERENCE]
        holder[place.content] = content
    if problems:
        raise InvalidSpecError(problems)
    return resolved


def size_problems(raw_spec: Mapping[str, Any]) -> list[Problem]:
    """Return whether a spec is too long to reach its runner."""
    size = len(json.dumps(raw_spec, separators=(",", ":"), default=str))
    if size <= MAX_SPEC_BYTES:
        return []
    inline = [place for place in places(raw_spec) if _length(raw_spec, place)]
    longest = max(inline, key=lambda place: _length(raw_spec, place), default=None)
    field = "spec" if longest is None else f"{_field(longest.path)}.{longest.content}"
    remedy = f"put it into a ConfigMap and name that in {REFERENCE}" if inline else "shorten it"
    message = f"with it the spec has {size} characters of JSON, more than {MAX_SPEC_BYTES}: {remedy}"
    return [Problem(FailureReason.INVALID_SPEC, field, message)]


def _length(raw_spec: Mapping[str, Any], place: Place) -> int:
    content = _holder(raw_spec, place.path).get(place.content)
    return 0 if content is None else len(content) if isinstance(content, str) else 1


def _reference(raw_spec: Mapping[str, Any], place: Place) -> ContentReference | None:
    holder = _holder(raw_spec, place.path)
    if place.content in holder or REFERENCE not in holder:
        return None
    try:
        named = ConfigMapKeyReference.model_validate(holder[REFERENCE])
    except ValidationError:
        return None
    return ContentReference(place.path, named.name, named.key, place.file)


def _field(path: tuple[str, ...]) -> str:
    """Return a path as messages have it: a name that is no field is in brackets and quotes."""
    return "spec" + "".join(
        f".{part}" if part.isidentifier() or part.isdecimal() else f"[{part!r}]" for part in path
    )


def _holder(raw_spec: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the object at a path, an empty one where there is none."""
    node = node_at(raw_spec, path)
    return node if isinstance(node, Mapping) else {}


def _items(raw_spec: Mapping[str, Any], path: tuple[str, ...]) -> list[Any]:
    """Return the list at a path, an empty one where there is none."""
    node = node_at(raw_spec, path)
    return node if isinstance(node, list) else []


def node_at(raw_spec: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return what is at a path, in which numbers count items of lists; None where there is nothing."""
    node: Any = raw_spec
    for part in path:
        if isinstance(node, list) and part.isdecimal() and int(part) < len(node):
            node = node[int(part)]
        else:
            node = node.get(part) if isinstance(node, Mapping) else None
    return node
