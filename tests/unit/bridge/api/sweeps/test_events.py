"""Sweeps are watched as simulations are."""

import httpx

from batterysim import names
from batterysim_bridge.bridge import Bridge

from ...builders import NAMESPACE, READER_TOKEN
from ...fake_sweeps import SWEEP, SWEEP_PATH, FakeSweeps, show_sweeps
from ..test_events import parse

AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}


async def test_a_sweep_that_has_ended_ends_its_stream(
    client: httpx.AsyncClient, bridge: Bridge, sweeps: FakeSweeps
) -> None:
    sweeps.add(phase="Succeeded", progress={"points": 4, "done": 4})
    await show_sweeps(bridge)

    answer = await client.get(SWEEP_PATH + "/events", headers=AS_READER)

    (event,) = parse(answer.text)
    assert (event.name, event.data["metadata"]["name"]) == ("end", SWEEP)
    assert event.data["status"]["progress"]["done"] == 4


async def test_who_knows_the_end_is_not_told_again(
    client: httpx.AsyncClient, bridge: Bridge, sweeps: FakeSweeps
) -> None:
    sweeps.add(phase="Succeeded")
    await show_sweeps(bridge)

    answer = await client.get(SWEEP_PATH + "/events?since=1", headers=AS_READER)

    assert answer.status_code == 204


async def test_all_sweeps_of_a_namespace_are_watched(
    client: httpx.AsyncClient, bridge: Bridge, sweeps: FakeSweeps
) -> None:
    sweeps.add(phase="Running")
    await show_sweeps(bridge)
    bridge.known_sweeps.close()  # it ends after what there is

    answer = await client.get(f"{names.SWEEPS_PATH}/events?namespace={NAMESPACE}", headers=AS_READER)

    assert [event.name for event in parse(answer.text)] == ["phase", "sync"]


async def test_nobody_watches_without_a_token_or_what_is_not_there(
    client: httpx.AsyncClient, sweeps: FakeSweeps
) -> None:
    assert (await client.get(f"{names.SWEEPS_PATH}/events")).status_code == 401
    assert (await client.get(SWEEP_PATH + "/events")).status_code == 401
    assert (await client.get(SWEEP_PATH + "/events", headers=AS_READER)).status_code == 404
