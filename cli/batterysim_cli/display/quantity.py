"""Numbers, times and names of fields for people, with the same words as the web page."""

import re
from typing import NamedTuple

SUMMARY_LABELS = {
    "dischargeCapacityAmpereHours": "Net charge discharged",
    "dischargeEnergyWattHours": "Net energy discharged",
    "dischargedAmpereHours": "Gross discharge capacity",
    "chargedAmpereHours": "Gross charge capacity",
    "dischargedWattHours": "Gross discharge energy",
    "chargedWattHours": "Gross charge energy",
    "rmsErrorVolts": "RMS voltage error",
    "maxErrorVolts": "Max voltage error",
    "rmsErrorAmperes": "RMS current error",
    "maxErrorAmperes": "Max current error",
    "rmsErrorWatts": "RMS power error",
    "maxErrorWatts": "Max power error",
    "rmsErrorKelvins": "RMS temperature error",
    "maxErrorKelvins": "Max temperature error",
}
"""Net: discharged minus charged. Gross: one of the two."""


class Unit(NamedTuple):
    """A unit at the end of a field's name."""

    text: str
    factor: float = 1.0
    word: str = ""
    """The part of the ending that belongs to the label, too."""


UNITS = {
    "AmpereHours": Unit("A·h"),
    "WattHours": Unit("W·h"),
    "Amperes": Unit("A"),
    "Celsius": Unit("°C"),
    "Kelvins": Unit("K"),
    "Ohms": Unit("mΩ", 1000),
    "Percent": Unit("%"),
    "StateOfCharge": Unit("%", 100, "state of charge"),
    "stateOfHealth": Unit("%", 100, "state of health"),
    "Volts": Unit("V", 1, "voltage"),
    "Watts": Unit("W"),
    "CRate": Unit("C", 1, "rate"),
}
NOTHING = 1e-9
"""A charge, an energy or a voltage below this is left over by rounding."""
_TIMES = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


class Shown(NamedTuple):
    """A field as people read it."""

    label: str
    text: str
    unit: str


def describe_field(name: str, value: object) -> Shown:
    """Return a summary's field with its unit.

    name: as in JSON, such as minVolts.

    >>> describe_field("minVolts", 2.5)
    Shown(label='Min voltage', text='2.5', unit='V')
    """
    if name.endswith("Seconds") and isinstance(value, int | float):
        return Shown(_sentence(name.removesuffix("Seconds")), duration(value), "")
    ending = next((ending for ending in UNITS if name.endswith(ending)), None)
    if ending is None or not isinstance(value, int | float):
        return Shown(_sentence(name), in_words(str(value)) if name == "endReason" else str(value), "")
    unit = UNITS[ending]
    stem = name.removesuffix(ending)
    label = SUMMARY_LABELS.get(name) or _capitalised(f"{_sentence(stem)} {unit.word}".strip())
    return Shown(label, number(value * unit.factor), unit.text)


def number(value: float, digits: int = 5) -> str:
    """Return a number with some digits; next to nothing is `~0`.

    >>> number(8.304e-48), number(4.938188), number(0)
    ('~0', '4.9382', '0')
    """
    return "~0" if 0 < abs(value) < NOTHING else f"{value:.{digits}g}"


def duration(seconds: float) -> str:
    """Return a time in up to three units.

    >>> duration(3.54e6), duration(3555.5), duration(0.04)
    ('40 d 23 h 20 min', '59 min 16 s', '40 ms')
    """
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 10:
        return f"{round(seconds, 1):g} s"
    parts, rest = [], round(seconds)
    for unit, size in _TIMES:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:3])


def in_words(reason: str) -> str:
    """Return a reason in words.

    >>> in_words("LowerCutOff"), in_words("DurationReached")
    ('Lower cut-off', 'Duration reached')
    """
    return _capitalised(_sentence(reason.replace("CutOff", "Cut-off")))


def _sentence(name: str) -> str:
    return _capitalised(re.sub(r"(?<=[a-z0-9])([A-Z])", r" \1", name).lower())


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:].lower() if text else text
