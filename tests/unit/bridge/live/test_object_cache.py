"""What is in memory is what the watch told, and everyone who waits is told once of each simulation."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.change_kind import ChangeKind
from batterysim_bridge.cluster.cluster import Listing, WatchEvent, WatchEventType
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.live import object_cache as cache_module
from batterysim_bridge.live.object_cache import ObjectCache

from ..builders import NAME, NAMESPACE, OTHER_UID, UID, manifest, simulation


def filled(*items: ObjectState, version: str = "10") -> ObjectCache:
    known = ObjectCache()
    known.replace(None, Listing(items, version))
    return known


def modify(known: ObjectCache, item: ObjectState) -> None:
    known.apply(None, WatchEvent(WatchEventType.MODIFIED, item, item.resource_version))


def delete(known: ObjectCache, item: ObjectState) -> None:
    known.apply(None, WatchEvent(WatchEventType.DELETED, item, item.resource_version))


def told(changes) -> list[tuple[str, str, int]]:
    return [(change.kind, change.state.name, change.state.version) for change in changes]


def test_it_is_filled_when_every_scope_has_been_listed():
    known = ObjectCache(("lab", "plant"))
    known.replace("lab", Listing((), "1"))
    assert not known.is_filled

    known.replace("plant", Listing((), "2"))
    assert known.is_filled


def test_a_simulation_is_kept_without_its_spec_and_without_others_notes():
    kept = simulation(annotations={"kubectl.kubernetes.io/last-applied-configuration": "{…}", "mine": "1"})

    assert b"managedFields" not in kept.document
    assert b"last-applied" not in kept.document
    assert b"Chen2020" not in kept.document
    assert b'"annotations":{"mine":"1"}' in kept.document
    assert kept.protocol == "constantCurrent"


def test_a_list_of_one_scope_leaves_the_others_alone():
    known = ObjectCache(("lab", "plant"))
    known.replace("lab", Listing((simulation("a", namespace="lab"),), "1"))
    known.replace("plant", Listing((simulation("b", namespace="plant"),), "2"))
    known.replace("lab", Listing((), "3"))

    assert [item.name for item in known.in_namespace(None)] == ["b"]


async def test_a_waiter_is_told_the_newest_state_and_the_most_that_happened():
    known = filled()
    with known.changes() as changes:
        modify(known, simulation("a", 11, "Pending"))
        modify(known, simulation("b", 12, "Running", uid=OTHER_UID))
        modify(known, simulation("a", 13, "Running"))
        modify(known, simulation("a", 14, "Running"))

        assert told(await changes.gather()) == [("phase", "b", 12), ("phase", "a", 14)]
        assert await changes.gather(0.001) == []


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        (None, "Running", ChangeKind.PHASE),
        ("Running", "Running", ChangeKind.PROGRESS),
        ("Running", "Succeeded", ChangeKind.END),
        ("Succeeded", "Succeeded", ChangeKind.PROGRESS),
        (None, "Invalid", ChangeKind.END),
        ("Invalid", "Pending", ChangeKind.PHASE),
    ],
)
async def test_changes_are_named_by_the_phase(before, now, kind):
    known = filled(simulation("a", 5, before))
    with known.changes() as changes:
        modify(known, simulation("a", 11, now))

        assert [change.kind for change in await changes.gather()] == [kind]


async def test_a_waiter_is_told_of_what_it_asked_for_only():
    known = filled()
    with known.changes(NAMESPACE, "a") as one, known.changes("lab") as namespace:
        modify(known, simulation("a", 11))
        modify(known, simulation("b", 12, uid=OTHER_UID))

        assert told(await one.gather()) == [("phase", "a", 11)]
        assert await namespace.gather(0.001) == []


async def test_a_simulation_that_is_made_again_is_told_as_deleted_and_new():
    known = filled(simulation("a", 5))
    with known.changes() as changes:
        delete(known, simulation("a", 11))
        modify(known, simulation("a", 12, uid=OTHER_UID))

        assert told(await changes.gather()) == [("deleted", "a", 11), ("phase", "a", 12)]


async def test_what_a_new_list_lacks_was_deleted_unseen():
    known = filled(simulation("a", 5))
    with known.changes() as changes:
        known.replace(None, Listing((simulation("a", 12, uid=OTHER_UID),), "20"))
        gathered = await changes.gather()

    assert [(change.kind, change.state.uid, change.is_witnessed) for change in gathered] == [
        ("deleted", UID, False),
        ("phase", OTHER_UID, True),
    ]


def test_what_is_missed_is_what_has_changed_since():
    known = filled(simulation("a", 5), simulation("b", 6, uid=OTHER_UID))
    modify(known, simulation("a", 11, "Succeeded"))
    delete(known, simulation("b", 12, uid=OTHER_UID))

    assert told(known.since(10)) == [("end", "a", 11), ("deleted", "b", 12)]
    assert told(known.since(11, NAMESPACE, "b")) == [("deleted", "b", 12)]
    assert known.since(12) == []


def test_nobody_can_tell_what_was_deleted_before_the_first_list():
    assert filled(version="10").since(9) is None


def test_nobody_can_tell_what_was_deleted_too_long_ago(monkeypatch):
    monkeypatch.setattr(cache_module, "DELETIONS_KEPT", 1)
    known = filled(simulation("a", 5), simulation("b", 6, uid=OTHER_UID))
    delete(known, simulation("a", 11))
    delete(known, simulation("b", 12, uid=OTHER_UID))

    assert known.since(10) is None
    assert told(known.since(11)) == [("deleted", "b", 12)]


def test_versions_of_two_watches_cannot_be_told_from_each_other():
    known = ObjectCache(("lab", "plant"))
    for scope in known.scopes:
        known.replace(scope, Listing((), "10"))

    assert known.since(10) is None
    assert known.since(10, "lab") == []


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["Pending", "Running", None])), max_size=20)
)
def test_whoever_comes_back_knows_what_whoever_stayed_knows(steps):
    """None deletes. The one who comes back does so after each step; the one who stays sees every change."""
    known, seen = filled(version="1"), {}
    version = 1
    for number, (name, phase) in enumerate(steps, start=2):
        item = simulation(name, number, phase or "Running", uid=f"{UID[:-1]}{'abc'.index(name)}")
        if phase is not None:
            modify(known, item)
        elif known.get(NAMESPACE, name) is not None:
            delete(known, item)
        for change in known.since(version):
            if change.kind is ChangeKind.DELETED:
                seen.pop(change.state.name, None)
            else:
                seen[change.state.name] = change.state
        version = known.version

    assert seen == {item.name: item for item in known.in_namespace(None)}


def ended(item: ObjectState) -> bool:
    return item.has_ended


async def test_until_returns_at_once_what_is_so_already():
    known = filled(simulation(phase="Succeeded"))

    assert (await known.until(simulation(), ended)).phase == "Succeeded"


async def test_until_waits_for_a_simulation_that_memory_does_not_have_yet():
    known = filled()
    created = simulation("new", 11, None)
    waiting = asyncio.create_task(known.until(created, ended))
    await asyncio.sleep(0)
    modify(known, created)
    modify(known, simulation("new", 12, "Running"))
    modify(known, simulation("new", 13, "Failed"))

    assert (await waiting).version == 13


async def test_until_does_not_take_an_older_object_of_the_name_for_the_simulation():
    known = filled(simulation(version=5, phase="Succeeded", uid=OTHER_UID))
    waiting = asyncio.create_task(known.until(simulation(version=12), ended))
    await asyncio.sleep(0)
    delete(known, simulation(version=11, phase="Succeeded", uid=OTHER_UID))
    modify(known, simulation(version=13, phase="Succeeded"))

    assert (await waiting).uid == UID


@pytest.mark.parametrize("how", ["deleted", "replaced", "closed"])
async def test_until_ends_with_nothing_when_there_is_nothing_to_wait_for(how):
    known = filled(simulation())
    waiting = asyncio.create_task(known.until(simulation(), ended))
    await asyncio.sleep(0)
    if how == "deleted":
        delete(known, simulation(version=11))
    elif how == "replaced":
        known.replace(None, Listing((simulation(version=12, phase="Succeeded", uid=OTHER_UID),), "12"))
    else:
        known.close()

    assert await waiting is None


async def test_nobody_begins_to_wait_when_the_bridge_ends():
    known = filled(simulation())
    known.close()

    assert await known.until(simulation(), ended) is None


async def test_who_has_left_is_not_told_any_more():
    known = filled()
    with known.changes() as changes:
        pass
    modify(known, simulation(NAME, 11))

    assert await changes.gather(0.001) == []


def test_a_manifest_of_the_api_server_is_not_changed_by_keeping_it():
    raw = manifest(annotations={"kubectl.kubernetes.io/last-applied-configuration": "{}"})
    before = repr(raw)
    filled(simulation())
    simulation_of_it = simulation(annotations={"kubectl.kubernetes.io/last-applied-configuration": "{}"})

    assert repr(raw) == before
    assert simulation_of_it.name == NAME
