"""The compiled simulations of this installation: which there are, and which are in this process already."""

import logging
import os
from functools import cache
from pathlib import Path

from batterysim_runner.compiled.equations import Equations
from batterysim_runner.compiled.file import SUFFIX, CompiledFile, StaleFileError, read
from batterysim_runner.compiled.recipe import recipe_sha256
from batterysim_runner.compiled.shape import CONTROLS, Shape
from batterysim_runner.compiled.table import with_table

_logger = logging.getLogger(__name__)

DIRECTORY_VARIABLE = "BATTERYSIM_COMPILED_DIR"
"""Where the image has them. Nothing of a user's is ever read from there."""


class Library:
    """Compiled simulations in a directory, each loaded when it is first asked for.

    directory: None: there are none.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._loaded: dict[Shape, Equations | None] = {}

    def find(self, shape: Shape) -> Equations | None:
        """Return the equations of a shape; None if they are not compiled, or not by what is installed."""
        if shape not in self._loaded:
            self._loaded[shape] = self._load(shape)
        return self._loaded[shape]

    def add(self, compiled: CompiledFile) -> Equations:
        """Add what this process has compiled itself, as for a sweep over a shape that the image lacks."""
        equations = Equations(compiled)
        self._loaded[compiled.description.shape] = equations
        return equations

    def _load(self, shape: Shape) -> Equations | None:
        try:
            compiled = self.read(shape)
            return None if compiled is None else Equations(compiled)
        except RuntimeError as error:  # CasADi cannot load the library, as from a mount without execution
            _logger.warning("%s: %s; PyBaMM makes the equations meanwhile", shape.name, error)
            return None

    def read(self, shape: Shape) -> CompiledFile | None:
        """Read the equations of a shape from the directory; None: as for `find`."""
        if self._directory is None or shape.control not in CONTROLS:
            return None
        of_file = shape.of_one_number
        path = self._directory / f"{of_file.name}{SUFFIX}"
        try:
            compiled = read(path, recipe_sha256())
        except FileNotFoundError:
            return None
        except StaleFileError as error:
            # The image's build has checked its own, so this is a directory of somebody who develops.
            _logger.warning("%s; PyBaMM makes the equations meanwhile", error)
            return None
        if compiled.description.shape != of_file:  # the name leaves out most options
            return None
        return with_table(compiled) if shape.control.is_table else compiled


@cache
def installed() -> Library:
    """Return this process's library of what was compiled with the image; without an image it is empty."""
    directory = os.environ.get(DIRECTORY_VARIABLE)
    return Library(Path(directory) if directory else None)
