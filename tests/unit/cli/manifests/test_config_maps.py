"""A simulation finds what it refers to in the files that the command is given."""

from pathlib import Path

import pytest

from batterysim.problem import InvalidSpecError
from batterysim_cli.local.run import run
from batterysim_cli.manifests.files import Document, Refusal, Runnable, read_files
from tests.builders import Json, bpx_document
from tests.unit.cli.builders import EXAMPLES, batterysim, manifest, write

FIELD = "spec.cell.bpx.configMapKeyRef: key 'mine.json' of ConfigMap 'cells'"


def simulation(**metadata: str) -> Json:
    raw = manifest(cell={"bpx": {"configMapKeyRef": {"name": "cells", "key": "mine.json"}}})
    return raw | {"metadata": raw["metadata"] | metadata}


def config_map(data: object, **metadata: str) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cells", **metadata}, "data": data}


def problems_of(*documents: Document) -> list[str]:
    (refusal,) = documents
    assert isinstance(refusal, Refusal)
    return [str(problem) for problem in refusal.problems]


def test_the_example_holds_its_bpx_file_itself() -> None:
    (document,) = read_files([EXAMPLES / "bpx-cell.yaml"])

    assert isinstance(document, Runnable)
    assert document.spec.cell.bpx is not None
    assert document.spec.cell.bpx.content == bpx_document()


def test_the_config_map_may_be_in_another_file(tmp_path: Path) -> None:
    ours = write(tmp_path / "1.yaml", simulation())
    theirs = write(tmp_path / "2.yaml", config_map({"mine.json": "{"}))

    assert problems_of(*read_files([ours, theirs])) == [
        f"{FIELD} is not JSON: Expecting property name enclosed in double quotes in line 1, column 2"
    ]


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        ([], "is in none of the files: add the file with this ConfigMap"),
        ([config_map({"mine.json": "{}"}, namespace="other")], "is in none of the files"),
        (
            [config_map({"a.json": "", "b.json": ""})],
            "does not exist: correct the reference; its keys are 'a.json'",
        ),
        ([config_map(None)], "does not exist: correct the reference; its keys are none"),
        ([config_map({"mine.json": {"Header": {}}})], "must be text: quote it, or write it below a |"),
    ],
    ids=["no ConfigMap", "other namespace", "no such key", "no data", "no text"],
)
def test_what_is_missing_is_told(found: list[Json], complaint: str, tmp_path: Path) -> None:
    file = write(tmp_path / "file.yaml", simulation(namespace="lab"), *found)

    (problem,) = problems_of(*read_files([file]))

    assert problem.startswith(f"{FIELD} {complaint}")


@pytest.mark.parametrize(
    ("ours", "theirs"), [({}, {"namespace": "lab"}), ({"namespace": "lab"}, {}), ({}, {})]
)
def test_who_names_no_namespace_means_the_same_one(
    ours: dict[str, str], theirs: dict[str, str], tmp_path: Path
) -> None:
    file = write(tmp_path / "file.yaml", simulation(**ours), config_map({"mine.json": "{}"}, **theirs))

    assert problems_of(*read_files([file])) == [
        "spec.cell.bpx['Header']: required, but absent: a BPX file begins with it"
    ]


def test_python_has_no_files_to_look_into() -> None:
    with pytest.raises(InvalidSpecError) as caught:
        run(simulation())

    assert str(caught.value) == (
        f"{FIELD} is out of reach, because there is no cluster here: give its content as text, a path or a "
        "data frame"
    )


def test_validate_says_that_the_example_is_valid() -> None:
    ended = batterysim("validate", EXAMPLES / "bpx-cell.yaml")

    assert (ended.returncode, ended.stderr) == (0, "")
