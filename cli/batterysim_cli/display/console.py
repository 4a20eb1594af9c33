"""Consoles that leave brackets alone, because they are units."""

import sys

from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 140


def console(*, stderr: bool = False) -> Console:
    """Return a console for standard output, or for standard error."""
    stream = sys.stderr if stderr else sys.stdout
    # A closed stream is None; Rich then prints nowhere.
    width = None if stream is not None and stream.isatty() else WIDTH_WITHOUT_TERMINAL
    return Console(stderr=stderr, width=width, markup=False, highlight=False)


def complain(message: str) -> None:
    """Write an error to standard error."""
    console(stderr=True).print(f"batterysim: {message}", style="red", soft_wrap=True)
