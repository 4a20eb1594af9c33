"""Where the check of model options before a pod starts differs from PyBaMM itself, for decision 023.

PYTHONPATH=hack python -m evidence.options [FAMILY]
"""

import logging
import sys
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from batterysim.catalogue.cell_kind import cell_kind
from batterysim.catalogue.model_options import FULL_CELL, model_options
from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim.spec.cell import Cell, ParameterSet
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.parameters import parameter_values
from batterysim_runner.model.equations import build_model, complete_parameters


def main(family: str = "DFN") -> None:
    """Try each value of each option with each parameter set, and print where only one of both refuses."""
    warnings.simplefilter("ignore")
    logging.disable()
    tried, different = 0, 0
    for raw in specs(family):
        tried += 1
        before, itself = refusal_before_a_pod(raw), refusal_of_pybamm(raw)
        if (before is None) == (itself is None):
            continue
        different += 1
        print(raw["cell"]["parameterSet"], raw["model"]["options"], "| before:", before, "| PyBaMM:", itself)
    print(f"{different} of {tried} differ")


def specs(family: str) -> Iterator[dict[str, Any]]:
    """Return a spec for each value of each option with each parameter set that the family solves."""
    for name in get_args(ParameterSet):
        own = cell_kind(Cell(parameter_set=name)).models.get(family)
        for option, values in model_options(FULL_CELL).items() if own is not None else ():
            for value in values.values if option not in own else ():
                yield {
                    "model": {"family": family, "options": {**own, option: value}},
                    "cell": {"parameterSet": name},
                    "protocol": {"rest": {"durationSeconds": 60}},
                }


def refusal_before_a_pod(raw: Mapping[str, Any]) -> str | None:
    """Return what the check says, None if nothing."""
    try:
        parse_spec(raw)
    except InvalidSpecError as error:
        return str(error)
    return None


def refusal_of_pybamm(raw: Mapping[str, Any]) -> str | None:
    """Return what is wrong when PyBaMM builds the model and fills in the parameters, None if nothing."""
    spec = BatterySimulationSpec.model_validate(raw)
    try:
        model = build_model(spec)
        complete_parameters(spec, model, parameter_values(spec)).process_model(model)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
