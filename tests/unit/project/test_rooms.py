"""Folders of code are rooms: small, and each says what lives there."""

import ast
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MOST_FILES = 16
"""Besides `__init__`."""
PACKAGES = ("api", "bridge", "cli", "client", "data", "formats", "kube", "operator", "runner")


def files(*endings: str) -> list[Path]:
    """Return the files of the repository with these endings."""
    listed = subprocess.run(
        ["git", "ls-files", *(f"*{ending}" for ending in endings)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def test_no_folder_of_code_has_many_files() -> None:
    code = [path for path in files(".py", ".js") if "vendor" not in path.parts and path.name != "__init__.py"]

    folders = Counter(str(path.parent) for path in code)

    assert len(folders) > 50
    assert {name: count for name, count in folders.items() if count > MOST_FILES} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_room_says_what_lives_there(package: str) -> None:
    rooms = [path for path in files("__init__.py") if path.parts[0] == package]

    silent = [str(room) for room in rooms if ast.get_docstring(ast.parse((ROOT / room).read_text())) is None]

    assert rooms
    assert silent == []
