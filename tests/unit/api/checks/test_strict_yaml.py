"""YAML says here what it says to kubectl."""

import pytest
import yaml

from batterysim.checks.strict_yaml import StrictLoader, as_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1:30", "1:30"),
        ("1:30.5", "1:30.5"),
        ("-1:30", "-1:30"),
        ("90", 90),
        ("0x10", 16),
        ("1.5e+3", 1500.0),
        (".inf", float("inf")),
    ],
)
def test_a_number_to_the_base_of_60_is_a_text(text: str, value: object) -> None:
    assert yaml.load(text, StrictLoader) == value


def test_a_key_is_there_once() -> None:
    with pytest.raises(yaml.MarkedYAMLError, match="the key 'a' occurs twice: remove one"):
        yaml.load("{a: 1, a: 2}", StrictLoader)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5e-6", 5e-6),
        ("5E-6", 5e-6),
        ("6e2", 600.0),
        ("-1e-3", -1e-3),
        ("+2.e3", 2000.0),
        (".5e1", 5.0),
        ("1_000e1", 10000.0),
        ("5e", "5e"),
        ("e5", "e5"),
        ("5e-6 m", "5e-6 m"),
        ("'5e-6'", "5e-6"),
        ("017", 15),
        ("-3", -3),
    ],
)
def test_a_number_needs_no_dot_and_no_sign_of_its_exponent(text: str, value: object) -> None:
    found = yaml.load(text, StrictLoader)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", ["2020-01-01", "2020-13-45", "2020-01-01T12:00:00Z"])
def test_a_date_is_a_text(text: str) -> None:
    assert yaml.load(text, StrictLoader) == text


@pytest.mark.parametrize("text", ["9" * 5000, "!!int five", "!!float ''"])
def test_what_is_no_number_is_named(text: str) -> None:
    with pytest.raises(yaml.MarkedYAMLError, match="is no number, or one with too many digits: correct it"):
        yaml.load(text, StrictLoader)


@pytest.mark.parametrize("text", ["5e-6", "6e2", "1:30", "2020-01-01", "12e34567"])
def test_a_text_is_written_so_that_it_stays_one(text: str) -> None:
    assert as_yaml({"commit": text}) == f"commit: '{text}'"
