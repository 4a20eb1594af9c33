"""docs/public-reports.md: each report has an answer, and each answer a test that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "public-reports.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)


def test_no_report_is_lost() -> None:
    without_an_answer_to_compare = {3, 18, 21, 23, 25, 58}

    numbers = {int(row[0]) for row in ROWS}

    assert numbers == set(range(1, 78)) - without_an_answer_to_compare


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_each_has_a_test_that_exists(row: tuple[str, ...]) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", row[3])

    assert named
    for file, test in named:
        text = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {test}\(", text, re.MULTILINE), f"{file}::{test}"
