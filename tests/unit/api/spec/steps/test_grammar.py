"""Steps in words have one meaning: the one that PyBaMM's own parser gives them, or none."""

import contextlib

import pybamm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.spec.steps.grammar import StepTextError, parse_step
from batterysim.spec.steps.plan import Control, End, StepPlan

CURRENT, C_RATE, POWER, VOLTAGE = Control.CURRENT, Control.C_RATE, Control.POWER, Control.VOLTAGE


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("Discharge at 1C for 10 minutes", StepPlan(C_RATE, 1, 600)),
        ("Discharge for 10 minutes at 1C", StepPlan(C_RATE, 1, 600)),
        ("charge at c/2 for 1 h", None),
        ("charge at C/2 for 1 h", StepPlan(C_RATE, -0.5, 3600)),
        ("Charge at 1C until 4.2V or for 1 hour", StepPlan(C_RATE, -1, 3600, (End(VOLTAGE, 4.2),))),
        ("Charge at 1C for 1 hour or until 4.2 V", StepPlan(C_RATE, -1, 3600, (End(VOLTAGE, 4.2),))),
        ("Hold at 4.2 V until 50 mA", StepPlan(VOLTAGE, 4.2, None, (End(CURRENT, 0.05),))),
        ("Hold at 4.2 V until C/50 or for 2 h", StepPlan(VOLTAGE, 4.2, 7200, (End(C_RATE, 0.02),))),
        (
            "Discharge at 10 W until 3.3 V or 2 A",
            StepPlan(POWER, 10, None, (End(VOLTAGE, 3.3), End(CURRENT, 2))),
        ),
        ("Rest for 1 hour at 25 oC", StepPlan(CURRENT, 0, 3600, ambient_temperature_celsius=25)),
        ("Rest for 1 hour at -5 °C", StepPlan(CURRENT, 0, 3600, ambient_temperature_celsius=-5)),
        ("Rest for 1 hour 30 minutes", StepPlan(CURRENT, 0, 5400)),
        ("Discharge at 1C for 1 hour (1 minute period)", StepPlan(C_RATE, 1, 3600, period_seconds=60)),
        ("Discharge at 2 Ohm for 1 s", StepPlan(Control.RESISTANCE, 2, 1)),
        ("Charge at 0 A for 1 s", StepPlan(CURRENT, 0, 1)),
    ],
)
def test_what_a_step_means(text: str, plan: StepPlan | None) -> None:
    if plan is None:
        with pytest.raises(StepTextError):
            parse_step(text)
    else:
        assert parse_step(text) == plan


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Charge at -1C for 10 minutes", 'write "Charge at 1C" or "Discharge at 1C"'),
        ("Discharge at -5 W for 1 hour", 'write "Discharge at 5 W" or "Charge at 5 W"'),
        ("Discharge at C/-2 for 1 hour", 'write "Discharge at C/2" or "Charge at C/2"'),
        ("Charge at 4.1 V until 50 mA", 'write "Hold at 4.1 V until 50 mA"'),
        ("Discharge at 3 V for 1 hour", 'write "Hold at 3 V'),
        ("Hold at 5 A for 1 hour", 'write "Discharge at 5 A …" or "Charge at 5 A …"'),
        ("Charge at 2 Ohm for 1 hour", 'a resistance can only discharge: write "Discharge at 2 Ohm'),
        ("Discharge at 5 for 10 minutes", "'5' (character 14): it has no unit: write for example \"5 A\""),
        ("Charge at 1C until 4.2", "'4.2' (character 20): it has no unit"),
        ("Charge at 1C until -4.2 V", "write an end without a sign"),
        ("Charge at 1C until 4.2 W", "a step ends at a voltage or a current"),
        ("Charge at 1 ma until 4 V", "did you mean 'mA'?"),
        ("Charge at 1C for 10", 'write a time such as "10 minutes"'),
        ("Charge at 1C for 10 parsecs", "'parsecs' (character 21): write a time"),
        ("Charge at 1C", 'it has no end: write for example "Charge at 1C for 1 hour"'),
        ("Charge for 1 hour", 'an amount is missing: write for example "Charge at 1C …"'),
        ("Rest", 'it has no end: write for example "Rest for 1 hour"'),
        ("Rest until 3 V", "a rest can only end after a time"),
        ("Rest for 1 hour at 25 C", "a rest has no amount"),
        ("Charge at 1C at 2C for 1 hour", "there is an amount already"),
        ("Charge at 1C for 1 hour for 2 hours", "there is a time already"),
        ("Do 1C for 1 hour", "a step begins with Charge, Discharge, Hold or Rest"),
        ("Discharge at C/0 for 1 hour", "a C-rate cannot be divided by 0"),
        ("Charge at 1C for 0 s", "write a time above 0"),
        ("Charge at 1C for 1 hour quickly", "'quickly' (character 25): write at, for or until here"),
        ("", "it ends too early"),
        ("x" * 201, "has 201 characters"),
    ],
)
def test_what_is_wrong_is_named_with_a_proposal(text: str, said: str) -> None:
    with pytest.raises(StepTextError) as refused:
        parse_step(text)

    assert said in str(refused.value)


