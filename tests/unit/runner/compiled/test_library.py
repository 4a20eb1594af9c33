"""What cannot be read or loaded is left to PyBaMM, with a warning."""

import logging
from pathlib import Path

import pytest

from batterysim_runner.compiled.file import write
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.recipe import recipe_sha256
from tests.unit.runner.compiled.test_file import SHAPE, with_library


@pytest.mark.parametrize("is_table", [False, True])
def test_a_library_that_cannot_be_loaded_is_left_to_pybamm(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, is_table: bool
) -> None:
    """As of another processor, or on a mount without execution."""
    shape = SHAPE._replace(control=SHAPE.control._replace(is_table=is_table))
    write(with_library(tmp_path, recipe_sha256()), tmp_path)

    with caplog.at_level(logging.WARNING):
        assert Library(tmp_path).find(shape) is None

    assert "PyBaMM makes the equations meanwhile" in caplog.text
