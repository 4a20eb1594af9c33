"""A compiled simulation as a file: a line of JSON that says what it is, then its functions, compressed.

Some functions may be in machine code, in a shared library of the same name next to it.

It is made with the image and read from the image alone: CasADi's parser of functions is native code, which
nobody but the builder may feed.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import casadi

from batterysim.results import Column
from batterysim_runner.compiled.shape import Control, Shape

SUFFIX = ".compiled"
LIBRARY_SUFFIX = ".so"
LEVEL = 9


class StaleFileError(Exception):
    """A compiled simulation was made of something else than what is installed. The message says which."""


class Inputs(NamedTuple):
    """The numbers that the equations take.

    names: of all of them, in their order; a table's are TABLE_TIMES and TABLE_VALUES, each of many numbers.
    defaults: the cell's own values, by name.
    fixed: parameters that the equations have built in, such as thicknesses, which are in the mesh.
    unused: parameters of the cell that change nothing in these equations.
    """

    names: tuple[str, ...]
    defaults: Mapping[str, float]
    fixed: Mapping[str, float]
    unused: frozenset[str]


class Description(NamedTuple):
    """All about a compiled simulation but its functions.

    recipe_sha256: what it was made of.
    electrode_inputs: the names of what the functions of the electrodes' balance take.
    events: the names of the events that end it, in their order.
    columns: of the result. names: of the outputs, the columns first; then come the tables' margins.
    tables: the names of the tables whose margins are told.
    solver: what IDAKLU is told about the equations. options: how it solves them.
    states: the states by PyBaMM's names: the name, where it begins, where it ends, and whether it has a
        derivative.
    """

    shape: Shape
    recipe_sha256: str
    pybamm_version: str
    inputs: Inputs
    electrode_inputs: tuple[str, ...]
    events: tuple[str, ...]
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    tables: tuple[str, ...]
    solver: Mapping[str, int]
    options: Mapping[str, Any]
    states: tuple[tuple[str, int, int, bool], ...] = ()


class CompiledFile(NamedTuple):
    """A compiled simulation.

    blobs: serialised functions and arrays, by name.
    library: a shared library with the functions that are not among the blobs; None: none is missing there.
    """

    description: Description
    blobs: Mapping[str, bytes]
    library: Path | None = None

    def function(self, name: str) -> casadi.Function:
        """Return one of its functions."""
        if self.library is None or name in self.blobs:
            return casadi.Function.deserialize(self.blobs[name].decode())
        return casadi.external(name, str(self.library))

    def serialised(self, name: str) -> str:
        """Return one of its functions in CasADi's own text, which names the library of machine code."""
        if self.library is None or name in self.blobs:
            return self.blobs[name].decode()
        text: str = self.function(name).serialize()
        return text


def write(compiled: CompiledFile, directory: Path) -> Path:
    """Write a file into a directory, whole or not at all, and return its path.

    If it has a library, that is there already, under the same name.
    """
    body = zlib.compress(b"".join(compiled.blobs.values()), LEVEL)
    header = {
        "key": _key(compiled),
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "has_library": compiled.library is not None,
        "sizes": {name: len(blob) for name, blob in compiled.blobs.items()},
        "description": _to_json(compiled.description),
    }
    path = directory / f"{compiled.description.shape.name}{SUFFIX}"
    written = path.with_suffix(".part")
    written.write_bytes(json.dumps(header).encode() + b"\n" + body)
    return written.replace(path)


def read(path: Path, recipe_sha256: str) -> CompiledFile:
    """Read a file.

    Raises:
        FileNotFoundError: there is none, or its library is missing.
        StaleFileError: it is damaged, or of another recipe than this one.
    """
    line, _, body = path.read_bytes().partition(b"\n")
    try:
        header = json.loads(line)
    except ValueError:  # its writer was killed
        raise StaleFileError(f"{path.name} is damaged: build it again") from None
    # Before anything else: another source may have written other fields.
    if header["description"]["recipe_sha256"] != recipe_sha256:
        raise StaleFileError(f"{path.name} was made of other versions or of other source: build it again")
    if hashlib.sha256(body).hexdigest() != header["body_sha256"]:
        raise StaleFileError(f"{path.name} is damaged: build it again")
    description = _from_json(header["description"])
    content, blobs, start = zlib.decompress(body), {}, 0
    for name, size in header["sizes"].items():
        blobs[name] = content[start : start + size]
        start += size
    library = path.with_suffix(LIBRARY_SUFFIX) if header["has_library"] else None
    compiled = CompiledFile(description, blobs, library)
    if _key(compiled) != header["key"]:
        raise StaleFileError(f"{path.name} is not what its key says: build it again")
    return compiled


def _key(compiled: CompiledFile) -> str:
    """Return the hash of everything in it."""
    key = hashlib.sha256(json.dumps(_to_json(compiled.description), sort_keys=True).encode())
    for name, blob in compiled.blobs.items():
        key.update(f"\n{name} {len(blob)}\n".encode())
        key.update(blob)
    if compiled.library is not None:
        key.update(compiled.library.read_bytes())
    return key.hexdigest()


def _to_json(description: Description) -> dict[str, Any]:
    inputs = description.inputs
    return description._asdict() | {"inputs": inputs._asdict() | {"unused": sorted(inputs.unused)}}


def _from_json(content: dict[str, Any]) -> Description:
    inputs = content["inputs"]
    family, options, parameter_set, control, mesh = content["shape"]
    pairs = (tuple((name, value) for name, value in listed) for listed in (options, mesh))
    shape = Shape(family, next(pairs), parameter_set, Control(*control), next(pairs))
    return Description(
        **content
        | {
            "shape": shape,
            "inputs": Inputs(
                tuple(inputs["names"]), inputs["defaults"], inputs["fixed"], frozenset(inputs["unused"])
            ),
            "electrode_inputs": tuple(content["electrode_inputs"]),
            "events": tuple(content["events"]),
            "columns": tuple(Column(*column) for column in content["columns"]),
            "names": tuple(content["names"]),
            "tables": tuple(content["tables"]),
            "states": tuple(tuple(state) for state in content["states"]),
        }
    )
