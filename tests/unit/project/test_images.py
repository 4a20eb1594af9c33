"""What the images are built from is named by hash wherever it can be; docs/security.md says what cannot."""

import os
import re
import subprocess
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


def test_both_images_are_built_from_one_base_that_is_named_by_its_digest() -> None:
    bases = {
        re.findall(r"^ARG BASE_IMAGE=(.*)$", (ROOT / name).read_text("utf-8"), re.MULTILINE)[0]
        for name in ("Dockerfile.operator", "Dockerfile.runner")
    }

    (base,) = bases
    assert re.fullmatch(r"debian:bookworm-slim@sha256:[0-9a-f]{64}", base)


@pytest.mark.parametrize(
    ("digests", "environment", "base"),
    [
        ("1", {}, None),
        ("", {}, None),
        ("0", {}, "debian:bookworm-slim"),
        ("0", {"BASE_IMAGE": "mirror.example.org/debian:12"}, "mirror.example.org/debian:12"),
    ],
    ids=["pulled", "not there yet", "made here", "named"],
)
def test_only_a_base_that_was_made_on_this_machine_takes_the_place_of_that_digest(
    tmp_path: Path, digests: str, environment: dict[str, str], base: str | None
) -> None:
    """docker: says how many digests the local image has, and notes what it is to build."""
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(
        "#!/bin/bash\n"
        f'case "$*" in *RepoDigests*) echo "{digests}" ;; *.Size*) echo 1000000 ;;\n'
        f'build*) echo "$*" >> {tmp_path}/builds ;; esac\n'
    )
    docker.chmod(0o755)
    surroundings = {key: value for key, value in os.environ.items() if key != "BASE_IMAGE"}
    path = {"PATH": f"{docker.parent}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(tmp_path)}

    subprocess.run(
        (ROOT / "hack/images", "build", "--operator"),
        env=surroundings | path | environment,
        check=True,
        capture_output=True,
        timeout=60,
    )

    found = re.findall(r"BASE_IMAGE=(\S+)", (tmp_path / "builds").read_text())
    assert found == ([] if base is None else [base])


def test_setup_takes_the_version_of_uv_that_the_images_have() -> None:
    assert re.search(r"^uv==[0-9.]+ ", (ROOT / "hack/images.d/uv.txt").read_text("utf-8"), re.MULTILINE)
    assert "hack/images.d/uv.txt" in (ROOT / "hack/setup").read_text("utf-8")
