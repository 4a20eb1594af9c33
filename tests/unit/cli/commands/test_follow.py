"""Following ends when all have ended, or says which one cannot end any more."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from batterysim_cli.commands.follow import Target, follow
from batterysim_client import AsyncClient, NotFoundError, Simulation
from batterysim_client.backends.backend import Began, Complete, Event, Upserted
from tests.unit.cli.fake_client import FakeClient, ended, running, succeeded
from tests.unit.client.builders import simulation


class Server:
    """A backend on which something happens between the first reading and the watch's first list."""

    namespace = "lab"

    def __init__(self, before: Sequence[Simulation], after: Sequence[Simulation]) -> None:
        self._before = {item.name: item for item in before}
        self._after = after

    async def read(self, namespace: str, name: str) -> Simulation:
        return self._before[name]

    async def events(
        self, namespace: str | None, name: str | None, since: str | None
    ) -> AsyncGenerator[Event]:
        if since is not None:
            raise AssertionError("it goes on waiting")
        yield Began()
        for item in self._after:
            if name in (None, item.name):
                yield Upserted(item, "1")
        yield Complete("1")


async def uids_followed(server: Any, *names: str) -> list[str]:
    client = AsyncClient("http://server")
    client._backend = server
    return [item.uid async for item in follow(client, [Target(name) for name in names])]


@pytest.mark.parametrize("names", [("a",), ("a", "b")])
@pytest.mark.parametrize("phase", ["Running", "Succeeded"])
async def test_one_that_is_recreated_before_the_watch_begins(names: tuple[str, ...], phase: str) -> None:
    newcomer = simulation("a", uid="a2", phase=phase)
    server = Server([running("a"), running("b")], [newcomer, running("b")])

    with pytest.raises(NotFoundError, match="'a' was deleted before it had ended"):
        await uids_followed(server, *names)


@pytest.mark.parametrize("names", [("a",), ("a", "b")])
async def test_one_that_is_deleted_before_the_watch_begins(names: tuple[str, ...]) -> None:
    server = Server([running("a"), running("b")], [running("b")])

    with pytest.raises(NotFoundError, match="'a' was deleted before it had ended"):
        await uids_followed(server, *names)


async def test_one_that_ends_before_the_watch_begins() -> None:
    server = Server([running("a"), running("b")], [succeeded("a"), succeeded("b")])

    assert await uids_followed(server, "a", "b") == ["a", "b", "a", "b"]


async def test_a_watch_that_stops_is_no_success() -> None:
    client: Any = FakeClient(running("a"), running("b"), changes=(ended(succeeded("a")),))

    with pytest.raises(NotFoundError, match="'b' was deleted"):
        _ = [item async for item in follow(client, [Target("a"), Target("b")])]
