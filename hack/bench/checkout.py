"""Another commit of this repository, checked out and installed next to this one, to be compared with it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Tree(NamedTuple):
    """A checkout, and where its environments are."""

    name: str
    root: Path
    environments: Path

    @property
    def packages(self) -> list[Path]:
        """Its import packages."""
        return sorted(file.parent for file in self.root.glob("*/batterysim*/__init__.py"))

    def python(self, extra: str) -> Path:
        """Return the interpreter of an environment."""
        return self.environments / (extra or "none") / "bin" / "python"

    def has(self, module: str) -> bool:
        """Tell whether there is a module of ours."""
        path = Path(*module.split("."))
        return any(
            (package.parent / path).with_suffix(".py").exists() or (package.parent / path).is_dir()
            for package in self.packages
        )


@contextmanager
def other_checkout(commit: str) -> Iterator[Path]:
    """Check a commit out for the time of a block."""
    folder = Path(tempfile.mkdtemp(prefix="batterysim-sizes-"))
    run(ROOT, "git", "worktree", "add", "--quiet", "--detach", "--force", str(folder), commit)
    try:
        yield folder
    finally:
        run(ROOT, "git", "worktree", "remove", "--force", str(folder))
        shutil.rmtree(folder, ignore_errors=True)


def install(tree: Tree, extra: str) -> None:
    """Install the dependencies of an extra, exactly as locked."""
    environment = os.environ | {"UV_PROJECT_ENVIRONMENT": str(tree.python(extra).parents[1])}
    options = ["--frozen", "--no-dev", "--no-install-project", "--quiet"]
    run(tree.root, uv(), "sync", *options, *(["--extra", extra] if extra else []), env=environment)


def uv() -> str:
    """Return the program that hack/setup installs."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return shutil.which("uv") or str(cache / "batterysim" / "uv" / "bin" / "uv")


def run(folder: Path, *command: str, env: dict[str, str] | None = None) -> str:
    """Run a program; return what it prints."""
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True, env=env).stdout
