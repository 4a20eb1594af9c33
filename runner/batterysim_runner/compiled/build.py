"""Compile all simulations of the catalogue into a directory, as the image's build does; or check those there.

python -m batterysim_runner.compiled.build DIRECTORY [--cache DIRECTORY] [--processes N]
python -m batterysim_runner.compiled.build --check DIRECTORY

It needs a C compiler. With PYTHONHASHSEED=0, two builds of the same source give the same files.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

from batterysim_runner.compiled.file import LIBRARY_SUFFIX, SUFFIX, CompiledFile, StaleFileError, read, write
from batterysim_runner.compiled.machine_code import FUNCTIONS, NoCompilerError, in_machine_code
from batterysim_runner.compiled.recipe import recipe_sha256
from batterysim_runner.compiled.shape import Shape, catalogue


def main(arguments: list[str]) -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="batterysim_runner.compiled.build", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--check", action="store_true", help="only check what is there")
    parser.add_argument("--cache", type=Path, help="where earlier builds have left theirs")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    if given.check:
        return _tell(complaints(given.directory, catalogue()))
    given.directory.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    try:
        built = build(given.directory, given.cache, catalogue(), given.processes)
    except NoCompilerError as error:
        return _tell([str(error)])
    size = sum(file.stat().st_size for file in given.directory.iterdir()) / 1e6
    count = len(list(given.directory.glob(f"*{SUFFIX}")))
    seconds = time.monotonic() - began
    print(f"{count} compiled simulations, {built} of them new: {size:.1f} MB, {seconds:.0f} s")
    return _tell(complaints(given.directory, catalogue()))


def build(directory: Path, cache: Path | None, shapes: Iterable[Shape], processes: int) -> int:
    """Write the files of all shapes, and return how many had to be compiled.

    cache: where files of the same recipe are taken from, and left for the next time.

    Raises:
        NoCompilerError: there is no C compiler.
    """
    missing = [shape for shape in _of_files(shapes) if not _take_over(shape, directory, cache)]
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(processes) as pool:
        for _ in pool.map(_compile, missing, repeat(directory), repeat(cache), chunksize=4):
            pass
    return len(missing)


def _of_files(shapes: Iterable[Shape]) -> list[Shape]:
    """Return the shapes that have a file. Where a value follows a table, the equations are made of one's."""
    return list(dict.fromkeys(shape.of_one_number for shape in shapes))


def complaints(directory: Path, shapes: Iterable[Shape]) -> list[str]:
    """Return what is wrong with the files of these shapes: missing, damaged, or of another recipe."""
    wrong, expected = [], set()
    for shape in _of_files(shapes):
        name = f"{shape.name}{SUFFIX}"
        expected.add(name)
        try:
            compiled = read(directory / name, recipe_sha256())
        except FileNotFoundError:
            wrong.append(f"{name} is missing: build it")
        except StaleFileError as error:
            wrong.append(str(error))
        else:
            if compiled.library is not None:
                expected.add(compiled.library.name)
                wrong += _unloadable(compiled, compiled.library.name)
            if compiled.description.shape != shape:
                wrong.append(f"{name} is of another shape: build it again")
    others = sorted({file.name for file in directory.glob("*")} - expected)
    return wrong + [f"{name} is none of the catalogue: remove it" for name in others]


def _unloadable(compiled: CompiledFile, name: str) -> list[str]:
    """Return what keeps the library from being loaded here."""
    try:
        for function in set(FUNCTIONS) - compiled.blobs.keys():
            compiled.function(function)
    except RuntimeError as error:  # CasADi's only kind of error
        return [f"{name} cannot be loaded here: build it again ({error})"]
    return []


def _take_over(shape: Shape, directory: Path, cache: Path | None) -> bool:
    """Copy a shape's file from the cache, if it is there and of this recipe."""
    for place in [directory] if cache is None else [directory, cache]:
        path = place / f"{shape.name}{SUFFIX}"
        try:
            compiled = read(path, recipe_sha256())
        except (FileNotFoundError, StaleFileError):
            continue
        if place != directory:
            if compiled.library is not None:
                shutil.copy(compiled.library, directory)
            shutil.copy(path, directory)
        return True
    return False


def _compile(shape: Shape, directory: Path, cache: Path | None) -> None:
    from batterysim_runner.lean_pybamm import import_pybamm  # noqa: PLC0415 - once in each process

    import_pybamm()
    from batterysim_runner.compiled.compilation import compile_shape  # noqa: PLC0415

    library = directory / f"{shape.name}{LIBRARY_SUFFIX}"
    written = write(in_machine_code(compile_shape(shape), library, cache), directory)
    if cache is not None:
        shutil.copy(written, cache)


def _tell(wrong: list[str]) -> int:
    for line in wrong:
        print(line, file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
