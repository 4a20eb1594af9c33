"""Headings of columns as people and cyclers write them: what a column is, in which unit, and with which sign.

    Time [h]   Test Time / s   Test_Time(s)   time/s   test_time_second   Current [mA]   <I>/mA   Power_kW

The Battery Data Format (https://battery-data-alliance.github.io/battery-data-format) and the exports of
Arbin, BioLogic and Novonix count a charging current as positive, against PyBaMM and this project.
"""

import re
from enum import StrEnum
from typing import NamedTuple

MAX_HEADING_CHARACTERS = 100


class Dimension(StrEnum):
    """What a column holds."""

    TIME = "time"
    CURRENT = "current"
    C_RATE = "C-rate"
    POWER = "power"
    VOLTAGE = "voltage"
    TEMPERATURE = "temperature"


class Heading(NamedTuple):
    """A heading, understood.

    factor: what a value is multiplied by to be in s, A, W or V.
    has_unit: whether the heading says its unit.
    is_named: whether its name is a usual one of the dimension, such as "Test Time" of a time.
    """

    text: str
    dimension: Dimension
    factor: float
    has_unit: bool
    is_named: bool = False


class HeadingError(ValueError):
    """A heading that is no quantity of a profile, or contradicts itself. The message says what to write."""


_BASES = {
    Dimension.TIME: (
        (1.0, "s sec secs second seconds"),
        (1e-3, "ms millisecond milliseconds"),
        (60.0, "min mins minute minutes"),
        (3600.0, "h hr hrs hour hours"),
        (86400.0, "d day days"),
    ),
    Dimension.CURRENT: (
        (1.0, "A amp amps ampere amperes"),
        (1e-3, "mA milliamp milliamps milliampere"),
        (1e-6, "uA µA μA"),
    ),
    Dimension.C_RATE: ((1.0, "1/h h-1 h^-1"),),
    Dimension.POWER: (
        (1.0, "W watt watts"),
        (1e-3, "mW milliwatt milliwatts"),
        (1e3, "kW kilowatt kilowatts"),
    ),
    Dimension.VOLTAGE: ((1.0, "V volt volts"), (1e-3, "mV millivolt millivolts")),
    Dimension.TEMPERATURE: ((1.0, "degC °C oC celsius deg_C"),),
}
_MEGA = ("MA", "MW", "MV", "Ms")
"""No unit of a cell; taken for milli by readers that ignore the case."""

_UNITS_BY_LOWER_CASE = {
    unit.lower(): (dimension, factor)
    for dimension, bases in _BASES.items()
    for factor, names in bases
    for unit in names.split()
}

_NAMES = {
    Dimension.TIME: "t time test_time total_time run_time elapsed_time step_time testtime runtime test",
    Dimension.CURRENT: "i <i> current cell_current i_cell amps",
    Dimension.C_RATE: "c-rate c_rate crate",
    Dimension.POWER: "p power cell_power watts",
    Dimension.TEMPERATURE: "temperature temp ambient ambient_temperature t_amb t_ambient",
    Dimension.VOLTAGE: "u v e voltage potential cell_voltage ecell ewe volts terminal_voltage",
}
NAMES = {name: dimension for dimension, names in _NAMES.items() for name in names.split()}

_WITH_UNIT = re.compile(
    r"""^(?P<name>[^\[\]()/,]*?)\s*
    (?: \[\s*(?P<square>[^\[\]]*?)\s*\]
      | \(\s*(?P<round>[^()]*?)\s*\)
      | [/,]\s*(?P<slash>[^/,]+?)
    )$""",
    re.VERBOSE,
)

_CHARGE_IS_POSITIVE = frozenset(
    {
        ("test time / s", "current / a"),
        ("test_time_second", "current_ampere"),
        ("test time / s", "power / w"),
        ("test_time_second", "power_watt"),
        ("test_time(s)", "current(a)"),  # Arbin
        ("time/s", "i/ma"),  # BioLogic, also below
        ("time/s", "<i>/ma"),
        ("time/s", "control/ma"),
        ("run time (h)", "current (a)"),  # Novonix
    }
)


def read_heading(text: str) -> Heading:
    """Understand a heading.

    Raises:
        HeadingError: it names no time, current, C-rate, power or voltage, or its unit is of something else.
    """
    shown = text[:MAX_HEADING_CHARACTERS]
    name, unit = _parts(text)
    named = NAMES.get(_key(name))
    if unit is None:
        if named is None:
            raise HeadingError(_unknown(shown))
        return Heading(text, named, 1.0, has_unit=False, is_named=True)
    found = _unit(name, unit)
    if found is None:
        raise HeadingError(
            f"the heading {shown!r} has the unit {unit[:20]!r}: write the time in s, min or h, and a current "
            "in A or mA, a C-rate in 1/h, a power in W or kW, a voltage in V or mV, a temperature in degC"
        )
    dimension, factor = found
    if named is not None and named is not dimension:
        raise HeadingError(
            f"the heading {shown!r} names a {named}, and {unit!r} is a unit of {dimension}: correct one"
        )
    return Heading(text, dimension, factor, has_unit=True, is_named=named is not None)


def charge_is_positive(first: str, second: str) -> bool:
    """Tell whether these two headings are of a format in which a positive current charges."""
    return (first.strip().lower(), second.strip().lower()) in _CHARGE_IS_POSITIVE


def _key(name: str) -> str:
    return re.sub(r"[\s_]+", "_", name.strip().lower())


def _unit(name: str, unit: str) -> tuple[Dimension, float] | None:
    """Return what a unit is of, and its factor; None: it is not known."""
    if unit == "C" and "temperature" in name.lower():
        return Dimension.TEMPERATURE, 1.0
    if unit == "C" and NAMES.get(_key(name)) is Dimension.C_RATE:
        return Dimension.C_RATE, 1.0
    return None if unit in _MEGA else _UNITS_BY_LOWER_CASE.get(unit.lower())


def _parts(text: str) -> tuple[str, str | None]:
    """Return a heading's name, and its unit where it has one."""
    if len(text) > MAX_HEADING_CHARACTERS:
        return text, None
    text = text.strip()
    if (match := _WITH_UNIT.match(text)) is not None:
        return match["name"], next(
            unit for unit in match.group("square", "round", "slash") if unit is not None
        )
    name, separator, unit = text.replace(" ", "_").rpartition("_")
    if separator and unit.lower() in _UNITS_BY_LOWER_CASE and text.lower() not in NAMES:
        return name, unit
    if text.lower() not in NAMES and text.lower() in _UNITS_BY_LOWER_CASE:
        return "", text
    return text, None


def _unknown(shown: str) -> str:
    return (
        f"the heading {shown!r} does not name a time, current, C-rate, power or voltage: write headings such "
        "as 'Time [s]' and 'Current [A]', or leave out the line of headings"
    )
