"""The outcome of one point of a sweep."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from batterysim.results import Summary
from batterysim_runner.child.last_words import LastWords

MAX_MESSAGE_BYTES = 1000
"""A line of a pipe, which also has the summary, is of at most 4096 bytes."""


class Row(NamedTuple):
    """The outcome of one point.

    number: the point's, from 0.
    reason, message: why it has failed; None: it has not.
    summary: the result in a few numbers, by the names of the contract.
    metrics: the sweep's own numbers, by their names.
    """

    number: int
    reason: str | None = None
    message: str | None = None
    summary: Mapping[str, Any] | None = None
    metrics: Mapping[str, float | None] | None = None

    @property
    def has_failed(self) -> bool:
        """Whether there is no result."""
        return self.reason is not None

    def value(self, name: str) -> float | None:
        """Return a number of the summary or a metric; None where there is none."""
        found = (self.metrics or {}).get(name, (self.summary or {}).get(name))
        return None if found is None else float(found)


def solved(number: int, summary: Summary, metrics: Mapping[str, float | None]) -> Row:
    """Return the outcome of a point that has a result."""
    return Row(number, summary=summary.to_json_dict(), metrics=metrics)


def failed(number: int, words: LastWords) -> Row:
    """Return the outcome of a point that has none."""
    message = words.message
    while len(json.dumps(message)) > MAX_MESSAGE_BYTES:
        message = message[: len(message) * 3 // 4] + "…"
    return Row(number, str(words.reason), message)
