"""Objects of the API server, decoded no further than is needed."""

import json

import pytest
from devtools.fake_api_server import deep_object

from batterysim_kube.documents import (
    UNREADABLE,
    lean_metadata,
    lean_object,
    name_in,
    read_event,
    read_page,
)

OBJECT = {
    "kind": "BatterySimulation",
    "metadata": {
        "name": "cell-1",
        "namespace": "lab",
        "annotations": {"team": "a", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
        "managedFields": [{"manager": "kubectl"}],
    },
    "spec": {
        "callback": {"url": "https://jobs.example.com"},
        "cell": {"bpx": {"inline": {"Header": {}}}},
        "protocol": {"constantCurrent": {"currentAmperes": 5}},
    },
    "status": {"phase": "Running"},
}
METADATA = {"name": "cell-1", "namespace": "lab", "annotations": {"team": "a"}}


def page(*items: bytes) -> bytes:
    return b'{"items":[' + b",".join(items) + b'],"metadata":{"continue":"next","resourceVersion":"7"}}'


def test_an_object_is_read_without_the_notes_of_other_programs() -> None:
    assert lean_object(json.dumps(OBJECT).encode()) == {**OBJECT, "metadata": METADATA}


def test_what_is_large_in_a_spec_is_left_out() -> None:
    document = {"Header": {"BPX": "0.5"}, "Parameterisation": {"a": [1.0] * 1000}}
    spec = {
        "cell": {"bpx": {"inline": document}, "parameters": {"x": 1.0}},
        "protocol": {"profile": {"csv": "1,2\n" * 1000, "repeat": 2}},
        "run": {"isolation": "Process"},
    }

    assert lean_object(json.dumps({**OBJECT, "spec": spec}).encode())["spec"] == {
        "cell": {
            "bpx": {"inline": {"Header": {"BPX": "0.5"}, "Parameterisation": None}},
            "parameters": {"x": 1.0},
        },
        "protocol": {"profile": {"csv": None, "repeat": 2}},
        "run": {"isolation": "Process"},
    }


def test_many_small_parts_are_not_all_read() -> None:
    spec = {"cell": {str(number): "x" * 100 for number in range(1000)}, "run": {"isolation": "Process"}}

    found = lean_object(json.dumps({**OBJECT, "spec": spec}).encode())["spec"]

    assert sum(value is not None for value in found["cell"].values()) < 50
    assert found["run"] == {"isolation": "Process"}


def test_metadata_are_read_alone() -> None:
    assert lean_metadata(json.dumps(OBJECT).encode()) == {"metadata": METADATA}


def test_annotations_that_were_only_notes_are_left_out() -> None:
    noted = {"name": "a", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}

    assert lean_metadata(json.dumps({"metadata": noted}).encode()) == {"metadata": {"name": "a"}}


@pytest.mark.parametrize("levels", [10, 1200, 100_000])
def test_a_page_is_cut_into_items_however_deep_one_is(levels: int) -> None:
    deep, flat = deep_object("lab", "deep", levels), json.dumps(OBJECT).encode()

    found = read_page(page(deep, flat))

    assert found.items == [deep, flat]
    assert (found.resource_version, found.proceed) == ("7", "next")


def test_strings_with_brackets_do_not_mislead() -> None:
    """The cut of a page with a deep item must know where a string ends."""
    odd = json.dumps(
        {"metadata": {"name": 'a"]}', "items": ["]", "\\", '\\"[']}}, separators=(",", ":")
    ).encode()
    deep = deep_object("lab", "deep", 100_000)

    assert read_page(page(odd, deep, odd)).items == [odd, deep, odd]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"metadata": 1}', b"[" * 100_000])
def test_what_is_no_list_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="no list"):
        read_page(body)


def test_a_list_without_items_may_have_null() -> None:
    assert read_page(b'{"items":null,"metadata":{"resourceVersion":"7"}}').items == []


def test_an_event_is_read_before_its_object() -> None:
    assert read_event(b'{"type":"ADDED","object":{"a": 1}}') == ("ADDED", b'{"a": 1}')


@pytest.mark.parametrize(
    "item", [b"", b"7", b"null", b"{}", b'{"metadata":7}', b'{"metadata":{"annotations":7}}', b"\xff"]
)
def test_what_makes_no_sense_is_unreadable(item: bytes) -> None:
    with pytest.raises(UNREADABLE):
        lean_object(item)


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (deep_object("lab", "deep"), "lab/deep"),
        (b'{"metadata":{"managedFields":[{"f:name":{}}],"name":"b","namespace":"a"}', "a/b"),
        (b"{}", "an object without a name"),
    ],
)
def test_what_cannot_be_read_is_named(item: bytes, name: str) -> None:
    assert name_in(item) == name
