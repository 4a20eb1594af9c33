"""The variables of each model family, written down so that a spec can be checked without PyBaMM.

python -m generate.variable_names data/batterysim_data/variables.json
"""

import json
import sys
from pathlib import Path
from typing import get_args

from batterysim.catalogue.variables import SHARED, VariableNames
from batterysim.checks.validation import parse_spec
from batterysim.spec.cell import ParameterSet
from batterysim.spec.model import ModelFamily
from batterysim_runner.model.equations import build_model
from batterysim_runner.model.variables import model_variables

CELLS: dict[ModelFamily, ParameterSet] = {"MSMR": "MSMR_Example", "Thevenin": "ECM_Example"}
"""A cell of each family that does not work with most of them."""


def render() -> str:
    """Return the file: what the porous electrode models share, and those that each one has in addition."""
    families = {family: _names(family) for family in get_args(ModelFamily)}
    porous = [names for family, names in families.items() if family != "Thevenin"]
    shared = VariableNames(
        frozenset.intersection(*(names.scalar for names in porous)),
        frozenset.intersection(*(names.spatial for names in porous)),
    )
    parts = {SHARED: shared} | {
        family: VariableNames(names.scalar - shared.scalar, names.spatial - shared.spatial)
        for family, names in families.items()
    }
    content = {
        part: {kind: sorted(known) for kind, known in names._asdict().items()}
        for part, names in parts.items()
    }
    return json.dumps(content, indent=1) + "\n"


def _names(family: ModelFamily) -> VariableNames:
    spec = {
        "model": {"family": family},
        "cell": {"parameterSet": CELLS.get(family, "Chen2020")},
        "protocol": {"rest": {"durationSeconds": 1}},
    }
    return model_variables(build_model(parse_spec(spec)))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
