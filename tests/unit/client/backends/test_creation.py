"""The same request gets the same simulation, by either way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.checks.validation import parse_spec
from batterysim.idempotency import LABEL_KEY_HASH, key_hash
from batterysim.problem import InvalidSpecError
from batterysim_bridge.api.submission import read_submission
from batterysim_bridge.api.submission import to_manifest as bridge_manifest
from batterysim_client.backends.creation import if_same, marked
from batterysim_client.errors import ConflictError, RefusedError
from batterysim_client.simulation import to_simulation
from batterysim_client.submission import to_manifest
from tests.builders import raw_spec

NAMES = st.none() | st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
LABELS = st.dictionaries(
    st.from_regex(r"[a-z]{1,10}", fullmatch=True),
    st.from_regex(r"[a-z0-9]{0,10}", fullmatch=True),
    max_size=3,
)
KEYS = st.none() | st.from_regex(r"[a-zA-Z0-9-]{1,36}", fullmatch=True)


@given(name=NAMES, prefix=NAMES, labels=LABELS, key=KEYS)
def test_the_marks_are_those_that_the_bridge_makes(
    name: str | None, prefix: str | None, labels: dict[str, str], key: str | None
) -> None:
    whole = {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "BatterySimulation",
        "metadata": {} if prefix is None else {"generateName": prefix},
        "spec": raw_spec(),
    }
    manifest = to_manifest(whole, "lab", name=name, labels=labels)

    ours = marked(manifest, key)["metadata"]

    submission = read_submission(manifest, None, "elsewhere")
    theirs = bridge_manifest(submission, None if key is None else key_hash("lab", key), "someone")["metadata"]
    del theirs["annotations"]["batterysim.dev/submitted-by"]
    assert ours == theirs


@pytest.mark.parametrize(
    ("metadata", "key", "named"),
    [
        ({"generateName": "cell-"}, None, {"generateName": "cell-"}),
        ({"generateName": "cell-"}, "k", {"name": f"cell-{key_hash('lab', 'k')}"}),
        ({"generateName": "cell-", "name": "a"}, None, {"name": "a"}),
        ({}, None, {"generateName": "sim-"}),
    ],
)
def test_a_name_is_generated_as_the_manifest_says(
    metadata: dict[str, str], key: str | None, named: dict[str, str]
) -> None:
    whole = {"apiVersion": "batterysim.dev/v1alpha1", "kind": "BatterySimulation", "spec": raw_spec()}

    made = marked(to_manifest(whole | {"metadata": metadata}, "lab"), key)["metadata"]

    assert {field: made[field] for field in ("name", "generateName") if field in made} == named


def test_a_beginning_that_no_name_has_is_refused() -> None:
    whole = {"apiVersion": "batterysim.dev/v1alpha1", "kind": "BatterySimulation", "spec": raw_spec()}

    with pytest.raises(RefusedError, match="'Cell-' cannot be generateName"):
        to_manifest(whole | {"metadata": {"generateName": "Cell-"}}, "lab")


def stored(manifest: dict[str, Any]) -> Any:
    return to_simulation({**manifest, "metadata": {**manifest["metadata"], "uid": "u1"}})


def test_the_same_request_gets_what_is_there() -> None:
    request = marked(to_manifest(raw_spec(), "lab", name="cell"), None)
    existing = stored(request)

    assert if_same(existing, request) is existing


def test_another_request_of_the_same_name_does_not() -> None:
    existing = stored(marked(to_manifest(raw_spec(), "lab", name="cell"), None))
    other = marked(to_manifest(raw_spec(), "lab", name="cell", labels={"a": "b"}), None)

    with pytest.raises(ConflictError, match="'cell' in namespace 'lab' exists"):
        if_same(existing, other)


def test_nor_does_one_of_the_same_key() -> None:
    existing = stored(marked(to_manifest(raw_spec(), "lab"), "k"))
    other = marked(to_manifest(raw_spec(), "lab", labels={"a": "b"}), "k")

    assert existing.labels[LABEL_KEY_HASH] == other["metadata"]["labels"][LABEL_KEY_HASH]
    with pytest.raises(ConflictError, match="the idempotency key belongs to 'sim-"):
        if_same(existing, other)


def test_a_spec_a_dict_and_a_manifest_ask_for_the_same() -> None:
    spec = raw_spec()
    whole = {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "BatterySimulation",
        "metadata": {"name": "cell", "namespace": "lab", "resourceVersion": "7"},
        "spec": spec,
        "status": {"phase": "Succeeded"},
    }

    assert to_manifest(whole, "elsewhere") == to_manifest(spec, "lab", name="cell")
    assert to_manifest(parse_spec(spec), "lab")["spec"] == to_manifest(spec, "lab")["spec"]


def test_what_is_given_wins_over_the_manifest() -> None:
    manifest = to_manifest(raw_spec(), "lab", name="cell", labels={"a": "1", "b": "1"})

    changed = to_manifest(manifest, "lab", name="other", namespace="plant", labels={"b": "2"})["metadata"]

    assert changed == {
        "name": "other",
        "namespace": "plant",
        "labels": {"a": "1", "b": "2"},
        "annotations": {},
    }


def test_a_manifest_of_something_else_is_refused() -> None:
    with pytest.raises(InvalidSpecError, match="kind: must be BatterySimulation, not 'Job'"):
        to_manifest({"apiVersion": "batterysim.dev/v1alpha1", "kind": "Job"}, "lab")


@pytest.mark.parametrize("name", ["../secrets", "Cell", "a/b", "a b", "", "-a", "a?b"])
def test_a_name_that_could_be_part_of_a_path_is_refused(name: str) -> None:
    with pytest.raises(RefusedError, match="cannot be a name"):
        to_manifest(raw_spec(), "lab", namespace=name or ".")
