"""Nothing is removed on a guess, and never much at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim_bridge.store.store import ResultKey, StoredEntry
from batterysim_bridge.upkeep.orphans import FEW, GRACE_SECONDS, Watchlist, orphans

from ..builders import NAMESPACE, NOON, OTHER_UID, UID


def entry(uid: str = UID, namespace: str = NAMESPACE) -> StoredEntry:
    return StoredEntry(ResultKey(namespace, uid), NOON, 1)


def uids(count: int) -> list[str]:
    return [f"00000000-0000-4000-8000-{number:012d}" for number in range(count)]


def test_a_result_whose_object_is_gone_is_an_orphan() -> None:
    assert orphans([entry(UID), entry(OTHER_UID)], {UID}, [None]) == [ResultKey(NAMESPACE, OTHER_UID)]


def test_results_of_namespaces_that_were_not_listed_are_left_alone() -> None:
    assert orphans([entry(namespace="lab")], set(), [NAMESPACE]) == []


@given(st.lists(st.uuids().map(str), unique=True), st.data())
def test_no_living_object_loses_its_result(stored: list[str], data: st.DataObject) -> None:
    living = data.draw(st.sets(st.sampled_from(stored))) if stored else set()

    assert {key.uid for key in orphans(map(entry, stored), living, [None])} == set(stored) - living


def removed(stored: list[str], gone: list[str], share: float = 0.1) -> int:
    """Return how many results are removed, when some have been orphans for long enough."""
    seconds = [0.0]
    watchlist = Watchlist(share, lambda: seconds[0])
    living = set(stored) - set(gone)
    keys = [ResultKey(NAMESPACE, uid) for uid in gone]
    watchlist.judge(keys, stored, living)
    seconds[0] = GRACE_SECONDS
    return len(watchlist.judge(keys, stored, living).removable)


@pytest.mark.parametrize(
    ("count", "gone", "share", "expected"),
    [
        (1000, 100, 0.1, 100),
        (1000, 101, 0.1, 0),
        (1000, 999, 1.0, 999),
        (FEW + 1, FEW, 0.1, FEW),
        (FEW, FEW, 1.0, 0),  # not one lives: another cluster's store, whatever the share
    ],
)
def test_a_large_part_of_the_store_stays(count: int, gone: int, share: float, expected: int) -> None:
    stored = uids(count)

    assert removed(stored, stored[:gone], share) == expected
