"""Steps of experiments in words: all that PyBaMM's own parser takes with one meaning, and a little more.

    step    = verb { clause } [ "(" duration "period" ")" ]
    verb    = "Rest" | "Charge" | "Discharge" | "Hold"
    clause  = "at" amount | "at" temperature | "for" duration | [ "or" ] "until" end { "or" end }
    amount  = number ( "A" | "mA" | "W" | "mW" | "V" | "mV" | "Ohm" | "C" ) | "C/" number
    end     = [ "<" | ">" ] amount

Clauses may stand in any order. An amount has no sign, because the verb says the direction: PyBaMM reads
"Charge at -1C" as a discharge, and "Charge at 4.2 V" as holding -4.2 V.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from batterysim.spec.steps.plan import Control, End, StepPlan

MAX_STEP_CHARACTERS = 200
EXAMPLE = '"Discharge at 1C for 10 minutes or until 3.3 V"'
ZERO_CELSIUS_IN_KELVIN = 273.15

_TOKEN = re.compile(r"\s*(?:([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([A-Za-zµμ°%]+)|(\S))")

_AMOUNTS = {
    "A": (Control.CURRENT, 1.0),
    "mA": (Control.CURRENT, 1e-3),
    "C": (Control.C_RATE, 1.0),
    "W": (Control.POWER, 1.0),
    "mW": (Control.POWER, 1e-3),
    "V": (Control.VOLTAGE, 1.0),
    "mV": (Control.VOLTAGE, 1e-3),
    "Ohm": (Control.RESISTANCE, 1.0),
    "mOhm": (Control.RESISTANCE, 1e-3),
}
_TIMES = {
    name: seconds
    for seconds, names in (
        (1.0, "s sec secs second seconds"),
        (60.0, "m min mins minute minutes"),
        (3600.0, "h hr hrs hour hours"),
        (86400.0, "d day days"),
    )
    for name in names.split()
}
_TEMPERATURES = {"oC": 0.0, "°C": 0.0, "degC": 0.0, "K": -ZERO_CELSIUS_IN_KELVIN}
_SIGNS = {"charge": -1.0, "discharge": 1.0, "hold": 1.0}


class StepTextError(ValueError):
    """A step in words that cannot be understood. The message names the word, and proposes another."""


class _Token(NamedTuple):
    text: str
    start: int
    is_number: bool


def parse_step(text: str) -> StepPlan:
    """Understand a step in words.

    Raises:
        StepTextError: names the first word that is wrong.
    """
    if len(text) > MAX_STEP_CHARACTERS:
        raise StepTextError(f"has {len(text)} characters: a step has at most {MAX_STEP_CHARACTERS}")
    return _Parser(text).step()


def _tokens(text: str) -> Iterator[_Token]:
    end = len(text.rstrip())
    position = 0
    while position < end and (match := _TOKEN.match(text, position)) is not None:
        yield _Token(match[match.lastindex or 0], match.start(match.lastindex or 0), match[1] is not None)
        position = match.end()


class _Parser:
    """Reads one step from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0

    def step(self) -> StepPlan:
        verb = self._take()
        word = "" if verb is None else verb.text.lower()
        if verb is None or word not in ("rest", *_SIGNS):
            raise self._error(verb, f"a step begins with Charge, Discharge, Hold or Rest, as in {EXAMPLE}")
        plan = self._clauses(verb, StepPlan(Control.CURRENT, 0.0), is_rest=word == "rest")
        if plan.duration_seconds is None and not plan.ends:
            end = " for 1 hour" if word == "rest" else ' for 1 hour" or "… until 3.3 V'
            raise StepTextError(f'it has no end: write for example "{self._text.strip()}{end}"')
        if word == "rest" and (plan.ends or plan.duration_seconds is None):
            raise StepTextError('a rest can only end after a time: write "Rest for 1 hour"')
        return plan

    def _clauses(self, verb: _Token, plan: StepPlan, *, is_rest: bool) -> StepPlan:
        has_amount = is_rest
        while (token := self._take()) is not None:
            match token.text.lower():
                case "at" if self._is_temperature():
                    plan = replace(plan, ambient_temperature_celsius=self._temperature())
                case "at" if has_amount:
                    raise self._error(self._peek(), _second_amount(is_rest))
                case "at":
                    control, value = self._setpoint(verb)
                    plan, has_amount = replace(plan, control=control, value=value), True
                case "for" if plan.duration_seconds is not None:
                    raise self._error(token, "there is a time already: write one")
                case "for":
                    plan = replace(plan, duration_seconds=self._duration())
                case "until":
                    plan = replace(plan, ends=(*plan.ends, *self._ends()))
                case "or" | "," if self._peek() is not None:
                    continue
                case "(":
                    plan = replace(plan, period_seconds=self._period())
                case _:
                    raise self._error(token, f"write at, for or until here, as in {EXAMPLE}")
        if not has_amount:
            proposal = "4.1 V" if verb.text.lower() == "hold" else "1C"
            raise self._error(verb, f'an amount is missing: write for example "{verb.text} at {proposal} …"')
        return plan

    def _setpoint(self, verb: _Token) -> tuple[Control, float]:
        """Read what is held, in the direction that the verb says."""
        first = self._peek()
        control, value = self._amount("5 A, C/2 or 10 W")
        amount = self._text[first.start : self._end_of_last()] if first else ""
        word = verb.text.lower()
        if value < 0:
            opposite = {"charge": "Discharge", "discharge": "Charge", "hold": "Hold"}[word]
            bare = amount.replace("-", "", 1)
            raise self._error(
                first,
                f'the verb gives the direction: write "{verb.text} at {bare}" or "{opposite} at {bare}"',
            )
        if (control is Control.VOLTAGE) != (word == "hold"):
            if control is Control.VOLTAGE:
                raise self._error(
                    verb,
                    f'a voltage is held: write "Hold at {amount} until 50 mA", for example',
                )
            raise self._error(
                verb, f'only a voltage can be held: write "Discharge at {amount} …" or "Charge at {amount} …"'
            )
        if control is Control.RESISTANCE and word == "charge":
            raise self._error(verb, f'a resistance can only discharge: write "Discharge at {amount} …"')
        if value == 0 and control in (Control.VOLTAGE, Control.RESISTANCE):
            raise self._error(first, "must be above 0")
        return control, value * _SIGNS[word]

    def _ends(self) -> Iterator[End]:
        while True:
            token = self._peek()
            side = None
            if token is not None and token.text in ("<", ">"):
                side = token.text
                self._take()
            first = self._peek()
            control, value = self._amount("3.3 V or 50 mA")
            if control in (Control.POWER, Control.RESISTANCE):
                raise self._error(first, "a step ends at a voltage or a current: write 3.3 V or 50 mA")
            if value < 0 and side is None:
                raise self._error(first, "write an end without a sign: it is a magnitude")
            yield End(control, value, side)
            if not self._is_another_end():
                return
            self._take()

    def _is_another_end(self) -> bool:
        """Tell whether "or" is followed by another end, as in "until 4.2 V or 50 mA"."""
        following = self._tokens[self._next : self._next + 2]
        return (
            len(following) == 2
            and following[0].text.lower() == "or"
            and (following[1].is_number or following[1].text in ("C", "<", ">"))
        )

    def _amount(self, proposal: str) -> tuple[Control, float]:
        token = self._take()
        if token is None:
            raise self._error(None, f"an amount is missing at the end: write for example {proposal}")
        if token.text == "C":
            return Control.C_RATE, self._fraction()
        if not token.is_number:
            raise self._error(token, f"write an amount such as {proposal}")
        unit = self._peek()
        if unit is None or unit.is_number or unit.text.lower() in ("for", "until", "or", "at"):
            units = " or ".join(f'"{token.text} {name}"' for name in ("A", "V"))
            raise self._error(token, f"it has no unit: write for example {units}")
        if unit.text not in _AMOUNTS:
            raise self._error(unit, f"is not a unit: write one of {', '.join(_AMOUNTS)}{self._case_of(unit)}")
        self._take()
        control, factor = _AMOUNTS[unit.text]
        return control, float(token.text) * factor

    def _fraction(self) -> float:
        """Read what follows the C of C/2."""
        slash, number = self._take(), self._take()
        if slash is None or slash.text != "/" or number is None or not number.is_number:
            raise self._error(slash, 'write a fraction of a C-rate as "C/2", another as "2C"')
        if float(number.text) == 0:
            raise self._error(number, "a C-rate cannot be divided by 0")
        return 1 / float(number.text)

    def _duration(self) -> float:
        seconds = 0.0
        while True:
            number, unit = self._take(), self._take()
            if number is None or not number.is_number:
                raise self._error(number, 'write a time such as "10 minutes"')
            if unit is None or unit.text.lower() not in _TIMES:
                raise self._error(unit or number, f'write a time such as "{number.text} minutes"')
            if float(number.text) <= 0:
                raise self._error(number, "a step cannot take that long: write a time above 0")
            seconds += float(number.text) * _TIMES[unit.text.lower()]
            following = self._peek()
            if following is None or not following.is_number:
                return seconds

    def _period(self) -> float:
        seconds = self._duration()
        for expected in ("period", ")"):
            token = self._take()
            if token is None or token.text.lower() != expected:
                raise self._error(token, 'write the period at the end, such as "(1 minute period)"')
        return seconds

    def _is_temperature(self) -> bool:
        following = "".join(token.text for token in self._tokens[self._next + 1 : self._next + 3])
        number = self._peek()
        return number is not None and number.is_number and any(map(following.startswith, _TEMPERATURES))

    def _temperature(self) -> float:
        number, unit = self._take(), self._take()
        if number is None or unit is None:
            raise self._error(number, "a temperature is missing")
        if unit.text == "°":
            self._take()
            return float(number.text)
        return float(number.text) + next(
            offset for name, offset in _TEMPERATURES.items() if unit.text.startswith(name)
        )

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> _Token | None:
        token = self._peek()
        self._next += 1
        return token

    def _end_of_last(self) -> int:
        last = self._tokens[min(self._next, len(self._tokens)) - 1]
        return last.start + len(last.text)

    def _case_of(self, unit: _Token) -> str:
        known = {name.lower(): name for name in _AMOUNTS}
        meant = known.get(unit.text.lower())
        return "" if meant is None else f"; did you mean {meant!r}?"

    def _error(self, token: _Token | None, complaint: str) -> StepTextError:
        if token is None:
            return StepTextError(f"it ends too early: {complaint}")
        return StepTextError(f"{token.text!r} (character {token.start + 1}): {complaint}")


def _second_amount(is_rest: bool) -> str:
    if is_rest:
        return 'a rest has no amount: write "Rest for 1 hour", or a temperature such as 25 oC'
    return "there is an amount already: write one, and a temperature such as 25 oC"
