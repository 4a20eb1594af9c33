"""Requests to the API server: some at a time, some of each tenant, and the tenants in turn."""

import asyncio

import pytest

from batterysim.process.worker_pool import BusyError
from batterysim_bridge.cluster.turns import Turns, caller

from ..builders import NAME, NAMESPACE, READER_TOKEN


class Requests:
    """Requests that stay at the API server until they are answered."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.under_way: list[tuple[str, asyncio.Event]] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def send(self, tenant: str, count: int = 1) -> list[asyncio.Task[None]]:
        sent = [asyncio.create_task(self._one(tenant)) for _ in range(count)]
        self.tasks.update(sent)
        await asyncio.sleep(0)
        return sent

    async def answer(self) -> str:
        """Answer the oldest; return whose it is."""
        tenant, is_answered = self.under_way.pop(0)
        is_answered.set()
        for _ in range(3):
            await asyncio.sleep(0)
        return tenant

    async def _one(self, tenant: str) -> None:
        async with self.turns.of(tenant):
            is_answered = asyncio.Event()
            self.under_way.append((tenant, is_answered))
            await is_answered.wait()


async def test_a_tenant_has_some_places_and_the_others_the_rest() -> None:
    requests = Requests(Turns(most=4, most_of_one=2))

    await requests.send("team-a", 100)
    await requests.send("team-b", 1)

    assert [tenant for tenant, _ in requests.under_way] == ["team-a", "team-a", "team-b"]


async def test_who_waits_gets_its_turn_after_one_of_each_other() -> None:
    requests = Requests(Turns(most=1, most_of_one=1))
    await requests.send("team-a", 100)
    await requests.send("team-b", 2)
    await requests.send("team-c", 1)

    assert [await requests.answer() for _ in range(6)] == [
        *("team-a", "team-a", "team-b", "team-c", "team-a", "team-b")
    ]


async def test_all_get_their_turn_and_nothing_is_kept() -> None:
    turns = Turns(most=3, most_of_one=2)
    requests = Requests(turns)
    sent = [*await requests.send("team-a", 20), *await requests.send("team-b", 20)]

    while requests.under_way:
        await requests.answer()

    assert all(task.done() for task in sent)
    assert (turns._under_way.total(), len(turns._waiting)) == (0, 0)


async def test_whoever_goes_away_takes_nobodys_turn() -> None:
    turns = Turns(most=1, most_of_one=1)
    requests = Requests(turns)
    await requests.send("team-a")
    gone = await requests.send("team-b", 2)
    await requests.send("team-c")

    gone[0].cancel()
    await asyncio.sleep(0)
    assert await requests.answer() == "team-a"  # team-b's second one has the place now
    gone[1].cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert requests.under_way[-1][0] == "team-c"


async def test_too_many_that_wait_are_told_to_come_back() -> None:
    requests = Requests(Turns(most=1, most_of_one=1, waiting=2))
    sent = await requests.send("team-a", 4)

    with pytest.raises(BusyError, match="2 requests of yours are waiting"):
        await sent[-1]


async def test_what_is_asked_for_a_request_is_on_its_senders_account(client, cluster, monkeypatch):
    review, may = cluster.review_token, cluster.may
    accounts = []

    async def noted_review(*arguments):
        accounts.append(("review", caller.get()))
        return await review(*arguments)

    async def noted_may(*arguments):
        accounts.append(("may", caller.get()))
        return await may(*arguments)

    monkeypatch.setattr(cluster, "review_token", noted_review)
    monkeypatch.setattr(cluster, "may", noted_may)

    await client.get(
        f"/v1/simulations/{NAMESPACE}/{NAME}", headers={"Authorization": f"Bearer {READER_TOKEN}"}
    )

    assert accounts == [("review", "address 127.0.0.1"), ("may", "ada")]
