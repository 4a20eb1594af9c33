"""Takes out of an image's virtual environment what no run can use.

    python slim.py /opt/batterysim

Every pattern has its reason next to it. The Dockerfiles import and run what is left.
"""

import filecmp
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

DEAD_WEIGHT = {
    "**/tests": "the packages' own tests",
    "posthog/test": "the same, of a package that calls them so",
    "sympy/**/benchmarks": "what SymPy's speed is measured with",
    "**/*.pyi": "for type checkers",
    "**/*.pyx": "Cython sources of what is compiled already",
    "**/*.pxd": "declarations for other Cython sources",
    "**/*.pxi": "parts of Cython sources",
    "**/*.a": "static libraries, for linking",
    "casadi/include": "headers, for compiling against casadi",
    "casadi/cmake": "for compiling against casadi",
    "casadi/pkgconfig": "for compiling against casadi",
    "casadi/highs": "headers of an optimiser",
    "casadi/*.la": "for linking against the optimisers",
    # CasADi loads a plugin when somebody asks for it by name. Those that PyBaMM asks for stay: root finders,
    # interpolants, integrators, and linear solvers of its own.
    "casadi/libcasadi_conic_*": "quadratic programs: nothing is optimised here",
    "casadi/libcasadi_nlpsol_*": "nonlinear programs, the same",
    "casadi/lib[!c]*": "the optimisers themselves, such as Ipopt and HiGHS, and what they are linked to",
    "casadi/libco[!r]*": "the linear solver and the orderings of these",
    "casadi/libcplex_adaptor*": "for an optimiser that is not here",
    "casadi/cbc": "an optimiser's program",
    "casadi/clp": "the same",
    "casadi/casadi-cli": "CasADi's own program",
    "casadi/libcasadi-tp-openblas*": "LAPACK for the optimisers, and for the plugins of the next two lines",
    "casadi/libcasadi_blas_*": "products of dense matrices, unless asked for by the loop that CasADi brings",
    "casadi/libcasadi_linsol_[lm]a*": "LAPACK's solvers, and MA27, which nobody asks for",
    "casadi/libcasadi_linsol_mumps*": "the solver of the optimisers",
    "casadi/libcasadi_graphmodel_*": "models in ONNX's format",
    "casadi/libcasadi_onnx_*": "the same",
    "casadi/libcasadi_modelicaparser_*": "models in Modelica",
    "casadi/libcasadi_xmlfile_*": "models in XML",
    "casadi/libcasadi_archiver_*": "models in archives, as FMI has them",
    "casadi/libcasadi_filesystem_*": "files of such models",
    "pyarrow/include": "headers, for compiling against Arrow",
    "pyarrow/src": "sources, for compiling against Arrow",
    "pyarrow/libarrow_flight.so.*": "Arrow over RPC: nothing here listens or talks in it",
    "pyarrow/libarrow_python_flight.so*": "the same, for Python",
    "pyarrow/_flight.*.so": "the same, for Python",
    "pyarrow/libarrow_s3.so.*": "object stores: the bridge has obstore for them, runners have the bridge",
    "pyarrow/_s3fs.*.so": "the same, for Python",
    "tzdata/zoneinfo": "time zones: zoneinfo takes the system's first, which the image has",
    # Every module of a Kubernetes client is imported by itself when it is first used.
    "kubernetes/client/api": "the blocking client: all code here is async (kubernetes.aio)",
    "kubernetes/client/models/[!_]*": "the blocking client's types",
    "kubernetes/aio/client/api/[!_]*": "calls for every kind of object: ours are plain JSON (decision 004)",
    "kubernetes/aio/client/models/[!_]*": "the types of these calls",
}


def main(environment: Path) -> None:
    """Remove the dead weight, let copies of libraries become links, and strip the libraries."""
    (site_packages,) = environment.glob("lib/python3*/site-packages")
    before = size_of(site_packages)
    for pattern in DEAD_WEIGHT:
        for path in list(site_packages.glob(pattern)):
            remove(path)
    for path, original in list(copied_libraries(site_packages)):
        path.unlink()
        path.symlink_to(original.name)
    strip(site_packages)
    print(f"slim: {before / 1e6:.0f} MB -> {size_of(site_packages) / 1e6:.0f} MB")


def remove(path: Path) -> None:
    """Remove a file or a folder, which a pattern before may have removed already."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def copied_libraries(site_packages: Path) -> Iterator[tuple[Path, Path]]:
    """Yield each shared library that is a copy of its neighbour.

    Wheels cannot hold links, so libx.so, libx.so.3 and libx.so.3.7 come as three files.
    """
    for folder in {path.parent for path in site_packages.glob("**/lib*.so*")}:
        for original, path in pairwise(sorted(folder.glob("lib*.so*"))):
            if path.name.startswith(original.name) and filecmp.cmp(original, path, shallow=False):
                yield path, original


def strip(site_packages: Path) -> None:
    """Take the symbols for debuggers out of the packages' libraries.

    Only of packages without a neighbour `<package>.libs`: such wheels were patched by auditwheel, and
    their libraries no longer load once stripped.
    """
    libraries = [
        path
        for path in site_packages.glob("*/**/*.so*")
        if not path.is_symlink() and not patched(site_packages / path.relative_to(site_packages).parts[0])
    ]
    subprocess.run(["strip", "--strip-unneeded", *libraries], check=True)


def patched(package: Path) -> bool:
    """Tell whether auditwheel has put libraries next to a package, or the folder is such libraries."""
    return package.suffix == ".libs" or package.with_name(f"{package.name}.libs").exists()


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder; a link counts for nothing."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
