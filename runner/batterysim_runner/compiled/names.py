"""The inputs of compiled equations that are no parameters of a cell."""

from types import MappingProxyType

from batterysim.catalogue.parameter_names import CURRENT

FUNCTIONS = MappingProxyType({"Current": CURRENT, "Power": "Power function [W]"})
"""PyBaMM's parameter for what a protocol sets."""

TABLE_TIMES = "Times of the table [s]"
TABLE_VALUES = "Values of the table"
NEGATIVE_EMPTY = "Negative electrode stoichiometry at 0 %"
NEGATIVE_FULL = "Negative electrode stoichiometry at 100 %"
INITIAL_CONCENTRATIONS = (
    "Initial concentration in negative electrode [mol.m-3]",
    "Initial concentration in positive electrode [mol.m-3]",
)
