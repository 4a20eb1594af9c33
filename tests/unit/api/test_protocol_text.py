"""The protocol in a few words, as `kubectl get bsim` shows it."""

import pytest

from batterysim.protocol_text import describe_protocol
from tests.builders import Json, constant_current, spec_of, us06


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (constant_current(5, 60), "discharge 5 A"),
        (constant_current(-2.5, 60), "charge 2.5 A"),
        (constant_current(0, 60), "rest"),
        (us06(), "US06"),
    ],
)
def test_describe_protocol(protocol: Json, words: str) -> None:
    assert describe_protocol(spec_of(protocol=protocol)) == words
