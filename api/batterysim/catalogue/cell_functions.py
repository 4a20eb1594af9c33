"""The parameters of a cell that are functions, and the variables that each is a function of."""

import json
import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from batterysim_data import data_file


class Variable(NamedTuple):
    """A variable of a function.

    words: the end of PyBaMM's name of it, in lower case, as a regular expression.
    unit: empty for a fraction.
    usual: values at which a function is tried before a run.
    """

    words: str
    unit: str
    usual: tuple[float, ...]


_FRACTIONS = tuple(number / 20 for number in range(1, 20))

VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        "x": Variable("stoichiometry", "", _FRACTIONS),
        "soc": Variable("soc", "", _FRACTIONS),
        "c_e": Variable(r"electrolyte concentration \[mol.m-3\]", "mol.m-3", (500.0, 1000.0, 1500.0)),
        # before the next one, which its words fit as well
        "c_max": Variable(r"maximum .*surface concentration \[mol.m-3\]", "mol.m-3", (30_000.0,)),
        "c_s": Variable(r"surface concentration \[mol.m-3\]", "mol.m-3", (3000.0, 15_000.0, 27_000.0)),
        "c_li": Variable(r"lithium (metal )?concentration \[mol.m-3\]", "mol.m-3", (1000.0,)),
        "current": Variable(r"current \[a\]", "A", (-1.0, 0.0, 1.0)),
        "ocv": Variable(r"open-circuit voltage \[v\]", "V", (3.7,)),
        "T_degC": Variable(r"cell temperature \[degc\]", "degC", (25.0,)),
        "T": Variable(r"temperature \[k\]", "K", (298.15,)),
    }
)
"""By their names in expressions and tables."""

FIRST = "x"
"""In the expressions of BPX files, x is whatever the function is of first."""

OCP = re.compile(r"OCP \[V\]$|^Open-circuit voltage \[V\]$")
POSITIVE = re.compile(
    r"diffusivity|conductivity|exchange-current density|\[Ohm\]$|\[F\]$|density|heat capacity"
)

_PHASE = re.compile(r"^(Primary|Secondary): ")
_ELEMENT = re.compile(r"^([RC])[1-9]\d* ")


def function_variables(parameter: str) -> tuple[str, ...] | None:
    """Return the variables of a parameter that is a function; None if PyBaMM takes a number only.

    >>> function_variables("Electrolyte conductivity [S.m-1]")
    ('c_e', 'T')
    >>> function_variables("R2 [Ohm]")
    ('T_degC', 'current', 'soc')
    """
    found = _functions().get(_ELEMENT.sub(r"\g<1>1 ", _PHASE.sub("", parameter)))
    return None if found is None else tuple(found)


def names_of(variables: tuple[str, ...]) -> tuple[str, ...]:
    """Return all names that expressions and tables may use for a function's variables."""
    has_temperature_first = variables[0].startswith("T")
    return variables if has_temperature_first or FIRST in variables else (*variables, FIRST)


@cache
def _functions() -> Mapping[str, list[str]]:
    content: dict[str, list[str]] = json.loads(data_file("parameter_functions.json").read_text("utf-8"))
    return content
