"""Label selectors as `kubectl get -l` takes them: `app=a,tier!=b,zone in (x,y),!draft`.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

import re
from collections.abc import Callable, Iterator, Mapping

Requirement = Callable[[Mapping[str, str]], bool]

_KEY = r"(?P<key>[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?)"
_VALUE = r"[-A-Za-z0-9_.]*"
_EQUALITY = re.compile(rf"{_KEY}\s*(?P<operator>==|=|!=)\s*(?P<value>{_VALUE})")
_SET = re.compile(rf"{_KEY}\s+(?P<operator>in|notin)\s*\((?P<values>[-A-Za-z0-9_.,\s]*)\)")
_EXISTENCE = re.compile(rf"(?P<absent>!?)\s*{_KEY}")


class SelectorError(ValueError):
    """A selector that makes no sense. The message is for its author."""


def parse_selector(text: str) -> list[Requirement]:
    """Return what labels have to fulfil, all of it.

    Raises:
        SelectorError: names the part that makes no sense.
    """
    return [_requirement(part.strip()) for part in _parts(text)] if text.strip() else []


def _parts(text: str) -> Iterator[str]:
    """Yield what is between commas that are outside of parentheses."""
    start, is_inside = 0, False
    for position, character in enumerate(text):
        if character in "()":
            is_inside = character == "("
        elif character == "," and not is_inside:
            yield text[start:position]
            start = position + 1
    yield text[start:]


def _requirement(part: str) -> Requirement:
    if found := _EQUALITY.fullmatch(part):
        return _any_of(found["key"], {found["value"]}, negated=found["operator"] == "!=")
    if found := _SET.fullmatch(part):
        values = {value.strip() for value in found["values"].split(",")}
        return _any_of(found["key"], values, negated=found["operator"] == "notin")
    if found := _EXISTENCE.fullmatch(part):
        key, absent = found["key"], bool(found["absent"])
        return lambda labels: (key not in labels) == absent
    raise SelectorError(
        f"{part!r} is not a label selector: write key=value, key!=value, key in (a,b), key notin (a,b), "
        "key or !key"
    )


def _any_of(key: str, values: set[str], *, negated: bool) -> Requirement:
    return lambda labels: (labels.get(key) in values) != negated
