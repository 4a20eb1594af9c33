"""Reading environment variables, so that a wrong one is named with its value and with what is expected."""

import json
import re
from collections.abc import Collection, Mapping

from batterysim.kubernetes_names import is_label


class SettingsError(Exception):
    """An environment variable that cannot be used. Names it, its value and what is expected."""


def positive(environment: Mapping[str, str], variable: str, default: int) -> int:
    """Return a positive whole number."""
    value = environment.get(variable) or str(default)
    if not value.isdecimal() or int(value) == 0:
        raise SettingsError(f"{variable} is {value!r}: set it to a positive whole number, such as {default}")
    return int(value)


def natural(environment: Mapping[str, str], variable: str) -> int:
    """Return a whole number that is 0 by default."""
    value = environment.get(variable) or "0"
    if not value.isdecimal():
        raise SettingsError(f"{variable} is {value!r}: set it to a whole number, 0 or more")
    return int(value)


def naturals(environment: Mapping[str, str], variable: str) -> dict[str, int]:
    """Return whole numbers by the names of namespaces, such as {"lab": 3600}; none by default."""
    value = environment.get(variable) or "{}"
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(
        is_label(name) and type(number) is int and number >= 0 for name, number in found.items()
    ):
        raise SettingsError(
            f'{variable} is {value!r}: set it to whole numbers by namespace, such as {{"lab": 3600}}'
        )
    return found


def switch(environment: Mapping[str, str], variable: str) -> bool:
    """Return whether something is switched on. Off by default."""
    return choice(environment, variable, ("false", "true")) == "true"


def choice(environment: Mapping[str, str], variable: str, choices: Collection[str]) -> str:
    """Return one of some words, the first of them by default."""
    value = environment.get(variable) or next(iter(choices))
    if value not in choices:
        raise SettingsError(f"{variable} is {value!r}: set it to one of {', '.join(choices)}")
    return value


def namespaces(environment: Mapping[str, str], variable: str) -> tuple[str, ...]:
    """Return a list of namespaces, which is empty by default."""
    parts = [part.strip() for part in environment.get(variable, "").split(",")]
    found = tuple(part for part in parts if part)
    for namespace in found:
        if not is_label(namespace):
            raise SettingsError(
                f"{variable} has {namespace!r}: write names of namespaces, separated by commas"
            )
    return found


def namespace(environment: Mapping[str, str], variable: str, default: str) -> str:
    """Return the name of a namespace."""
    value = environment.get(variable) or default
    if not is_label(value):
        raise SettingsError(f"{variable} is {value!r}: set it to the name of a namespace, such as {default}")
    return value


def http_url(environment: Mapping[str, str], variable: str, example: str) -> str | None:
    """Return a base URL; None if there is none."""
    value = environment.get(variable)
    if value and not re.match(r"https?://[^/]", value):
        raise SettingsError(f"{variable} is {value!r}: set it to a base URL, for example {example}")
    return value or None
