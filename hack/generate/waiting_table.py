"""The table of what a run may wait for, in the words that a cluster has used.

`make docs-waiting` writes it into docs/waiting.md: tests/e2e/admission/test_admission.py puts each obstacle
in the way of a run, reads the words, and compares them with the table.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

PLACE = re.compile("(<!-- obstacles:[^>]*-->\n).*?(<!-- end of obstacles -->)", re.DOTALL)
HEADING = "| cause | reason | message |\n|---|---|---|"
LINE = re.compile(r"^\| ([^|`]+) \| `(\w+)` \| (.+) \|$", re.MULTILINE)

DIFFERENT_EACH_TIME: tuple[tuple[str, str], ...] = (
    (r"bsim-[0-9a-f]{8}-[0-9a-f-]{27}(-[a-z0-9]{5})?", "bsim-…"),
    (r"\b\d+\.\d+\.\d+\.\d+:\d+", "…"),
    (r"\b0/\d+ nodes", "0/1 nodes"),
    (r"\b\d+ (Insufficient|Preemption)", r"1 \1"),
    (r'Back-off pulling image "[^"]+": ErrImagePull: ', ""),
)
"""Names of Jobs and pods, addresses, numbers of nodes, and whether the kubelet pauses between attempts."""

KUBELETS_PAUSE = {"ImagePullBackOff": "ErrImagePull"}


class Row(NamedTuple):
    """What a user sees of a cause: reason and message of the condition Succeeded."""

    cause: str
    reason: str
    message: str


def row_of(cause: str, reason: str, message: str) -> Row:
    """Return a row without all that is different each time.

    >>> row_of("no room", "Unschedulable", "0/3 nodes are available: 3 Insufficient cpu").message
    '0/1 nodes are available: 1 Insufficient cpu'
    """
    return Row(cause, KUBELETS_PAUSE.get(reason, reason), without_names(message))


def without_names(message: str) -> str:
    """Return a message as it is each time."""
    for pattern, same in DIFFERENT_EACH_TIME:
        message = re.sub(pattern, same, message)
    return message


def with_rows(page: str, rows: Sequence[Row]) -> str:
    """Return the page with the table of these rows."""
    lines = [f"| {row.cause} | `{row.reason}` | {row.message.replace('|', chr(92) + '|')} |" for row in rows]
    table = "\n".join([HEADING, *lines])
    return PLACE.sub(lambda place: f"{place[1]}\n{table}\n\n{place[2]}", page)


def rows_of(page: str) -> list[Row]:
    """Return the rows that the page has."""
    place = PLACE.search(page)
    found = LINE.findall("" if place is None else place[0])
    return [Row(cause, reason, message.replace("\\|", "|")) for cause, reason, message in found]
