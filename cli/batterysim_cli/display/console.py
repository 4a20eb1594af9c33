"""Consoles that leave brackets alone, because they are units, and show control characters.

Messages and logs are other people's words. A terminal that finds commands in them obeys: it clears its
screen, changes its title, or fills the clipboard.
"""

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

WIDTH_WITHOUT_TERMINAL = 140

CONTROLS = (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""C0, DEL and C1, and what turns the direction of writing."""
_SHOWN = {code: repr(chr(code))[1:-1] for code in CONTROLS if chr(code) not in "\n\t"}


def for_terminal(text: str) -> str:
    r"""Return a text with its control characters written out.

    >>> for_terminal("a\x1b[2J")
    'a\\x1b[2J'
    """
    return text.translate(_SHOWN)


class _ShowingConsole(Console):
    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(for_terminal(text), **options)


def console(*, stderr: bool = False) -> Console:
    """Return a console for standard output, or for standard error."""
    stream = sys.stderr if stderr else sys.stdout
    # A closed stream is None; Rich then prints nowhere.
    width = None if stream is not None and stream.isatty() else WIDTH_WITHOUT_TERMINAL
    return _ShowingConsole(stderr=stderr, width=width, markup=False, highlight=False)


def complain(message: str) -> None:
    """Write an error to standard error."""
    console(stderr=True).print(f"batterysim: {message}", style="red", soft_wrap=True)
