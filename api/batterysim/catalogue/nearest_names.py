"""Known names that an unknown one may have been meant for."""

import difflib
from collections.abc import Collection, Iterable
from itertools import islice

MAX_SUGGESTED_NAMES = 5
"""Each takes milliseconds, and a spec has room for thousands of unknown names."""


def nearest_names(
    unknown: Iterable[str], known: Collection[str], *, cutoff: float = 0.5
) -> dict[str, list[str]]:
    """Return up to three known names for each of the first few distinct unknown ones, the nearest first.

    cutoff: how alike names have to be, from 0 to 1.

    >>> nearest_names(["Curent [A]"], ["Current [A]", "Voltage [V]"])
    {'Curent [A]': ['Current [A]']}
    """
    first = islice(dict.fromkeys(unknown), MAX_SUGGESTED_NAMES)
    return {name: difflib.get_close_matches(name, known, n=3, cutoff=cutoff) for name in first}
