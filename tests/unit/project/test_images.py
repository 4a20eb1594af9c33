"""What the images are built from is named by hash wherever it can be; docs/security.md says what cannot."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["Dockerfile.operator", "Dockerfile.runner"])
def test_packages_are_installed_by_hash(name: str) -> None:
    commands = (ROOT / name).read_text("utf-8").replace("\\\n", " ")

    installs = re.findall(r"pip install [^&\n]*", commands)
    assert installs
    assert all("--require-hashes" in command for command in installs)
    assert all("--frozen" in command for command in re.findall(r"uv sync [^&\n]*", commands))


def test_setup_takes_the_version_of_uv_that_the_images_have() -> None:
    assert re.search(r"^uv==[0-9.]+ ", (ROOT / "hack/images.d/uv.txt").read_text("utf-8"), re.MULTILINE)
    assert "hack/images.d/uv.txt" in (ROOT / "hack/setup").read_text("utf-8")
