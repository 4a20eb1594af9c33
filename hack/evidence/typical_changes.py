"""Which files a typical change touches, as mypy sees it.

    python -m evidence.typical_changes

A copy of the source gets a toy protocol, a toy format or a toy drive cycle, in the place that declares it.
Then mypy says where else it is told apart. More files than CONTRIBUTING.md promises are an error.
"""

import json
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
    program = (
        "from batterysim.checks.validation import parse_spec\n"
        "from batterysim.catalogue.prescription import prescription\n"
        "protocol = {'driveCycle': {'name': 'TOY'}}\n"
        "spec = parse_spec({'cell': {'parameterSet': 'Chen2020'}, 'protocol': protocol})\n"
        "assert prescription(spec.protocol).duration_seconds == 600\n"
    )
    path = ":".join(str(tree / package) for package in PACKAGES)
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": path}, cwd=tree)
    return ["data/batterysim_data/drive_cycles/TOY.csv", "data/batterysim_data/drive_cycles/index.json"]


CHANGES = (
    Change("a protocol", toy_protocol, [], 5),
    Change(
        "a result format",
        toy_format,
        ["formats/batterysim_formats/toy.py", "bridge/batterysim_bridge/page/detail/download_buttons.js"],
        4,
    ),
    Change("a drive cycle", toy_drive_cycle, [], 2),
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
