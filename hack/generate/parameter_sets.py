"""PyBaMM's parameter sets, written down so that the operator can check a spec without PyBaMM.

python -m generate.parameter_sets data/batterysim_data/parameter_sets
"""

import json
import sys
from pathlib import Path
from typing import get_args

import pybamm

from batterysim.spec.cell import ParameterSet


def parameter_defaults(parameter_set: str) -> dict[str, float | None]:
    """Return each parameter and its value; None where it is a function and not a number."""
    values = pybamm.ParameterValues(parameter_set)
    return {
        name: float(value) if isinstance(value, int | float) else None
        for name, value in values.items()
        if name != "citations"
    }


def render(parameter_set: str) -> str:
    """Return the file that holds a set's names and numbers."""
    return json.dumps(parameter_defaults(parameter_set), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    for name in get_args(ParameterSet):
        (directory / f"{name}.json").write_text(render(name), encoding="utf-8")
