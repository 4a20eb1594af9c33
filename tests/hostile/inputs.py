"""What somebody may send who means harm: deep, long, wide, oddly named, not Unicode, not a number."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from batterysim import names
from tests.builders import bpx_cell, bpx_document, raw_spec
from tests.crd_places import places_of_numbers, places_of_texts, put

PIECES = (
    *("a", "(", "((a)", "exp(", "9**", "x**", "-", "1e9", ",", "\n", "1,1\n", "../", "%2e%2e%2f", "\\", "'"),
    *(
        '"',
        "{",
        "[[",
        "ü",
        "e\u0301\u0301\u0301",
        "\u202e",
        "\u200b",
        "\ufeff",
        "\U0001f50b",
        "\x00",
        "\x1b[2J",
    ),
    *("Charge at 1 C for 1 h ", "<script>", "${jndi:x}", "{{7*7}}", "sha-256=:", "a b ", "a-", "9"),
)
LENGTHS = (1, 100, 250, 5_000, 60_000, 199_000)
NAMES = (
    *("", ".", "..", "../../secrets/x", "%2e%2e/x", "a/b", "A", "ä", "a" * 254, "a\n", "a\x00", "-a", "a..b"),
    *("con", "null", "0x1", "batterysimulations?watch=true", "\u202egnp", "a b", "*", "$(id)", "_"),
)
NUMBERS = (
    *(
        "0",
        "-0.0",
        "-1",
        "1e308",
        "-1e308",
        "1e-320",
        "9" * 4300,
        "9" * 400,
        "1" + "0" * 5000,
        "0." + "0" * 900,
    ),
    *("true", "null", '"NaN"', '"1"', "[]", "{}", "9007199254740993", "-9223372036854775809", "1e999"),
)
DEPTHS = (51, 400, 1200, 5_000, 9_900)
EXPRESSIONS = (
    *("9**9**9**9", "exec(chr(105))", "x.__class__", "(lambda: 1)()", "[x for x in x]", "x if x else x"),
    *(
        "exp(" * 200 + "x" + ")" * 200,
        "-" * 900 + "x",
        "tanh(x",
        "x;x",
        "x:=1",
        "f'{x}'",
        "1/0",
        "x**1e9",
        "(" * 900,
    ),
)
SECTIONS = ("model", "cell", "pack", "protocol", "output", "solver", "callback", "run", "metadata", "unknown")
_MARK = "@@hostile@@"


class Input(NamedTuple):
    """Something to send.

    body: the JSON of a BatterySimulation, or anything else.
    """

    kind: str
    body: bytes


def inputs(seed: int, count: int) -> Iterator[Input]:
    """Yield inputs, the same for the same seed. All kinds come as often."""
    chance = random.Random(seed)
    kinds = list(KINDS.items())
    for number in range(count):
        kind, make = kinds[number % len(kinds)]
        yield Input(kind, make(chance, f"hostile-{seed}-{number}"))


def _object(name: str, spec: Any, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": name, **(metadata or {})},
        "spec": spec,
    }


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


def _with(name: str, fields: dict[str, Any], literal: str) -> bytes:
    """Return an object with a literal in the place of the mark."""
    return _json(_object(name, raw_spec() | fields)).replace(json.dumps(_MARK).encode(), literal.encode())


def _long(chance: random.Random, name: str) -> bytes:
    piece, length = chance.choice(PIECES), chance.choice(LENGTHS)
    text = (piece * (length // len(piece) + 1))[:length]
    return _json(_object(name, raw_spec() | put(chance.choice(places_of_texts()), text, text[:200])))


def _odd_reference(chance: random.Random, name: str) -> bytes:
    places = [place for place in places_of_texts() if place[-1] in ("name", "key", "url", "queueName", "id")]
    return _json(_object(name, raw_spec() | put(chance.choice(places), chance.choice(NAMES))))


def _odd_name(chance: random.Random, _: str) -> bytes:
    return _json(_object(chance.choice(NAMES), raw_spec()))


def _number(chance: random.Random, name: str) -> bytes:
    return _with(name, put(chance.choice(places_of_numbers()), _MARK), chance.choice(NUMBERS))


def _deep(chance: random.Random, name: str) -> bytes:
    depth, (opening, closing) = chance.choice(DEPTHS), chance.choice((('{"a":', "}"), ("[", "]")))
    return _with(name, {chance.choice(SECTIONS): _MARK}, opening * depth + "1" + closing * depth)


def _deep_document(chance: random.Random, name: str) -> bytes:
    depth = chance.choice(DEPTHS)
    document = '{"Parameterisation":' + '{"a":' * depth + "1" + "}" * depth + "}"
    return _json(_object(name, raw_spec(cell={"parameterSet": None, "bpx": {"document": document}})))


def _expression(chance: random.Random, name: str) -> bytes:
    document = bpx_document()
    electrode = chance.choice(("Negative electrode", "Positive electrode"))
    document["Parameterisation"][electrode]["OCP [V]"] = chance.choice(EXPRESSIONS)
    return _json(_object(name, raw_spec(cell=bpx_cell(document))))


def _wide(chance: random.Random, name: str) -> bytes:
    many = [f"{chance.choice('abc')}{number} [V]" for number in range(chance.choice((60, 1000, 5000)))]
    fields = chance.choice(
        (
            {"model": {"options": dict.fromkeys(many, "true")}},
            {"cell": {"parameterSet": "Chen2020", "parameters": dict.fromkeys(many, 1.0)}},
            {"output": {"variables": many}},
            {"protocol": {"experiment": {"steps": [f"Rest for {each}" for each in many]}}},
            {"pack": {"parallelCount": 50, "cells": [{"series": 1, "parallel": 1}] * len(many)}},
            dict.fromkeys(many, 1),
        )
    )
    return _json(_object(name, raw_spec() | fields))


def _metadata(chance: random.Random, name: str) -> bytes:
    metadata: dict[str, Any] = chance.choice(
        (
            {"annotations": {"a": "x" * 250_000}},
            {
                "annotations": {
                    names.ANNOTATION_SIMULATION: "../../../api/v1/namespaces/kube-system/secrets/x"
                }
            },
            {"annotations": {f"{names.GROUP}/submitted-by": "system:admin"}},
            {"labels": {f"l{number}": "x" for number in range(2000)}},
            {"labels": {"../": "x"}},
            {"labels": {names.LABEL_SIMULATION_UID: "../x"}},
            {
                "ownerReferences": [
                    {"apiVersion": "batch/v1", "kind": "Job", "name": "../x", "uid": "../../x"}
                ]
            },
            {"namespace": "../kube-system"},
            {"generateName": "../"},
        )
    )
    # It can be stored, and cannot be run.
    return _json(_object(name, raw_spec(cell={"parameters": {"None": 1.0}}), metadata))


def _raw(chance: random.Random, name: str) -> bytes:
    return chance.choice(
        (
            b"[" * 100_000,
            b'{"a":' * 20_000,
            b"a: &a [" + b"*a," * 50 + b"]",
            b"\n".join(
                [b"a0: &a0 x"] + [b"a%d: &a%d [%s]" % (n, n, b"*a%d," % (n - 1) * 9) for n in range(1, 12)]
            ),
            b"!!python/object/apply:os.system [id]",
            b"%YAML 9.9\n---\n",
            b"\xff\xfe\x00",
            b"\xed\xa0\x80",
            b'{"metadata": {"name": "\\ud800"}}',
            b'{"spec": {"cell": 1, "cell": 2}}',
            b'{"spec": NaN}',
            b'{"spec": ' + b"9" * 100_000 + b"}",
            b"",
            b"null",
            b'"' + b"a" * 900_000 + b'"',
            b"? " * 3000,
            b"- " * 3000,
            b"{" * 3000,
            b"a: |\n" + b" b\n" * 100_000,
        )
    )


KINDS: dict[str, Callable[[random.Random, str], bytes]] = {
    "long text": _long,
    "odd reference": _odd_reference,
    "odd name": _odd_name,
    "number": _number,
    "deep": _deep,
    "deep document": _deep_document,
    "expression": _expression,
    "wide": _wide,
    "metadata": _metadata,
    "no object": _raw,
}
