"""The chain of errors that led to one, which others may have closed to a circle."""

from batterysim_runner.child.memory import is_lack_of_memory
from batterysim_runner.errors import causes


def test_an_error_comes_before_those_that_led_to_it() -> None:
    inner, outer = MemoryError(), ValueError("outer")
    outer.__cause__ = inner

    assert list(causes(outer)) == [outer, inner]
    assert is_lack_of_memory(outer)


def test_an_error_that_is_its_own_cause_is_looked_at_once() -> None:
    """A run whose solver failed looked for its cause for ever."""
    error = ValueError("again")
    error.__cause__ = error

    assert list(causes(error)) == [error]
    assert not is_lack_of_memory(error)
