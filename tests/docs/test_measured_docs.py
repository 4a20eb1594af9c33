"""docs/measured-data.md: its examples run, and its sentences are those of the program."""

import re

import numpy as np
import pytest
import yaml

from batterysim.catalogue.profile_csv import Table
from batterysim.spec.measured import MEASURED_COLUMNS
from batterysim_runner.report.comparison import compare
from tests.builders import spec_of
from tests.unit.cli.builders import ROOT

PAGE = (ROOT / "docs" / "measured-data.md").read_text(encoding="utf-8")
FROM_ZERO, LATER = np.arange(0.0, 3601.0, 60.0), np.arange(9000.0, 12601.0, 60.0)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_data_are_valid() -> None:
    (block,) = blocks("yaml")

    assert spec_of(**yaml.safe_load(block)).output.measured


def test_the_program_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    (program,), (printed,) = blocks("python"), blocks("text")

    exec(compile(program, "measured-data.md", "exec"), {})

    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(("seconds", "end"), [(FROM_ZERO, 2410.3), (FROM_ZERO, 7200.0), (LATER, 3600.0)])
def test_the_sentences_are_those_of_the_program(seconds: np.ndarray, end: float) -> None:
    data = Table(tuple(seconds), tuple(np.full(len(seconds), 4.0)))

    found = compare("Voltage", np.array([0.0, end]), np.array([4.0, 4.0]), data)

    assert f"`{found.words}`" in PAGE


@pytest.mark.parametrize("quantity", MEASURED_COLUMNS)
def test_each_column_is_on_the_page(quantity: str) -> None:
    _, measured, residual = MEASURED_COLUMNS[quantity]  # type: ignore[index]

    assert f"`{measured.name}`" in PAGE
    assert f"`{residual.name}`" in PAGE
