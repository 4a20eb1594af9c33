"""Errors in a spec: one problem, and all of them as an exception."""

from typing import NamedTuple

from batterysim.failure import FailureReason


class Problem(NamedTuple):
    """One thing that is wrong: which field, and what to do about it."""

    reason: FailureReason
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class InvalidSpecError(Exception):
    """The spec cannot be run. Holds everything that is wrong with it, not only the first thing."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))

    def __reduce__(self) -> tuple[type["InvalidSpecError"], tuple[list[Problem]]]:
        """Go whole from one process to another."""
        return type(self), (self.problems,)

    @property
    def reason(self) -> FailureReason:
        """The reason of the first problem."""
        return self.problems[0].reason
