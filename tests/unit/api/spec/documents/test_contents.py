"""Contents in ConfigMaps come to their places in the spec, or it is said why not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim.spec.documents.contents import (
    MAX_SPEC_BYTES,
    ContentReference,
    UnreadableContentError,
    references,
    resolve,
)
from tests.builders import Json, raw_spec

BPX = {"name": "cells", "key": "mine.json"}
PROFILE = {"name": "trips", "key": "trip.csv"}


def spec_with_references() -> Json:
    return {
        "cell": {"bpx": {"configMapKeyRef": BPX}},
        "protocol": {"profile": {"quantity": "Current", "configMapKeyRef": PROFILE}},
    }


def read(reference: ContentReference) -> str:
    return {"mine.json": '{"Header": {}}', "trip.csv": "0,1\n1,2\n"}[reference.key]


def complaints(raw: Json, reader: Any) -> list[str]:
    with pytest.raises(InvalidSpecError) as caught:
        resolve(raw, reader)
    return [str(problem) for problem in caught.value.problems]


def test_what_a_spec_refers_to_and_where_the_runner_finds_it() -> None:
    bpx, profile = references(spec_with_references())

    assert bpx == ContentReference(("cell", "bpx"), "cells", "mine.json", "references/bpx.json")
    assert profile == ContentReference(("protocol", "profile"), "trips", "trip.csv", "references/profile.csv")
    assert bpx.field == "spec.cell.bpx.configMapKeyRef"


def test_a_spec_of_inline_contents_refers_to_nothing() -> None:
    raw = raw_spec()

    assert references(raw) == []
    assert resolve(raw, read) == raw


def test_contents_take_the_place_of_their_references() -> None:
    raw = spec_with_references()

    assert resolve(raw, read) == {
        "cell": {"bpx": {"document": '{"Header":{}}'}},
        "protocol": {"profile": {"quantity": "Current", "csv": "0,1\n1,2\n"}},
    }
    assert raw == spec_with_references()


def test_everything_that_is_missing_is_told_at_once() -> None:
    def nothing(_: ContentReference) -> str:
        raise UnreadableContentError("is not there: create it")

    assert complaints(spec_with_references(), nothing) == [
        "spec.cell.bpx.configMapKeyRef: key 'mine.json' of ConfigMap 'cells' is not there: create it",
        "spec.protocol.profile.configMapKeyRef: key 'trip.csv' of ConfigMap 'trips' is not there: create it",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is not JSON: Expecting property name enclosed in double quotes in line 1, column 2"),
        ("Header:\n  BPX: 1", "is not JSON: Expecting value in line 1, column 1"),
        ("[1]", "must be a JSON object, which begins with a brace"),
        ('{"a": NaN}', "has NaN, which is not a number: correct it"),
        ('{"a": -Infinity}', "has -Infinity, which is not a number: correct it"),
    ],
)
def test_a_bpx_file_must_be_a_json_object(text: str, complaint: str) -> None:
    raw = {"cell": {"bpx": {"configMapKeyRef": BPX}}}

    assert complaints(raw, lambda _: text) == [
        f"spec.cell.bpx.configMapKeyRef: key 'mine.json' of ConfigMap 'cells' {complaint}"
    ]


@pytest.mark.parametrize(
    "raw",
    [
        {"cell": {"bpx": {"document": "{}", "configMapKeyRef": BPX}}},  # one too many
        {"cell": {"bpx": {"configMapKeyRef": {"name": "cells"}}}},  # no key
        {"cell": {"bpx": {"configMapKeyRef": {"name": "cells", "key": "../../token"}}}},
        {"cell": {"bpx": "cells"}},
    ],
)
def test_a_reference_that_makes_no_sense_is_left_to_validation(raw: Json) -> None:
    assert references(raw) == []
    with pytest.raises(InvalidSpecError, match=r"spec\.cell\.bpx"):
        parse_spec(raw_spec() | raw, read)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["cell", "bpx", "protocol"]), inner),
)


@given(ANYTHING)
def test_no_spec_is_too_strange_to_be_looked_at(raw: Any) -> None:
    assert references(raw) == []


def test_a_content_from_a_config_map_may_be_longer_than_an_inline_one() -> None:
    rows = "".join(f"{second},1.5\n" for second in range(40_000))
    spec = {"protocol": {"profile": {"quantity": "Current", "configMapKeyRef": PROFILE}}}

    parsed = parse_spec(raw_spec() | spec, lambda _: rows)

    assert len(rows) > MAX_SPEC_BYTES
    assert parsed.protocol.profile is not None
    assert parsed.protocol.profile.csv is not None
    assert len(parsed.protocol.profile.csv) == len(rows)


def test_a_spec_that_would_not_reach_its_runner_is_refused() -> None:
    long = {"bpx": {"document": json.dumps({"x": "1" * MAX_SPEC_BYTES})}}

    with pytest.raises(InvalidSpecError) as caught:
        parse_spec(raw_spec() | {"cell": long})

    size = len(json.dumps(raw_spec() | {"cell": long}, separators=(",", ":")))
    assert str(caught.value) == (
        f"spec.cell.bpx.document: with it the spec has {size} characters of JSON, more than 250000: "
        "put it into a ConfigMap and name that in configMapKeyRef"
    )


def test_profiles_of_steps_are_in_config_maps_too() -> None:
    step = {"profile": {"quantity": "Current", "configMapKeyRef": PROFILE}}
    rest = {"rest": True, "durationSeconds": 60}
    experiments = (
        {"structuredSteps": [rest, step]},
        {"blocks": [{"steps": ["Rest for 1 hour"]}, {"structuredSteps": [step]}]},
    )

    plain, nested = ({"protocol": {"experiment": experiment}} for experiment in experiments)

    (reference,) = references(plain)
    assert reference.file == "references/step-1.csv"
    assert reference.field == "spec.protocol.experiment.structuredSteps.1.profile.configMapKeyRef"
    assert references(nested)[0].file == "references/block-1-step-0.csv"
    resolved: Any = resolve(nested, read)
    assert resolved["protocol"]["experiment"]["blocks"][1]["structuredSteps"][0] == {
        "profile": {"quantity": "Current", "csv": "0,1\n1,2\n"}
    }


def test_functions_of_the_cell_are_in_config_maps_too() -> None:
    functions = {"Positive electrode OCP [V]": {"configMapKeyRef": PROFILE, "scale": 1.1}}

    (reference,) = references({"cell": {"functions": functions}})

    assert reference.file.startswith("references/function-")
    assert reference.field == "spec.cell.functions['Positive electrode OCP [V]'].configMapKeyRef"
    resolved: Any = resolve({"cell": {"functions": functions}}, read)
    assert resolved["cell"]["functions"]["Positive electrode OCP [V]"] == {
        "table": "0,1\n1,2\n",
        "scale": 1.1,
    }
