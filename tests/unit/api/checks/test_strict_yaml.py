"""YAML says here what it says to kubectl."""

import pytest
import yaml

from batterysim.checks.strict_yaml import StrictYaml


class Loader(StrictYaml, yaml.SafeLoader):
    pass


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
    assert yaml.load(text, Loader) == value


def test_a_key_is_there_once() -> None:
    with pytest.raises(yaml.MarkedYAMLError, match="the key 'a' occurs twice: remove one"):
        yaml.load("{a: 1, a: 2}", Loader)
