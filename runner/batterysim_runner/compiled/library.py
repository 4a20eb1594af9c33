"""The compiled simulations of this installation: which there are, and which are in this process already."""

import logging
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from batterysim_runner.compiled.equations import Equations, Numbers
from batterysim_runner.compiled.file import SUFFIX, CompiledFile, StaleFileError, read
from batterysim_runner.compiled.recipe import recipe_sha256
from batterysim_runner.compiled.shape import Shape
from batterysim_runner.compiled.specialised import Specialised, specialised

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
        self._specialised: dict[Shape, Specialised] = {}

    def find(self, shape: Shape) -> Equations | None:
        """Return the equations of a shape; None if they are not compiled, or not by what is installed."""
        if shape not in self._loaded:
            self._loaded[shape] = self._load(shape)
        return self._loaded[shape]

    def specialise(self, shape: Shape, samples: Numbers) -> Equations | None:
        """Build the inputs in that are the same in all samples, for `fitting` to find.

        samples: of shape (samples, inputs).

        Return the equations; None if they are not compiled, or cannot be taken apart.
        """
        compiled = self._read(shape)
        found = None if compiled is None else specialised(compiled, samples)
        if found is None:
            return None
        self._specialised[shape] = found
        return found.equations

    def fitting(self, general: Equations, inputs: Numbers) -> Equations:
        """Return the quickest equations for these inputs."""
        special = self._specialised.get(general.description.shape)
        return general if special is None or not special.fits(inputs) else special.equations

    def add(self, compiled: CompiledFile) -> Equations:
        """Add what this process has compiled itself, as for a sweep over a shape that the image lacks."""
        equations = Equations(compiled)
        self._loaded[compiled.description.shape] = equations
        return equations

    def preload(self, shapes: Iterable[Shape]) -> None:
        """Load these now, so that children forked from this process have them."""
        for shape in shapes:
            self.find(shape)

    def _load(self, shape: Shape) -> Equations | None:
        compiled = self._read(shape)
        return None if compiled is None else Equations(compiled)

    def _read(self, shape: Shape) -> CompiledFile | None:
        if self._directory is None:
            return None
        path = self._directory / f"{shape.name}{SUFFIX}"
        try:
            compiled = read(path, recipe_sha256())
        except FileNotFoundError:
            return None
        except StaleFileError as error:
            # The image's build has checked its own, so this is a directory of somebody who develops.
            _logger.warning("%s; PyBaMM makes the equations meanwhile", error)
            return None
        # The name leaves out most options.
        return compiled if compiled.description.shape == shape else None


@cache
def installed() -> Library:
    """Return this process's library of what was compiled with the image; without an image it is empty."""
    directory = os.environ.get(DIRECTORY_VARIABLE)
    return Library(Path(directory) if directory else None)
