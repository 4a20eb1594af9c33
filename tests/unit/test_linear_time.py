"""What a user may send costs time in proportion to its length, whatever it says.

Each case is a text that grows up to the most that its door lets in. The length is quadrupled, which is two
doublings, again and again: the CPU time may triple at each doubling, and no more.
"""

import contextlib
import gc
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa
import pytest

from batterysim.checks.validation import parse_spec
from batterysim.idempotency import key_hash
from batterysim.kubernetes_names import NotANameError, is_subdomain, path_of
from batterysim.problem import InvalidSpecError
from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim.spec.documents.contents import MAX_SPEC_BYTES
from batterysim_bridge.api.lists.label_selector import SelectorError, parse_selector
from batterysim_bridge.api.submission import read_idempotency_key, read_submission
from batterysim_bridge.cluster.claimed import objection_to_token
from batterysim_bridge.http.byte_range import parse_range
from batterysim_bridge.http.host import is_own_host
from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.http.request_body import parse_json, parse_yaml
from batterysim_bridge.intake.upload_headers import read_upload_headers
from batterysim_bridge.job_manager.request import SimulationType, read_request
from batterysim_bridge.results.selection import Selection, select
from batterysim_formats.series import Series
from tests.builders import bpx_cell, bpx_document, raw_spec
from tests.crd_places import Place, places_of_texts, put

MAX_GROWTH = 3.0**2
NEGLIGIBLE_SECONDS = 0.15
"""Below it, the memory that is fetched from the system is as dear as the work."""
TRIES = 4

SPEC = MAX_SPEC_BYTES - 10_000
BODY = 1024 * 1024
HEAD = 64 * 1024

REFUSALS = (InvalidSpecError, ProblemError, SelectorError, NotANameError)


class Case(NamedTuple):
    """What takes a text, and the most characters that reach it."""

    take: Callable[[str], object]
    largest: int


def in_bpx(text: str) -> object:
    document = bpx_document()
    document["Parameterisation"]["Negative electrode"]["OCP [V]"] = text
    return parse_spec(raw_spec(cell=bpx_cell(document)))


def as_bpx_functions(text: str) -> object:
    """Take the text as many expressions, each as long as one may be."""
    document = bpx_document()
    pieces = [text[start : start + 1000] for start in range(0, len(text), 1000)]
    document["Parameterisation"]["User-defined"] = {
        f"f{number}": piece for number, piece in enumerate(pieces)
    }
    return parse_spec(raw_spec(cell=bpx_cell(document)))


