"""The sweeps in YAML files, and those that a command makes of a simulation."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from batterysim import names
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.sweep.checks import parse_sweep
from batterysim.sweep.spec import BatterySweepSpec
from batterysim_cli.manifests.config_maps import ConfigMaps
from batterysim_cli.manifests.files import (
    Document,
    Raw,
    Refusal,
    Runnable,
    Skipped,
    of_other_kind,
    read_all,
    read_document,
    refusal_of_none,
)
from batterysim_cli.manifests.manifest import name_of, parse_sweep_manifest
from batterysim_cli.manifests.overrides import ROOT, Override, apply_overrides

OPTION_EXAMPLE = "spec.protocol.constantCurrent.cRate=0.5,1,2"


class RunnableSweep(NamedTuple):
    """A sweep that can be run."""

    file: str
    name: str
    spec: BatterySweepSpec


SweepDocument = RunnableSweep | Refusal | Skipped


def read_sweeps(paths: Iterable[Path], overrides: Sequence[Override] = ()) -> list[SweepDocument]:
    """Return the sweeps in the files, in order; see files.read_files."""
    paths = list(paths)
    found, config_maps = read_all(paths)
    documents = [
        _read(item, overrides, config_maps, is_limited=False) if isinstance(item, Raw) else item
        for item in found
    ]
    return documents + refusal_of_none(paths, documents, names.SWEEP_KIND)


def read_both(paths: Iterable[Path], overrides: Sequence[Override] = ()) -> list[Document | RunnableSweep]:
    """Return the simulations and the sweeps in the files, in order; see files.read_files. They keep to what a
    cluster takes.
    """
    paths = list(paths)
    found, config_maps = read_all(paths)
    documents: list[Document | RunnableSweep] = []
    for item in found:
        if not isinstance(item, Raw):
            documents.append(item)
        elif isinstance(item.content, dict) and item.content.get("kind") == names.SWEEP_KIND:
            documents.append(_read(item, overrides, config_maps))
        else:
            documents.append(read_document(item, overrides, config_maps))
    return documents + refusal_of_none(paths, documents, f"{names.KIND} or {names.SWEEP_KIND}")


def sweep_of(simulation: Runnable, options: Sequence[str]) -> RunnableSweep | Refusal:
    """Return a grid over a simulation.

    options: paths with their values, as in OPTION_EXAMPLE.
    """
    try:
        vary = [_variation(option) for option in options]
        raw = {"simulation": simulation.spec.physics(), "vary": vary, "design": {"grid": {}}}
        return RunnableSweep(simulation.file, simulation.name, parse_sweep(raw))
    except InvalidSpecError as error:
        return Refusal(simulation.file, simulation.name, error.problems)


def _read(
    document: Raw, overrides: Sequence[Override], config_maps: ConfigMaps, *, is_limited: bool = True
) -> SweepDocument:
    file, raw = document
    if (other := of_other_kind(document, names.SWEEP_KIND)) is not None:
        return other
    try:
        changed = apply_overrides(raw, overrides)
        read = config_maps.reader(raw)
        return RunnableSweep(file, *parse_sweep_manifest(changed, read, is_limited=is_limited))
    except InvalidSpecError as error:
        return Refusal(file, name_of(raw), error.problems)


def _variation(option: str) -> dict[str, Any]:
    path, equals, listed = option.partition("=")
    field = path.strip().removeprefix(f"{ROOT}.")
    if not equals or field == path.strip():
        raise _wrong(option, f"needs a path that begins with {ROOT} and values, as in {OPTION_EXAMPLE}")
    words = [word.strip() for word in listed.split(",")]
    if "" in words:
        hint = "write one, or remove its comma" if len(words) > 1 else "write one"
        raise _wrong(option, f"value {words.index('') + 1} of {len(words)} is empty: {hint}")
    numbers = [_number(word) for word in words]
    found = [number for number in numbers if number is not None]
    if not found:
        return {"field": field, "words": words}
    if None in numbers:
        place = numbers.index(None)
        number = next(word for word in words if _number(word) is not None)
        message = f"value {place + 1} of {len(words)}, {words[place]!r}, is no number, as {number!r} is"
        raise _wrong(option, f"{message}: write only numbers, or only words")
    return {"field": field, "values": found}


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _wrong(option: str, message: str) -> InvalidSpecError:
    return InvalidSpecError([Problem(FailureReason.INVALID_SPEC, f"--sweep {option}", message)])
