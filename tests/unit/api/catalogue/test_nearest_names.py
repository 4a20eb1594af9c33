"""Suggestions cost milliseconds each, so there are few of them however many names are unknown."""

import difflib
from typing import Any

import pytest

from batterysim.catalogue.nearest_names import MAX_SUGGESTED_NAMES, nearest_names
from batterysim.problem import InvalidSpecError
from tests.builders import Json, spec_of

PACK: Json = {
    "parallelCount": 95,
    "cells": [
        {
            "series": 1,
            "parallel": place,
            "parameters": {f"Unknown {place} {number} [m]": 1.0 for number in range(50)},
        }
        for place in range(1, 96)
    ],
}


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names that are compared with all known ones."""
    compared: list[str] = []
    original = difflib.get_close_matches

    def recorded(word: str, *args: Any, **options: Any) -> list[str]:
        compared.append(word)
        return original(word, *args, **options)

    monkeypatch.setattr(difflib, "get_close_matches", recorded)
    return compared


@pytest.mark.parametrize(
    ("fields", "unknown"),
    [
        ({"pack": PACK}, 4750),
        ({"cell": {"parameters": {f"Unknown {number}": 1.0 for number in range(200)}}}, 200),
        ({"model": {"options": {f"unknown {number}": "1" for number in range(100)}}}, 100),
        ({"output": {"variables": [f"Unknown {number} [V]" for number in range(100)]}}, 100),
    ],
    ids=["pack", "cell", "options", "variables"],
)
def test_every_unknown_name_is_reported_and_few_are_compared(
    fields: Json, unknown: int, comparisons: list[str]
) -> None:
    """95 cells of 50 unknown names once took 54 s."""
    with pytest.raises(InvalidSpecError) as caught:
        spec_of(**fields)

    assert len(caught.value.problems) == unknown
    assert len(comparisons) == MAX_SUGGESTED_NAMES


def test_the_same_name_is_compared_once(comparisons: list[str]) -> None:
    assert nearest_names(["Curent [A]"] * 3, ["Current [A]"]) == {"Curent [A]": ["Current [A]"]}
    assert comparisons == ["Curent [A]"]
