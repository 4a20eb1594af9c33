"""Machine code of the functions that the solver calls at each step, made with the image by a C compiler.

A solve takes half as long with it (docs/decisions/040-compiled-simulations.md).
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import casadi

from batterysim_runner.compiled.file import CompiledFile
from batterysim_runner.compiled.scalars import in_scalars

FUNCTIONS = ("rhs_alg", "jac_times_cjmass", "outputs", "events")

OPTIONS = (
    "-O1",
    "-ffp-contract=off",
    "-fno-builtin-pow",
    "-fno-signed-zeros",
    "-fno-math-errno",
    "-fPIC",
    "-shared",
)
"""With -O2 the compiler takes half as long again, and a solve a twentieth less. Without contraction, sums of
products are rounded alike on all processors. pow is libm's, as CasADi's own: of pow(x, 0.5) the compiler
would make a square root, which now and then rounds otherwise. No result depends on the sign of a zero, so
`x + 0`, which products of matrices begin with, is x."""


class NoCompilerError(Exception):
    """There is no C compiler here. The message says what to do."""


def in_machine_code(compiled: CompiledFile, library: Path, cache: Path | None = None) -> CompiledFile:
    """Compile functions of a simulation into a shared library, and leave them out of its blobs.

    A function with a spline stays in CasADi's virtual machine: it cannot be taken apart into scalar
    operations, and C of matrices is hardly quicker.

    library: where it goes; there is none if all functions have splines.
    cache: where libraries are taken from if they are of the same C code, and left for the next time.

    Raises:
        NoCompilerError: there is none.
        subprocess.CalledProcessError: the compiler failed.
    """
    functions = {name: in_scalars(compiled.function(name), name) for name in FUNCTIONS}
    scalar = {name: function for name, function in functions.items() if function is not None}
    if not scalar:
        return compiled
    with tempfile.TemporaryDirectory() as directory:
        generator = casadi.CodeGenerator("functions.c")
        for function in scalar.values():
            generator.add(function)
        _compile(Path(generator.generate(f"{directory}/")), library, cache)
    blobs = {name: blob for name, blob in compiled.blobs.items() if name not in scalar}
    return compiled._replace(blobs=blobs, library=library)


def _compile(source: Path, library: Path, cache: Path | None) -> None:
    command = (_compiler(), *OPTIONS)
    if cache is None:
        subprocess.run((*command, source, "-o", library, "-lm"), check=True)  # noqa: S603 - no user's code
        return
    version = subprocess.run((command[0], "--version"), capture_output=True, check=True).stdout  # noqa: S603
    recipe = source.read_bytes() + repr(command).encode() + version
    kept, record = cache / library.name, cache / f"{library.stem}.made-of"
    if not (kept.is_file() and record.is_file() and record.read_text() == _sha256(recipe, kept)):
        _compile(source, kept, None)
        record.write_text(_sha256(recipe, kept))
    shutil.copyfile(kept, library)


def _sha256(recipe: bytes, library: Path) -> str:
    return hashlib.sha256(recipe + library.read_bytes()).hexdigest()


def _compiler() -> str:
    found = shutil.which(os.environ.get("CC", "cc"))
    if found is None:
        raise NoCompilerError(
            "no C compiler is on PATH: install one (Debian: gcc and libc6-dev), or name yours in CC"
        )
    return found
