"""The simulations in YAML files, their errors, and the other documents."""

import errno
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import yaml

from batterysim import names
from batterysim.checks.strict_yaml import StrictLoader
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_cli.manifests.config_maps import ConfigMaps, is_config_map
from batterysim_cli.manifests.manifest import name_of, parse_manifest, parse_sweep_manifest
from batterysim_cli.manifests.overrides import Override, apply_overrides


class Runnable(NamedTuple):
    """A simulation that can be run."""

    file: str
    name: str
    spec: BatterySimulationSpec


class Manifest(NamedTuple):
    """A simulation or a sweep as it is written, for a cluster, which has the contents that it refers to."""

    file: str
    name: str
    content: Mapping[str, Any]

    @property
    def is_sweep(self) -> bool:
        """Whether it is a BatterySweep."""
        return bool(self.content.get("kind") == names.SWEEP_KIND)


class Refusal(NamedTuple):
    """A file or a document that cannot be used; without a name when none could be found.

    is_unreadable: whether the file itself could not be read.
    """

    file: str
    name: str | None
    problems: list[Problem]
    is_unreadable: bool = False


class UnreadableFilesError(OSError):
    """Files that cannot be read, so that nothing is begun with the others either."""


class Skipped(NamedTuple):
    """An object of another kind."""

    file: str
    kind: str


class Raw(NamedTuple):
    """A document as it is written."""

    file: str
    content: Any


class Named(Protocol):
    """Something that is run, and leaves its results under its name."""

    @property
    def file(self) -> str:
        """The file that it is in."""

    @property
    def name(self) -> str:
        """The beginning of the names of its files."""


Document = Runnable | Refusal | Skipped
Item = TypeVar("Item", bound=Named)
STANDARD_INPUT = Path("-")


def read_files(paths: Iterable[Path], overrides: Sequence[Override] = ()) -> list[Document]:
    """Return what is in the files, in order. Nothing is raised: an error is returned as a Refusal. ConfigMaps
    are not returned: their contents are put into the simulations that refer to them.
    """
    paths = list(paths)
    found, config_maps = read_all(paths)
    documents = [
        read_document(item, overrides, config_maps) if isinstance(item, Raw) else item for item in found
    ]
    return documents + refusal_of_none(paths, documents, names.KIND)


def read_manifests(
    paths: Iterable[Path], overrides: Sequence[Override] = (), name: str | None = None
) -> list[Manifest | Refusal | Skipped]:
    """Return what is in the files, in order, to be sent to a cluster. An error is returned as a Refusal.

    name: instead of that in the files.
    """
    paths = list(paths)
    documents = [
        _read_manifest(item, overrides, name) if isinstance(item, Raw) else item
        for path in paths
        for item in read_raw(path)
    ]
    return documents + refusal_of_none(paths, documents, names.KIND)


def refusal_of_none(paths: Sequence[Path], documents: Sequence[object], kind: str) -> list[Refusal]:
    """Return a refusal if there is nothing of a kind in the files."""
    if not all(isinstance(document, Skipped) for document in documents):
        return []
    message = f"has no {kind} in it: add one, or give another file"
    return [Refusal(", ".join(map(str, paths)), None, [_problem("file", message)])]


def require_readable(documents: Iterable[object]) -> None:
    """Return if all files could be read.

    Raises:
        UnreadableFilesError: names those that could not.
    """
    lost = [item for item in documents if isinstance(item, Refusal) and item.is_unreadable]
    if lost:
        raise UnreadableFilesError("; ".join(f"{item.file} {item.problems[0].message}" for item in lost))


def refuse_repeated_names(documents: Iterable[Item | Refusal | Skipped]) -> list[Item | Refusal | Skipped]:
    """Let nothing that is run overwrite the results of something else of the same name."""
    documents = list(documents)
    counts = Counter(document.name for document in documents if not isinstance(document, Refusal | Skipped))
    return [
        document
        if isinstance(document, Refusal | Skipped) or counts[document.name] == 1
        else _repeated(document)
        for document in documents
    ]


def _repeated(document: Named) -> Refusal:
    message = f"{document.name!r} occurs more than once, and results would overwrite each other: rename one"
    return Refusal(document.file, document.name, [_problem("metadata.name", message)])


def read_all(paths: Iterable[Path]) -> tuple[list[Raw | Refusal], ConfigMaps]:
    """Return the documents of the files, in order, and apart from them the ConfigMaps."""
    found = [document for path in paths for document in read_raw(path)]
    config_maps = ConfigMaps(raw.content for raw in found if isinstance(raw, Raw))
    others = [item for item in found if not (isinstance(item, Raw) and is_config_map(item.content))]
    return others, config_maps


def read_raw(path: Path) -> Iterator[Raw | Refusal]:
    """Yield the documents of a file, whatever they are."""
    file = str(path)
    try:
        text = _read_standard_input() if path == STANDARD_INPUT else path.read_text("utf-8")
        contents = [raw for raw in yaml.load_all(text, StrictLoader) if raw is not None]
    except OSError as error:
        problem = _problem("file", f"cannot be read: {error.strerror}")
        yield Refusal(file, None, [problem], is_unreadable=True)
        return
    except UnicodeDecodeError:
        yield Refusal(file, None, [_problem("file", "must be text in UTF-8: save it as such")])
        return
    except yaml.YAMLError as error:
        yield Refusal(file, None, [_yaml_problem(error)])
        return
    yield from (Raw(file, content) for content in contents)


def _read_standard_input() -> str:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    return sys.stdin.read()


def read_document(document: Raw, overrides: Sequence[Override], config_maps: ConfigMaps) -> Document:
    """Return a document as a simulation, or why it is none."""
    file, raw = document
    if (other := of_other_kind(document, names.KIND)) is not None:
        return other
    try:
        return Runnable(file, *parse_manifest(apply_overrides(raw, overrides), config_maps.reader(raw)))
    except InvalidSpecError as error:
        return Refusal(file, name_of(raw), error.problems)


def _read_manifest(
    document: Raw, overrides: Sequence[Override], name: str | None
) -> Manifest | Refusal | Skipped:
    file, raw = document
    other = of_other_kind(document, names.KIND)
    is_sweep = isinstance(other, Skipped) and other.kind == names.SWEEP_KIND
    if other is not None and not is_sweep:
        return other
    try:
        content = apply_overrides(raw, overrides)
        if name is not None:
            content = {**content, "metadata": {**(content.get("metadata") or {}), "name": name}}
        found, _ = parse_sweep_manifest(content, None) if is_sweep else parse_manifest(content, None)
    except InvalidSpecError as error:
        return Refusal(file, name_of(raw), error.problems)
    return Manifest(file, found, content)


def of_other_kind(document: Raw, kind: str) -> Refusal | Skipped | None:
    """Return what a document is if it is not of this kind; None: it is."""
    file, raw = document
    if not isinstance(raw, dict) or "kind" not in raw:
        message = f"required, but absent: begin with apiVersion: {names.API_VERSION} and kind: {kind}"
        return Refusal(file, name_of(raw) if isinstance(raw, dict) else None, [_problem("kind", message)])
    return None if raw["kind"] == kind else Skipped(file, str(raw["kind"]))


def _problem(field: str, message: str) -> Problem:
    return Problem(FailureReason.INVALID_SPEC, field, message)


def _yaml_problem(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    where = "file" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
    return _problem(where, f"not YAML: {getattr(error, 'problem', None) or error}")
