"""What is found in files, and what is refused."""

from pathlib import Path

import pytest

from batterysim_cli.manifests.files import (
    Refusal,
    Runnable,
    Skipped,
    read_files,
    refuse_repeated_names,
)
from tests.builders import Json
from tests.unit.cli.builders import EXAMPLES, manifest, write


def refusal_of(text: str, directory: Path) -> Refusal:
    file = directory / "file.yaml"
    file.write_text(text, encoding="utf-8")
    (document,) = read_files([file])
    assert isinstance(document, Refusal)
    return document


def test_every_example_can_be_run() -> None:
    documents = read_files(sorted(EXAMPLES.glob("*.yaml")))

    assert len(documents) >= 3
    assert all(isinstance(document, Runnable) for document in documents)


def test_a_file_may_have_several_simulations_and_other_objects(tmp_path: Path) -> None:
    file = write(tmp_path / "mixed.yaml", manifest("one"), {"kind": "Secret"}, None, manifest("two"))

    one, other, two = read_files([file])

    assert isinstance(one, Runnable)
    assert isinstance(two, Runnable)
    assert (one.name, two.name, one.file) == ("one", "two", str(file))
    assert other == Skipped(str(file), "Secret")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "line 1, column 5: not YAML: expected the node content"),
        ("a: 1\na: 2", "line 2, column 1: not YAML: the key 'a' occurs twice: remove one"),
        ("", "file: has no BatterySimulation in it: add one, or give another file"),
        ("? [a]\n: 1", "line 1, column 3: not YAML: found unhashable key"),
        ("- 1", "kind: required, but absent"),
        ("spec: {}", "kind: required, but absent: begin with apiVersion: batterysim.dev/v1alpha1"),
    ],
)
def test_a_file_that_cannot_be_used(text: str, problem: str, tmp_path: Path) -> None:
    assert str(refusal_of(text, tmp_path).problems[-1]).startswith(problem)


def test_a_file_with_other_objects_only_is_no_mistake_unless_there_is_no_other_file(tmp_path: Path) -> None:
    other, ours = write(tmp_path / "1.yaml", {"kind": "Secret"}), write(tmp_path / "2.yaml", manifest())

    assert [type(document) for document in read_files([other, ours])] == [Skipped, Runnable]
    assert [type(document) for document in read_files([other])] == [Skipped, Refusal]


def test_a_file_that_is_absent_or_no_text(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("kind: Gerät".encode("latin-1"))

    absent, no_text = (read_files([path])[0] for path in (tmp_path / "absent.yaml", latin))

    assert isinstance(absent, Refusal)
    assert str(absent.problems[0]) == "file: cannot be read: No such file or directory"
    assert isinstance(no_text, Refusal)
    assert str(no_text.problems[0]) == "file: must be text in UTF-8: save it as such"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"apiVersion": "v1"}, "apiVersion: must be batterysim.dev/v1alpha1, not 'v1'"),
        ({"metadata": {}}, "metadata.name: required, but absent: add it"),
        ({"metadata": None}, "metadata.name: required, but absent: add it"),
        ({"metadata": {"name": "../cell"}}, "metadata.name: must be at most 253 lower-case letters"),
        ({"metadata": {"name": "Cell"}}, "metadata.name: must be at most 253 lower-case letters"),
        ({"metadata": {"generateName": "Cell-"}}, "metadata.generateName: must be at most 200 lower-case"),
        ({"metadata": {"generateName": 5}}, "metadata.generateName: must be at most 200 lower-case"),
        ({"specs": {}}, "specs: unknown field: remove it or correct its spelling"),
        ({"spec": None}, "spec: must be an object with fields"),
        ({"spec": {}}, "spec.cell: required, but absent: add it"),
    ],
)
def test_a_manifest_with_a_mistake(change: Json, problem: str, tmp_path: Path) -> None:
    (document,) = read_files([write(tmp_path / "file.yaml", manifest() | change)])

    assert isinstance(document, Refusal)
    assert str(document.problems[0]).startswith(problem)


def test_a_simulation_whose_name_is_generated(tmp_path: Path) -> None:
    """A local run has no generated names: its files begin as the names would."""
    generated = manifest() | {"metadata": {"generateName": "cell-"}}

    (document,) = read_files([write(tmp_path / "file.yaml", generated)])

    assert isinstance(document, Runnable)
    assert document.name == "cell"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    wrong = manifest("Cell", cell={"parameterSet": "Chen2020", "parameters": {"Electrode wdth [m]": 1}})

    (document,) = read_files([write(tmp_path / "file.yaml", wrong)])

    assert isinstance(document, Refusal)
    assert [problem.field for problem in document.problems] == [
        "metadata.name",
        "spec.cell.parameters['Electrode wdth [m]']",
    ]


def test_two_simulations_of_one_name_would_overwrite_each_other(tmp_path: Path) -> None:
    files = [
        write(tmp_path / f"{number}.yaml", manifest("same"), manifest(f"cell-{number}")) for number in "12"
    ]

    documents = refuse_repeated_names(read_files(files))

    assert [type(document) for document in documents] == [Refusal, Runnable, Refusal, Runnable]
    assert isinstance(documents[2], Refusal)
    assert "'same' occurs more than once" in str(documents[2].problems[0])
