"""Drive cycles and parameter names as packaged files, found the same way in a checkout and in an image."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def data_file(*parts: str) -> Traversable:
    """Return a packaged data file, for example ``data_file("drive_cycles", "US06.csv")``."""
    return files(__name__).joinpath(*parts)
