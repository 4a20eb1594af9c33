"""One object that cannot be read never ends a list or a watch: it is skipped, counted and named."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from prometheus_client import Counter

from batterysim_kube.documents import UNREADABLE, name_in

logger = logging.getLogger(__name__)

NAMED = 5
"""How many objects of a page a line of the log names."""

SKIPPED = Counter(
    "batterysim_unreadable_objects",
    "Objects of the API server that could not be read, and were skipped, each time that they were met.",
    registry=None,  # that of the program: see its metrics
)

Read = TypeVar("Read")


def read_each(items: Iterable[bytes], read: Callable[[bytes], Read]) -> list[Read]:
    """Read the objects that can be read."""
    found: list[Read] = []
    skipped: dict[str, str] = {}
    for item in items:
        try:
            found.append(read(item))
        except UNREADABLE as error:
            SKIPPED.inc()
            if len(skipped) < NAMED:
                skipped[name_in(item)] = f"{type(error).__name__}: {error}"[:200]
    if skipped:
        told = ", ".join(f"{name} ({why})" for name, why in skipped.items())
        logger.warning("skipped what cannot be read: %s", told)
    return found
