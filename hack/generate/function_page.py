"""The table of parameters in the page about a cell's functions, made from what PyBaMM says of them.

python -m generate.function_page docs/cell-functions.md
"""

import json
import re
import sys
from pathlib import Path

from batterysim.catalogue.cell_functions import names_of
from batterysim_data import data_file

PLACE = re.compile("(<!-- functions:[^>]*-->\n).*?(<!-- end of functions -->)", re.DOTALL)


def with_table(page: str) -> str:
    """Return the page with the table that it should have."""
    return PLACE.sub(lambda place: f"{place[1]}\n{table()}\n\n{place[2]}", page)


def table() -> str:
    """Return one line for each combination of variables, with its parameters."""
    functions = json.loads(data_file("parameter_functions.json").read_text(encoding="utf-8"))
    by_variables: dict[tuple[str, ...], list[str]] = {}
    for parameter, variables in functions.items():
        by_variables.setdefault(tuple(variables), []).append(parameter)
    lines = [
        f"| {', '.join(f'`{name}`' for name in names_of(variables))} "
        f"| {', '.join(f'`{parameter}`' for parameter in sorted(parameters))} |"
        for variables, parameters in sorted(by_variables.items())
    ]
    return "\n".join(["| variables | parameters |", "|---|---|", *lines])


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")