def as_bpx_tables(text: str) -> object:
    document = bpx_document()
    table = {"x": [float(number) for number in range(len(text) // 8)], "y": [1.0] * (len(text) // 8)}
    document["Parameterisation"]["Negative electrode"]["OCP [V]"] = table
    return parse_spec(raw_spec(cell=bpx_cell(document)))


def words(text: str, length: int) -> list[str]:
    """Return different names of this length."""
    return [f"{text[:length]}{number}" for number in range(len(text) // length)]


def as_options(text: str) -> object:
    return parse_spec(raw_spec(model={"options": dict.fromkeys(words(text, 12), "x")}))


def as_parameters(text: str) -> object:
    return parse_spec(raw_spec(cell={"parameters": dict.fromkeys(words(text, 60), 1.0)}))


def as_pack_parameters(text: str) -> object:
    """Take the text as names of parameters, 50 in a cell; 95 cells of them once took 54 s."""
    names = words(text, 60)
    cells = [
        {
            "series": 1,
            "parallel": 1 + start // 50,
            "parameters": dict.fromkeys(names[start : start + 50], 1.0),
        }
        for start in range(0, len(names), 50)
    ]
    return parse_spec(raw_spec(pack={"parallelCount": 200, "cells": cells}))


def as_variables(text: str) -> object:
    return parse_spec(raw_spec(output={"variables": words(text, 60)}))


def as_profile(text: str) -> object:
    return parse_spec(raw_spec(protocol={"profile": {"quantity": "Current", "csv": text}}))


def as_rows(text: str) -> object:
    rows = "\n".join(f"{number},1" for number in range(len(text) // 8))
    return as_profile(rows)


def as_steps(text: str) -> object:
    steps = [text[start : start + 200] for start in range(0, len(text), 200)] or ["a"]
    return parse_spec(raw_spec(protocol={"experiment": {"steps": steps}}))


def as_structured_steps(text: str) -> object:
    steps = [{"text": text[start : start + 200]} for start in range(0, len(text), 200)] or [{"text": "a"}]
    return parse_spec(raw_spec(protocol={"experiment": {"structuredSteps": steps}}))


def as_url(text: str) -> object:
    return parse_spec(raw_spec(callback={"url": f"http://{text}/"}))


def as_field(text: str, field: str, **values: Any) -> object:
    return parse_spec({**raw_spec(), field: {**values, text: text}})


def as_secret(text: str) -> object:
    return parse_spec(
        raw_spec(callback={"url": "http://a.example/", "secretRef": {"name": text, "key": text}})
    )


def as_cores(text: str) -> object:
    return parse_spec(raw_spec(run={"resources": {"limits": {"cpu": text}}}))


def as_name(text: str) -> object:
    return read_submission({"name": text, "spec": raw_spec()}, None, "lab")


def as_labels(text: str) -> object:
    labels = {word: word for word in [text, *words(text, 60)]}
    return read_submission({"name": "a", "labels": labels, "spec": raw_spec()}, None, "lab")


def as_columns(text: str) -> object:
    """Take the text as names of columns in a URL; 3,500 unknown ones once took 7.5 s."""
    schema = pa.schema([(f"Variable {number} [V]", pa.float64()) for number in range(100)])
    return select(Series(schema, lambda _: iter(())), Selection(variables=(text, *words(text, 12))))


def as_digest(text: str) -> object:
    headers = {"content-type": PARQUET_MEDIA_TYPE, "content-length": "1", "content-digest": text}
    return read_upload_headers(headers, 1)


def at_place(text: str, place: Place) -> object:
    """Take the text as a value at a place of a spec, and as the names on the way to it."""
    return parse_spec(raw_spec() | put(place, text, name=text))


CASES = {
    "BPX expression": Case(in_bpx, SPEC),
    "BPX expressions": Case(as_bpx_functions, SPEC),
    "options": Case(as_options, SPEC),
    "parameters": Case(as_parameters, SPEC),
    "parameters of a pack": Case(as_pack_parameters, SPEC // 2),
    "variables": Case(as_variables, SPEC),
    "profile": Case(as_profile, SPEC),
    "steps": Case(as_steps, 100 * 200),
    "structured steps": Case(as_structured_steps, 100 * 200),
    "unknown field": Case(partial(as_field, field="output"), SPEC // 2),
    "URL": Case(as_url, SPEC),
    "reference": Case(as_secret, SPEC // 2),
    "quantity": Case(as_cores, SPEC),
    "name": Case(as_name, SPEC),
    "labels": Case(as_labels, SPEC),
    "YAML": Case(parse_yaml, BODY),
    "YAML value": Case(lambda text: parse_yaml(f"a: {text}"), BODY),
    "YAML number": Case(lambda text: parse_yaml(f"a: 1{text}"), BODY),
    "JSON": Case(parse_json, BODY),
    "JSON text": Case(lambda text: parse_json(f'"{text}"'), BODY),
    "label selector": Case(parse_selector, HEAD),
    "name of an object": Case(is_subdomain, HEAD),
    "part of a path": Case(path_of, HEAD),
    "idempotency key": Case(read_idempotency_key, HEAD),
    "hash of a key": Case(partial(key_hash, "lab"), HEAD),
    "columns": Case(as_columns, HEAD),
    "byte range": Case(lambda text: parse_range(text, 1000), HEAD),
    "host": Case(lambda text: is_own_host(text, ()), HEAD),
    "token": Case(lambda text: objection_to_token(f"a.{text}.b", 0.0), HEAD),
    "digest": Case(as_digest, HEAD),
    "Job Manager": Case(lambda text: read_request(SimulationType.CELL, text.encode()), HEAD),
} | {".".join(place): Case(partial(at_place, place=place), SPEC) for place in places_of_texts()}
PIECES = [
    "a",
    "_ü",
    "(",
    "exp(",
    "1",
    "1:",
    ":1",
    "1e",
    "-",
    " ",
    ",",
    "a,",
    "a.",
    "[",
    "{",
    "'",
    '"',
    "\\",
    "\n",
    "- ",
    "a b ",
    "x-",
    "ü",
    "\t",
    ", sha-256=:",
    "9",
]
SIZED = {"rows of a profile": as_rows, "BPX table": as_bpx_tables}


def seconds_for(take: Callable[[str], object], text: str) -> float:
    gc.disable()  # it comes when it likes, and costs as much as there is
    started = time.process_time()
    with contextlib.suppress(*REFUSALS):
        take(text)
    gc.enable()
    return time.process_time() - started


def text_of(piece: str, length: int) -> str:
    return (piece * (length // len(piece) + 1))[:length]


def growth(case: Case, piece: str, length: int) -> float:
    """Return how many times as long four times the text takes; 0 where that is hardly measurable."""
    long, short = text_of(piece, 4 * length), text_of(piece, length)
    if seconds_for(case.take, long) < NEGLIGIBLE_SECONDS:
        return 0.0
    return min(seconds_for(case.take, long) for _ in range(2)) / min(
        seconds_for(case.take, short) for _ in range(3)
    )


def holds(case: Case, piece: str, length: int) -> bool:
    return any(growth(case, piece, length) <= MAX_GROWTH for _ in range(TRIES))


def test_every_text_of_a_spec_is_tried() -> None:
    places = places_of_texts()

    assert ("cell", "bpx", "document") in places
    assert ("model", "options", "{}") in places
    assert ("protocol", "experiment", "steps", "[]") in places
    assert len(places) > 20


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_time_grows_with_the_length(name: str, piece: str) -> None:
    case = CASES[name]
    length = case.largest // 4**4
    while length <= case.largest // 4:
        assert holds(case, piece, length), f"{4 * length} characters"
        length *= 4


@pytest.mark.parametrize("name", SIZED)
def test_time_grows_with_the_number_of_rows(name: str) -> None:
    case = Case(SIZED[name], SPEC)

    assert holds(case, "a", SPEC // 16)
    assert holds(case, "a", SPEC // 4)
