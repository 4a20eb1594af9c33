"""Specs are read elsewhere, and those that take too long are invalid."""

from collections.abc import Callable
from typing import Any

import pytest

from batterysim.checks.judge import Judge
from batterysim.problem import InvalidSpecError
from batterysim.process.worker_pool import OverBudgetError, WorkerPool
from batterysim.spec.documents.largest_part import largest_part
from tests.builders import WorkHere, bpx_document, raw_spec, spec_of


class CountingWork(WorkHere):
    def __init__(self) -> None:
        self.count = 0

    async def run(self, who: str, function: Callable[..., Any], *arguments: Any) -> Any:
        self.count += 1
        return await super().run(who, function, *arguments)


class WorkOverBudget(WorkHere):
    async def run(self, who: str, function: Callable[..., Any], *arguments: Any) -> Any:
        raise OverBudgetError("more than 2 s of CPU time")


async def test_a_spec_is_read_once() -> None:
    """The operator asks each time that it looks at a simulation whose Job a quota keeps away."""
    work = CountingWork()
    judge = Judge(work)

    assert await judge.spec("lab", raw_spec()) == await judge.spec("lab", raw_spec()) == spec_of()
    assert work.count == 1


async def test_an_invalid_spec_is_not_remembered() -> None:
    work = CountingWork()
    for _ in range(2):
        with pytest.raises(InvalidSpecError):
            await Judge(work).spec("lab", {})
    assert work.count == 2


async def test_what_takes_too_long_is_invalid_at_its_largest_field() -> None:
    document = bpx_document()
    document["Parameterisation"]["Cell"]["x"] = "a" * 80_000

    with pytest.raises(InvalidSpecError) as caught:
        await Judge(WorkOverBudget()).spec("lab", raw_spec(cell={"bpx": {"inline": document}}))

    (problem,) = caught.value.problems
    assert problem.field == "spec.cell.bpx.inline.Parameterisation.Cell.x"
    assert problem.message == "it takes more than 2 s of CPU time to check, with 80002 characters: shorten it"


def test_the_largest_part_of_something_deep_is_found_soon() -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"a": deep}

    assert largest_part({"model": deep}) == ("spec.model.a.a.a.a.a", 2972)


async def test_a_deep_spec_is_read_in_a_worker() -> None:
    """The API server stores up to 10,000 levels; what is wrong with them is told without a crash."""
    async with WorkerPool(("batterysim.checks.warm",)) as pool:
        deep: Any = {}
        for _ in range(900):
            deep = {"a": deep}
        with pytest.raises(InvalidSpecError):
            await Judge(pool).spec("lab", raw_spec(model={"family": "DFN", "options": deep}))
