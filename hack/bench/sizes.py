"""What installing and starting each component costs, next to another commit: bytes, files and imports.

Both are installed from their own lock files, without developers' tools, and imported in turn, A B A B .., so
that the ratio holds when the machine's speed drifts. CPU time is that of the whole process, as the kernel
counts it, so that other work on the machine disturbs it little.

python -m bench.sizes COMMIT [--images]
"""

import json
import math
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.checkout import ROOT, Tree, install, other_checkout, run

OUT = Path("out")
RUNS = 11
NONE = float("nan")
COUNT_MODULES = "import sys; print(len(sys.modules), file=sys.stderr)"


SOLVE = """
import tempfile
with tempfile.TemporaryDirectory() as folder:
    options = ["--no-plot", "--output", folder]
    batterysim_cli.__main__.app(["run", "EXAMPLE", *options], standalone_mode=False)
""".replace("EXAMPLE", str(ROOT / "examples" / "cell-discharge.yaml"))


class Program(NamedTuple):
    """Something that is started.

    extra: what it is installed with.
    modules: what it imports then. Of several lists, a checkout's is the first one whose modules it has.
    prelude: statements that it begins with. work: those that it ends with.
    """

    title: str
    extra: str
    modules: tuple[tuple[str, ...], ...]
    prelude: str = ""
    work: str = ""


PROGRAMS = (
    Program("contract", "", (("batterysim.spec.simulation",), ("batterysim.spec",))),
    Program("operator", "operator", (("batterysim_operator.__main__",),)),
    Program("bridge", "bridge", (("batterysim_bridge.__main__",),)),
    Program("runner: the pod's process", "runner", (("batterysim_runner.__main__",),)),
    Program(
        "runner: ready to solve, compiled",
        "runner",
        (("batterysim_runner.__main__", "batterysim_runner.engine", "batterysim_runner.report.product"),),
    ),
    Program(
        "runner: ready to solve, by PyBaMM",
        "runner",
        (("batterysim_runner.__main__", "batterysim_runner.solution"),),
        "from batterysim_runner.lean_pybamm import import_pybamm; import_pybamm()",
    ),
    Program("client", "client", (("batterysim_client",),)),
    Program("command line", "cli", (("batterysim_cli.__main__",),)),
    Program("command line: a discharge", "cli", (("batterysim_cli.__main__",),), work=SOLVE),
)
EXTRAS = tuple(dict.fromkeys(program.extra for program in PROGRAMS))
LAYERS = {
    "COPY /opt/batterysim ": "dependencies",
    "COPY /opt/batterysim-compiled ": "compiled simulations",
    "COPY /app ": "application",
}


class Size(NamedTuple):
    """Bytes and number of files."""

    bytes: int
    files: int


class Row(NamedTuple):
    """A line of the table."""

    title: str
    unit: str
    old: float
    new: float


class Start(NamedTuple):
    """The cost of one start."""

    cpu_seconds: float
    modules: int


def main(arguments: list[str]) -> int:
    """Measure and print."""
    commit, *options = arguments
    rows: list[Row] = []
    with other_checkout(commit) as old_root, tempfile.TemporaryDirectory() as folder:
        old = Tree(commit, old_root, Path(folder) / "old")
        new = Tree("now", ROOT, Path(folder) / "new")
        for extra in track(EXTRAS, "installing", transient=True):
            install(old, extra)
            install(new, extra)
            rows += size_rows(extra or "contract", installed(old, extra), installed(new, extra))
        rows += size_rows("our own packages", own(old), own(new))
        for program in PROGRAMS:
            rows += start_rows(program, old, new)
        if "--images" in options:
            rows += image_rows(old, new)
    show(commit, rows)
    return 0


def installed(tree: Tree, extra: str) -> Size:
    """Return the size of what an extra brings, without bytecode."""
    return size_of(*tree.python(extra).parents[1].glob("lib/python*/site-packages"))


def own(tree: Tree) -> Size:
    """Return the size of our packages, without bytecode."""
    return size_of(*tree.packages)


def size_of(*folders: Path) -> Size:
    """Return the size of all files below some folders, without bytecode."""
    files = [
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink() and "__pycache__" not in file.parts
    ]
    return Size(sum(file.stat().st_size for file in files), len(files))


