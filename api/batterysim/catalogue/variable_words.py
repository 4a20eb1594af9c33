"""Battery engineers' words for variables that PyBaMM calls by other names."""

import re

_NEGATIVE_POTENTIAL = "Negative electrode surface potential difference at separator interface [V]"
_POSITIVE_POTENTIAL = "Positive electrode surface potential difference at separator interface [V]"

# PyBaMM's "Negative electrode potential [V]" is 0 at the current collector by definition. A reference
# electrode between the electrodes measures the difference to the electrolyte there.
_PLATING_OVERPOTENTIAL = "X-averaged negative electrode lithium plating reaction overpotential [V]"
_BY_WORD = {
    "anode potential": _NEGATIVE_POTENTIAL,
    "negative electrode potential": _NEGATIVE_POTENTIAL,
    "cathode potential": _POSITIVE_POTENTIAL,
    "positive electrode potential": _POSITIVE_POTENTIAL,
    "lithium plating overpotential": _PLATING_OVERPOTENTIAL,
    "plating overpotential": _PLATING_OVERPOTENTIAL,
    "sei thickness": "X-averaged negative SEI thickness [m]",
    "soc": "State of charge",
    "ocv": "Bulk open-circuit voltage [V]",
    "open circuit voltage": "Bulk open-circuit voltage [V]",
    "terminal voltage": "Voltage [V]",
    "cell voltage": "Voltage [V]",
    "temperature": "Volume-averaged cell temperature [C]",
    "cell temperature": "Volume-averaged cell temperature [C]",
    "capacity": "Discharge capacity [A.h]",
    "internal resistance": "Resistance [Ohm]",
    "c rate": "C-rate",
}
_UNIT = re.compile(r"[\[(/][^\[(/]*$")


def variable_of_word(name: str) -> str | None:
    """Return PyBaMM's name for what an engineer's word means; None: it is no such word.

    >>> variable_of_word("Anode potential [V]")
    'Negative electrode surface potential difference at separator interface [V]'
    >>> variable_of_word("SoC")
    'State of charge'
    """
    word = re.sub(r"[\s_-]+", " ", _UNIT.sub("", name)).strip().lower()
    return _BY_WORD.get(word)
