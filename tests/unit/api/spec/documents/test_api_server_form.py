"""Nothing in the CRD is of any shape, and what people write as objects and lists still runs."""

import json
from typing import Any

import pytest
import yaml

from batterysim.checks.validation import parse_spec
from batterysim.crd import build_crd
from batterysim.problem import InvalidSpecError
from batterysim.spec.cell import MAX_BPX_CHARACTERS
from batterysim.spec.documents.api_server_form import in_api_server_form
from tests.builders import Json, bpx_cell, bpx_document, raw_spec, spec_of

LEVELS = 1200
"""7 KB, which the API server stored and no list of simulations survived."""

SCHEMA = build_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
BLEND = {"parameterSet": "Chen2020_composite"}


def deep(levels: int) -> Any:
    document: Any = 1
    for _ in range(levels):
        document = {"a": document}
    return document


def test_the_api_server_bounds_everything() -> None:
    text = yaml.safe_dump(build_crd())

    assert "preserve-unknown-fields" not in text
    assert SCHEMA["cell"]["properties"]["bpx"]["properties"]["document"] == {
        "description": "The whole BPX document, as JSON.",
        "maxLength": MAX_BPX_CHARACTERS,
        "minLength": 1,
        "type": "string",
    }
    options = SCHEMA["model"]["properties"]["options"]
    assert options["maxProperties"] == 100
    assert options["additionalProperties"] == {"maxLength": 200, "x-kubernetes-int-or-string": True}


def test_an_inline_document_is_sent_as_text() -> None:
    raw = raw_spec() | {"cell": {"bpx": {"inline": bpx_document()}, "initialStateOfCharge": 1}}

    sent = in_api_server_form(raw)

    assert json.loads(sent["cell"]["bpx"]["document"]) == bpx_document()
    assert sent["cell"]["initialStateOfCharge"] == 1
    assert "inline" in raw["cell"]["bpx"]
    assert parse_spec(raw) == parse_spec(sent)


def test_a_document_is_the_same_however_it_is_spaced() -> None:
    spaced = spec_of(cell=bpx_cell({}) | {"bpx": {"document": json.dumps(bpx_document(), indent=4)}})

    assert spaced.physics() == spec_of(cell=bpx_cell(bpx_document())).physics()


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (["2", "1"], '["2", "1"]'),
        ([2, 1], "[2, 1]"),
        ('["2","1"]', '["2","1"]'),
    ],
)
def test_a_pair_is_sent_as_text(value: Any, sent: str) -> None:
    raw = raw_spec(model={"options": {"particle phases": value}}) | {"cell": BLEND}

    assert in_api_server_form(raw)["model"]["options"]["particle phases"] == sent
    options = parse_spec(raw).model.options
    assert [str(item) for item in options["particle phases"]] == ["2", "1"]  # type: ignore[union-attr]


def test_a_spec_is_read_from_what_it_is_written_as() -> None:
    options: Json = {"particle phases": ["2", "1"], "contact resistance": True}
    cell = {**BLEND, "parameters": {"Contact resistance [Ohm]": 0.01}}
    spec = parse_spec(raw_spec(model={"options": options}) | {"cell": cell})

    assert spec.to_json_dict()["model"]["options"] == {  # type: ignore[index]
        "particle phases": '["2", "1"]',
        "contact resistance": "true",
    }
    assert parse_spec(spec.to_json_dict()).physics() == spec.physics()


@pytest.mark.parametrize(
    "fields",
    [
        {"model": {"options": {"thermal": deep(LEVELS)}}},
        {"model": deep(LEVELS)},
        {"cell": {"bpx": {"inline": deep(LEVELS)}}},
        deep(LEVELS),
        {"model": {"options": {"particle phases": json.loads("[" * 900 + "]" * 900)}}},
    ],
    ids=["option", "model", "document", "spec", "list"],
)
def test_a_deep_spec_is_invalid(fields: Json) -> None:
    raw = {**raw_spec(), **fields}

    with pytest.raises(InvalidSpecError, match=r"^spec: more than 50 levels deep"):
        parse_spec(raw)
    assert in_api_server_form(raw) is raw


@pytest.mark.parametrize("levels", [60, LEVELS, 60_000])
def test_a_deep_text_is_invalid(levels: int) -> None:
    text = '{"a":' * levels + "1" + "}" * levels

    with pytest.raises(
        InvalidSpecError, match=r"spec\.cell\.bpx\.document: is more than 50 levels deep|characters"
    ):
        parse_spec(raw_spec() | {"cell": {"bpx": {"document": text}}})


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("[2, 1", "'[2, 1' is no list: write a pair as '[\"2\", \"1\"]'"),
        ("[" * 150, "is no list"),
        ("x" * 201, "has 201 characters, more than 200: write one of its values"),
    ],
)
def test_a_pair_that_is_none(value: str, complaint: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        spec_of(model={"options": {"particle phases": value}})

    (problem,) = caught.value.problems
    assert problem.field == "spec.model.options.particle phases"
    assert complaint in problem.message


@pytest.mark.parametrize("strange", [None, [], "x", 5, {"model": 5}, {"cell": {"bpx": {"inline": 5}}}])
def test_what_makes_no_sense_is_left_to_the_validation(strange: Any) -> None:
    assert in_api_server_form(strange) == strange
    with pytest.raises(InvalidSpecError):
        parse_spec(strange)
