"""Which files a typical change touches, as mypy sees it.

    python -m evidence.typical_changes

A copy of the source gets a toy protocol, a toy format, a toy drive cycle or a toy filter, in the place that
declares it. Then mypy says where else it is told apart, and a program uses what mypy cannot see. More files
than CONTRIBUTING.md promises are an error.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "bridge", "cli", "client", "data", "formats", "kube", "operator", "runner")
TOO_MANY = 1


class Change(NamedTuple):
    """A typical change.

    declare: makes it in a copy of the source, and returns the files that it edited.
    unseen: how many more files have to be edited, which mypy cannot know, such as what writes a new format.
    limit: how many files are promised.
    """

    name: str
    declare: Callable[[Path], list[str]]
    unseen: list[str]
    limit: int


def toy_protocol(tree: Path) -> list[str]:
    """Add a protocol: its class, its field and its place in the union."""
    file = "api/batterysim/spec/protocols/protocol.py"
    edit(
        tree / file,
        (
            "GivenProtocol = (\n",
            'class Toy(ProtocolKind):\n    """A toy."""\n\n    title = "Toy"\n\n\nGivenProtocol = (\n',
        ),
        ("    | Impedance\n)", "    | Impedance\n    | Toy\n)"),
        (
            '    """Measure the impedance."""\n',
            '    """Measure the impedance."""\n    toy: Toy | None = None\n    """Play."""\n',
        ),
    )
    return [file]


def toy_format(tree: Path) -> list[str]:
    """Add a format: its name and its facts."""
    file = "api/batterysim/result_format.py"
    edit(
        tree / file,
        ('    JOB_MANAGER = "jobManager"\n', '    JOB_MANAGER = "jobManager"\n    TOY = "toy"\n'),
        (
            "    ResultFormat.JOB_MANAGER: FormatFacts(",
            '    ResultFormat.TOY: FormatFacts("Toy", ("toy",), "text/toy"),\n'
            "    ResultFormat.JOB_MANAGER: FormatFacts(",
        ),
    )
    return [file]


def toy_drive_cycle(tree: Path) -> list[str]:
    """Add a drive cycle: its numbers and its entry."""
    folder = tree / "data" / "batterysim_data" / "drive_cycles"
    shutil.copy(folder / "US06.csv", folder / "TOY.csv")
    index = json.loads((folder / "index.json").read_text("utf-8"))
    (folder / "index.json").write_text(json.dumps({**index, "TOY": index["US06"]}), "utf-8")
    run(
        tree,
        """
from batterysim.checks.validation import parse_spec
from batterysim.catalogue.prescription import prescription
protocol = {"driveCycle": {"name": "TOY"}}
spec = parse_spec({"cell": {"parameterSet": "Chen2020"}, "protocol": protocol})
assert prescription(spec.protocol).duration_seconds == 600
""",
    )
    return ["data/batterysim_data/drive_cycles/TOY.csv", "data/batterysim_data/drive_cycles/index.json"]


def toy_filter(tree: Path) -> list[str]:
    """Add a filter of lists: to the REST API, to both clients and to the command line."""
    listing, routes = (
        "bridge/batterysim_bridge/api/listing.py",
        "bridge/batterysim_bridge/api/simulations.py",
    )
    client, option = ("client/batterysim_client/filter.py", "cli/batterysim_cli/commands/get.py")
    edit(
        tree / listing,
        ('    text: str = ""\n', '    text: str = ""\n    toy: str = ""\n'),
        ("            and self.text in simulation.name\n", "            and self.toy in simulation.name\n"),
    )
    edit(
        tree / routes,
        (") -> Filter:\n", '    toy: str = "",\n) -> Filter:\n'),
        ("tuple(protocol or ()), labels, q)", "tuple(protocol or ()), labels, q, toy)"),
    )
    edit(
        tree / client,
        ("    text: str\n", "    text: str\n    toy: str\n"),
        ('    text: str = ""\n\n', '    text: str = ""\n    toy: str = ""\n\n'),
        ('text: str = ""\n    ) -> Self:', 'text: str = "", toy: str = ""\n    ) -> Self:'),
        ("labels, text)", "labels, text, toy)"),
        (
            '[("q", self.text)] if self.text else []),',
            '[("q", self.text)] if self.text else []),\n            ("toy", self.toy),',
        ),
    )
    edit(
        tree / option,
        (") -> int:\n", '    toy: Annotated[str, typer.Option("--toy")] = "",\n) -> int:\n'),
        ("            text=text,\n", "            text=text,\n            toy=toy,\n"),
    )
    run(
        tree,
        """
import inspect
from batterysim_bridge.api.listing import Filter
from batterysim_bridge.api.simulations import router
from batterysim_cli.commands.get import get
from batterysim_client.filter import Filter as Wanted
(route,) = [item for item in router.routes if item.path == "/v1/simulations" and "GET" in item.methods]
parameters = {item.name for part in route.dependant.dependencies for item in part.query_params}
assert "toy" in parameters and Filter(toy="x").toy == "x"
assert ("toy", "x") in Wanted.of(toy="x").query()
assert "toy" in inspect.signature(get).parameters
""",
    )
    return [listing, routes, client, option]


CHANGES = (
    Change("a protocol", toy_protocol, [], 5),
    Change(
        "a result format",
        toy_format,
        ["formats/batterysim_formats/toy.py", "bridge/batterysim_bridge/page/detail/download_buttons.js"],
        4,
    ),
    Change("a drive cycle", toy_drive_cycle, [], 2),
    Change("a filter of lists, everywhere", toy_filter, [], 6),
)


def run(tree: Path, program: str) -> None:
    """Run a program with the packages of a copy."""
    path = ":".join(str(tree / package) for package in PACKAGES)
    subprocess.run(
        [sys.executable, "-c", program], check=True, env=os.environ | {"PYTHONPATH": path}, cwd=tree
    )


def edit(path: Path, *replacements: tuple[str, str]) -> None:
    """Replace texts that are there exactly once."""
    text = path.read_text("utf-8")
    for old, new in replacements:
        if text.count(old) != 1:
            raise SystemExit(f"{path.name} has {text.count(old)} times {old!r}: correct this script")
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def files_by_mypy(tree: Path) -> list[str]:
    """Return the files in which mypy finds something that was forgotten."""
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(tree / ".mypy_cache")],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    if "Success" not in found.stdout and "error:" not in found.stdout:
        raise SystemExit(found.stdout + found.stderr)
    return list(dict.fromkeys(re.findall(r"^([^\s:]+\.py):\d+: error:", found.stdout, re.MULTILINE)))


def files_of(change: Change) -> list[str]:
    """Return the files that a change touches."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for package in PACKAGES:
            shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", tree)
        if (ROOT / ".mypy_cache").exists():
            shutil.copytree(ROOT / ".mypy_cache", tree / ".mypy_cache")
        declared = change.declare(tree)
        return list(dict.fromkeys([*declared, *files_by_mypy(tree), *change.unseen]))


def main() -> int:
    """Print the files of each change; return 1 if one has more than it should."""
    too_many = False
    for change in CHANGES:
        files = files_of(change)
        print(f"{change.name}: {len(files)} of at most {change.limit}")
        print("".join(f"  {file}\n" for file in files), end="")
        too_many = too_many or len(files) > change.limit
    return TOO_MANY if too_many else 0


if __name__ == "__main__":
    sys.exit(main())
