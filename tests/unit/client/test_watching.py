"""What happens is told once, across connections that are lost."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim_client import watching
from batterysim_client.backends.backend import Began, Complete, Deleted, Event, Seen, Upserted
from batterysim_client.errors import NotFoundError, UnreachableError
from batterysim_client.simulation import Change, Simulation
from batterysim_client.watching import Known, follow_many, follow_one

from .builders import simulation

LOST = UnreachableError("lost")


class Connections:
    """A backend whose connections tell what they are given to tell, one after the other."""

    def __init__(self, *connections: list[Event | Exception]) -> None:
        self._connections = iter(connections)
        self.asked: list[str | None] = []

    async def events(
        self, namespace: str | None, name: str | None, since: str | None
    ) -> AsyncGenerator[Event]:
        self.asked.append(since)
        for event in next(self._connections, [RuntimeError("no more connections")]):
            if isinstance(event, Exception):
                raise event
            yield event


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "RETRY_SECONDS", (0.0,) * 3)


def told(item: Simulation, version: int) -> Upserted:
    return Upserted(item, str(version))


def in_words(changes: list[Change]) -> list[str]:
    return [f"{kind} {item.name}" for kind, item in changes]


async def changes_of_one(backend: Any) -> list[str]:
    return in_words([change async for change in follow_one(backend, "lab", "cell")])


async def tell(backend: Any, told: list[Change], seen: Sequence[Simulation] = ()) -> None:
    async for change in follow_many(backend, "lab", seen):
        told.append(change)


async def test_a_run_is_told_to_its_end_across_a_lost_connection() -> None:
    pending, running = simulation(), simulation(version=2, phase="Running")
    ended = simulation(version=3, phase="Succeeded")
    backend = Connections(
        [told(pending, 1), told(running, 2), LOST], [told(running, 2), told(ended, 3), told(ended, 4)]
    )

    assert await changes_of_one(backend) == ["phase cell", "phase cell", "end cell"]
    assert backend.asked == [None, "2"]


async def test_a_simulation_that_is_not_there() -> None:
    with pytest.raises(NotFoundError, match="no simulation 'cell' in namespace 'lab'"):
        await changes_of_one(Connections([Began(), Complete("7")]))


async def test_a_simulation_that_went_away_while_nobody_looked() -> None:
    backend = Connections([told(simulation(), 1), LOST], [NotFoundError("gone")])

    assert await changes_of_one(backend) == ["phase cell", "deleted cell"]


async def test_another_simulation_of_the_same_name_means_that_the_first_was_deleted() -> None:
    backend = Connections([told(simulation(), 1), told(simulation(uid="u2", version=2, phase="Failed"), 2)])

    assert await changes_of_one(backend) == ["phase cell", "deleted cell"]


async def test_of_what_was_seen_only_what_has_happened_since_is_told() -> None:
    same, gone, old, new = (
        simulation(name, uid=uid) for name, uid in (("a", "a"), ("b", "b"), ("c", "c"), ("c", "c2"))
    )
    backend = Connections([Began(), told(same, 1), told(new, 2), Complete("2"), RuntimeError("enough")])
    seen: list[Change] = []
    with pytest.raises(RuntimeError, match="enough"):
        await tell(backend, seen, [same, gone, old])

    assert [(kind, item.uid) for kind, item in seen] == [("deleted", "c"), ("phase", "c2"), ("deleted", "b")]


async def test_an_end_that_was_seen_is_told_again_for_else_nothing_would_come() -> None:
    ended = simulation(phase="Succeeded")
    backend: Any = Connections([told(ended, 1)])

    assert in_words([change async for change in follow_one(backend, "lab", "cell", [ended])]) == ["end cell"]


async def test_a_server_that_stays_away_is_given_up() -> None:
    with pytest.raises(UnreachableError, match="lost"):
        await changes_of_one(Connections(*[[LOST]] * 4))


async def test_what_was_deleted_meanwhile_is_told_when_all_is_told_again() -> None:
    first, second = simulation("a", uid="a"), simulation("b", uid="b", version=2)
    backend = Connections(
        [Began(), told(first, 1), told(second, 2), Complete("2"), Seen("5"), LOST],
        [Began()],  # the server has forgotten what happened since
        [Began(), told(second, 6), Complete("6"), Deleted(second, "7"), RuntimeError("enough")],
    )
    seen: list[Change] = []
    with pytest.raises(RuntimeError, match="enough"):
        await tell(backend, seen)

    assert in_words(seen) == ["phase a", "phase b", "deleted a", "deleted b"]
    assert backend.asked == [None, "5", None]


async def test_a_list_that_broke_off_begins_anew() -> None:
    backend = Connections([Began(), told(simulation(), 1), LOST], [RuntimeError("enough")])
    with pytest.raises(RuntimeError, match="enough"):
        await tell(backend, [])

    assert backend.asked == [None, None]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans())), st.sets(st.sampled_from("abc")))
def test_after_everything_was_told_again_exactly_that_is_known(
    history: list[tuple[str, bool]], there: set[str]
) -> None:
    known = Known()
    for version, (name, is_there) in enumerate(history):
        item = simulation(name, version=version)
        list(known.changes(told(item, version) if is_there else Deleted(item, str(version))))
    for event in (Began(), *(told(simulation(name), 99) for name in sorted(there)), Complete("99")):
        list(known.changes(event))

    assert {item.name for item in known.simulations} == there
    assert known.since == "99"
