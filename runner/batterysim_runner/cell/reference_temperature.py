"""At which temperature 0 % and 100 % state of charge are found."""

import pybamm

from batterysim.catalogue.parameter_names import INITIAL_TEMPERATURE

REFERENCE_TEMPERATURE = "Reference temperature [K]"


def at_start(model: pybamm.BaseModel, parameters: pybamm.ParameterValues) -> pybamm.ParameterValues:
    """Return the parameters of a cell with which PyBaMM finds its 0 % and 100 %: the same ones, but for MSMR.

    The stoichiometries of MSMR depend on temperature. PyBaMM takes them at the reference temperature and
    starts from them at the initial one: where the two differ, that is another state than was asked for. So
    the copy that is returned for MSMR has the initial temperature as its reference temperature, in K.
    """
    if not is_msmr(model):
        return parameters
    changed = parameters.copy()
    changed[REFERENCE_TEMPERATURE] = changed[INITIAL_TEMPERATURE]
    return changed


def is_msmr(model: pybamm.BaseModel) -> bool:
    """Tell a model whose open-circuit potentials are those of MSMR."""
    return bool(model.options.get("open-circuit potential") == "MSMR")