def size_rows(title: str, old: Size, new: Size) -> list[Row]:
    """Return the rows about a size."""
    return [
        Row(f"{title}, installed", "MB", old.bytes / 1e6, new.bytes / 1e6),
        Row(f"{title}, installed", "files", old.files, new.files),
    ]


def start_rows(program: Program, old: Tree, new: Tree) -> list[Row]:
    """Return the rows about the start of a program; NaN where a checkout does not have it."""
    trees = [tree for tree in (old, new) if modules_in(tree, program)]
    for tree in trees:
        start(tree, program)  # once, so that all files are in memory, and the bytecode is written
    starts: dict[str, list[Start]] = {tree.name: [] for tree in trees}
    for _ in track(range(RUNS), program.title, transient=True):
        for tree in trees:
            starts[tree.name].append(start(tree, program))

    def median(tree: Tree, value: int) -> float:
        return statistics.median(item[value] for item in starts[tree.name]) if tree in trees else NONE

    return [
        Row(f"{program.title}, start", "CPU s", median(old, 0), median(new, 0)),
        Row(f"{program.title}, start", "modules", median(old, 1), median(new, 1)),
    ]


def modules_in(tree: Tree, program: Program) -> tuple[str, ...]:
    """Return what a program imports in a checkout; nothing if there is no such program."""
    return next((modules for modules in program.modules if all(map(tree.has, modules))), ())


def start(tree: Tree, program: Program) -> Start:
    """Import what a program imports, in a process of its own."""
    path = os.pathsep.join(str(package.parent) for package in tree.packages)
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "PYTHONPATH": path}
    imports = f"import {', '.join(modules_in(tree, program))}"
    code = "\n".join((program.prelude, imports, program.work, COUNT_MODULES))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = subprocess.run(
        [tree.python(program.extra), "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=environment | {"PYBAMM_DISABLE_TELEMETRY": "true"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Start(cpu, int(found.stderr.split()[-1]))


def image_rows(old: Tree, new: Tree) -> list[Row]:
    """Build the images of both checkouts; return the rows about their sizes."""
    sizes = []
    for tree, tag in ((old, "sizes-old"), (new, "sizes-new")):
        run(tree.root, str(tree.root / "hack" / "images"), "build", env=os.environ | {"TAG": tag})
        sizes.append({name: image_size(f"batterysim-{name}:{tag}") for name in ("operator", "runner")})
    before, now = sizes
    return [
        Row(f"image of the {name}: {part}", "MB", before[name].get(part, NONE), megabytes)
        for name, parts in now.items()
        for part, megabytes in parts.items()
    ]


def image_size(image: str) -> dict[str, float]:
    """Return the megabytes of an image, in all and of its layers."""
    total = run(ROOT, "docker", "image", "inspect", "--format", "{{.Size}}", image)
    history = run(
        ROOT,
        "docker",
        "history",
        "--no-trunc",
        "--human=false",
        "--format",
        "{{.Size}} {{.CreatedBy}}",
        image,
    )
    sizes = {"all": int(total) / 1e6}
    for line in history.splitlines():
        for beginning, part in LAYERS.items():
            if found := re.match(rf"(\d+) {re.escape(beginning)}", line):
                sizes[part] = int(found[1]) / 1e6
    return sizes


def show(commit: str, rows: list[Row]) -> None:
    """Print the table, and write it to out/."""
    table = Table(
        title=f"Sizes and starts of {commit} and of this checkout; medians of {RUNS} starts, in turn"
    )
    for heading in ("", "in", commit, "now", "ratio"):
        table.add_column(heading, justify="right" if heading not in ("", "in") else "left")
    for row in rows:
        digits = {"MB": 1, "CPU s": 3}.get(row.unit, 0)
        numbers = (text(row.old, digits), text(row.new, digits), text(row.new / row.old, 2))
        table.add_row(row.title, row.unit, *numbers)
    Console(width=120).print(table)
    OUT.mkdir(exist_ok=True)
    record = [row._asdict() for row in rows]
    (OUT / "bench-sizes.json").write_text(json.dumps(record, indent=2), encoding="utf-8")


def text(value: float, digits: int) -> str:
    """Return a number, or a dash for none."""
    return "-" if math.isnan(value) else f"{value:,.{digits}f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
