"""The names in PyBaMM's parameter sets, written down so that the operator can check a spec without PyBaMM.

python -m batterysim_runner.parameter_sets Chen2020 data/batterysim_data/parameter_sets/Chen2020.json
"""

import json
import sys
from pathlib import Path

import pybamm


def parameter_defaults(parameter_set: str) -> dict[str, float | None]:
    """Return each parameter and its value; None where it is a function and not a number."""
    values = pybamm.ParameterValues(parameter_set)
    return {
        name: float(value) if isinstance(value, int | float) else None
        for name, value in values.items()
        if name != "citations"
    }


def render(parameter_set: str) -> str:
    """Return the file's text."""
    return json.dumps(parameter_defaults(parameter_set), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(render(sys.argv[1]), encoding="utf-8")
