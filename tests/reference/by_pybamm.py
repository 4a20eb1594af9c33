"""The same run with PyBaMM alone, to compare with."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pybamm

POINTS = 3


def voltage_by_pybamm(
    family: str,
    parameter_set: str,
    options: Mapping[str, Any],
    *,
    amperes: float,
    seconds: float,
    parameters: Mapping[str, Any] | None = None,
) -> np.ndarray[Any, Any]:
    """Return the voltage in V at POINTS points of a constant current from the set's own state."""
    values = pybamm.ParameterValues(parameter_set)
    values.update({**(parameters or {}), "Current function [A]": amperes})
    module = pybamm.equivalent_circuit if family == "Thevenin" else pybamm.lithium_ion
    model = getattr(module, family)(options=dict(options))
    if family != "Thevenin" and model.options["particle size"] == "distribution":
        values = pybamm.get_size_distribution_parameters(
            values,
            working_electrode=model.options["working electrode"],
            composite="negative" if "particle phases" in options else "neither",
        )
    solution = pybamm.Simulation(model, parameter_values=values).solve(
        [0, seconds], t_interp=np.linspace(0, seconds, POINTS)
    )
    return np.asarray(solution["Voltage [V]"].entries)
