"""The table of drive cycles in the page about protocols, made from their files.

python -m generate.drive_cycle_table docs/protocols.md
"""

import re
import sys
from pathlib import Path

from batterysim.catalogue.parameters import drive_cycle
from batterysim.spec.protocols.drive_cycle import DRIVE_CYCLES

PLACE = re.compile("(<!-- drive cycles:[^>]*-->\n).*?(<!-- end of drive cycles -->)", re.DOTALL)
UNITS = {"Current": "A", "Power": "W", "Voltage": "V"}


def with_table(page: str) -> str:
    """Return the page with the table that it should have."""
    return PLACE.sub(lambda place: f"{place[1]}\n{table()}\n\n{place[2]}", page)


def table() -> str:
    """Return one line for each drive cycle."""
    heading = "| name | what it is | lowest and highest | length | points |\n|---|---|---|---|---|"
    return "\n".join([heading, *map(_line, DRIVE_CYCLES)])


def _line(name: str) -> str:
    cycle, facts = drive_cycle(name), DRIVE_CYCLES[name]
    lowest, highest = (f"{_number(pick(cycle.values))} {UNITS[facts.quantity]}" for pick in (min, max))
    length, points = f"{cycle.duration_seconds:g} s", len(cycle.values)
    return f"| `{name}` | {facts.description} | {lowest}, {highest} | {length} | {points} |"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")