numbers = st.one_of(
    st.integers(1, 100).map(str), st.floats(0.001, 99).map(lambda value: f"{value:.4g}"), st.just("1e-1")
)
spaces = st.sampled_from([" ", ""])
times = st.builds(
    lambda number, space, unit: f"{number}{space}{unit}",
    numbers,
    spaces,
    st.sampled_from(["s", "sec", "second", "seconds", "m", "min", "minutes", "h", "hr", "hour", "hours"]),
)
fractions = st.integers(1, 50).map(lambda number: f"C/{number}")


def amounts(*units: str) -> st.SearchStrategy[str]:
    plain = st.builds(lambda n, s, u: f"{n}{s}{u}", numbers, spaces, st.sampled_from(units))
    return st.one_of(plain, fractions) if "C" in units else plain


setpoints = st.one_of(
    st.builds(
        lambda verb, amount: f"{verb} at {amount}",
        st.sampled_from(["Charge", "Discharge"]),
        amounts("A", "mA", "C", "W", "mW"),
    ),
    amounts("V", "mV").map("Hold at {}".format),
    amounts("Ohm").map("Discharge at {}".format),
)
ends = st.builds(
    lambda side, amount: side + amount, st.sampled_from(["", "<", ">"]), amounts("A", "mA", "C", "V")
)
clauses = st.one_of(
    times.map(" for {}".format),
    ends.map(" until {}".format),
    st.builds(" for {} or until {}".format, times, ends),
)
sentences = st.builds(lambda what, until: what + until, setpoints, clauses) | times.map("Rest for {}".format)

KINDS = {
    pybamm.step.Current: Control.CURRENT,
    pybamm.step.Rest: Control.CURRENT,
    pybamm.step.CRate: Control.C_RATE,
    pybamm.step.Power: Control.POWER,
    pybamm.step.Voltage: Control.VOLTAGE,
    pybamm.step.Resistance: Control.RESISTANCE,
}
ENDS = {
    pybamm.step.CurrentTermination: Control.CURRENT,
    pybamm.step.CRateTermination: Control.C_RATE,
    pybamm.step.VoltageTermination: Control.VOLTAGE,
}


@given(sentences)
def test_a_sentence_means_what_it_means_to_pybamm(text: str) -> None:
    theirs = pybamm.step.string(text)

    ours = parse_step(text)

    assert (ours.control, ours.value) == (KINDS[type(theirs)], pytest.approx(theirs.value, rel=1e-15))
    assert (ours.duration_seconds is None) == theirs.uses_default_duration
    if ours.duration_seconds is not None:
        assert ours.duration_seconds == pytest.approx(theirs.duration, rel=1e-15)
    assert [(end.control, end.side) for end in ours.ends] == [
        (ENDS[type(end)], end.operator) for end in theirs.termination
    ]
    assert [end.value for end in ours.ends] == pytest.approx([end.value for end in theirs.termination])


@given(st.text(max_size=220))
def test_any_text_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(StepTextError):
        parse_step(text)


WORDS = (
    "Charge Discharge Hold Rest at for until or 1C C/2 C / 5 A -5 4.2 V 50 mA 1 hour 25 oC ( period ) < > W"
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join))
def test_any_order_of_words_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(StepTextError):
        plan = parse_step(text)
        assert plan.ends or plan.duration_seconds
