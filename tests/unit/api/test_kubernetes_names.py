"""What goes into a path is a name, and nothing else."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from batterysim.kubernetes_names import (
    KEY_PATTERN,
    NotANameError,
    is_label,
    is_label_key,
    is_subdomain,
    path_of,
)
from batterysim.spec.documents.reference import ConfigMapKeyReference, SecretKeyReference


@pytest.mark.parametrize(
    "segment",
    ["..", ".", "", "a/b", "../x", "a..b", "a?b", "a#b", "a%2fb", "a b", "a\n", "ü", "-a", "a-", "x" * 254],
)
def test_whatever_is_no_name_is_refused(segment: str) -> None:
    with pytest.raises(NotANameError):
        path_of("api", segment)


@given(st.text(max_size=300))
def test_no_text_leaves_its_place(segment: str) -> None:
    try:
        path = path_of("a", segment, "b")
    except NotANameError:
        return
    assert path == f"/a/{segment}/b"
    assert re.fullmatch(r"/a/[A-Za-z0-9._-]+/b", path)
    assert ".." not in path


@pytest.mark.parametrize("name", ["../../team-b/secrets/x", "a/b", "A", "a..b", "a.", "", "x" * 254])
@pytest.mark.parametrize("kind", [SecretKeyReference, ConfigMapKeyReference])
def test_a_reference_is_a_name(kind: type, name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python({"name": name, "key": "key"})


@pytest.mark.parametrize("key", ["..", ".", "../x", "a/b", "..a", ""])
def test_a_key_is_no_path(key: str) -> None:
    with pytest.raises(ValidationError):
        SecretKeyReference.model_validate({"name": "webhook", "key": key})


@pytest.mark.parametrize("key", ["key", "run1.csv", ".hidden", "A_b-c.d", "a..b"])
def test_keys_are_names_of_files(key: str) -> None:
    assert re.fullmatch(KEY_PATTERN, key)


def test_names_of_objects() -> None:
    assert is_subdomain("cell-1.of.lab")
    assert not is_subdomain("cell_1")
    assert not is_subdomain("cell-1\n")


def test_names_of_namespaces() -> None:
    assert is_label("lab-1")
    assert not any(map(is_label, ["a.b", "-a", "a-", "", "x" * 64, "a\n"]))


def test_keys_of_labels() -> None:
    assert all(map(is_label_key, ["team", "example.com/team", "A_b.c", "x" * 63]))
    assert not any(
        map(is_label_key, ["", "/team", "a..b/team", "example.com/", "a/b/c", "x" * 64, "team\n", "-a"])
    )


PACKAGES = ("api", "bridge", "cli", "client", "formats", "operator", "runner")


def test_patterns_of_names_are_in_one_place() -> None:
    """Two of nine patterns took `a..b`, when each package had its own."""
    root = Path(__file__).parents[3]
    files = [file for package in PACKAGES for file in (root / package).rglob("*.py")]

    assert [
        file.relative_to(root).as_posix() for file in files if "[a-z0-9]([-a-z0-9" in file.read_text("utf-8")
    ] == ["api/batterysim/kubernetes_names.py"]
