"""The table of drive cycles in the page about protocols, made from their files.

python -m generate.drive_cycle_table docs/protocols.md
"""

import re
import sys
from pathlib import Path

from batterysim.catalogue.parameters import drive_cycle
from batterysim.spec.drive_cycle import DRIVE_CYCLES

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
    extremes = (
        f"{min(cycle.values):.3g} {UNITS[facts.quantity]}, {max(cycle.values):.3g} {UNITS[facts.quantity]}"
    )
    return f"| `{name}` | {facts.description} | {extremes} | {cycle.duration_seconds:g} s | {len(cycle.values)} |"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")
