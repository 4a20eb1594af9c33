"""What is too old goes, and of too many the oldest; but nothing young, and nothing that is still owed."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from batterysim_bridge.store.store import ResultKey, StoredEntry
from batterysim_bridge.upkeep.retention import GRACE, RemovalReason, RetentionLimits, due

from ..builders import NAMESPACE, NOON

MONTH = RetentionLimits(max_age=timedelta(days=30))
KILOBYTE = RetentionLimits(max_bytes=1000)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def entry(number: int, age: timedelta, size_bytes: int = 1, namespace: str = NAMESPACE) -> StoredEntry:
    key = ResultKey(namespace, f"00000000-0000-0000-0000-{number:012}")
    return StoredEntry(key, NOON - age, size_bytes)


def numbers(removals):
    return [int(removal.key.uid[-12:]) for removal in removals]


def test_without_limits_everything_stays():
    assert not RetentionLimits().are_set
    assert due([entry(1, 10_000 * DAY, 10**15)], RetentionLimits(), NOON) == []


def test_what_is_older_than_the_limit_goes():
    stored = [entry(1, 29 * DAY), entry(2, 31 * DAY), entry(3, 30 * DAY)]

    (removal,) = due(stored, MONTH, NOON)

    assert numbers([removal]) == [2]
    assert removal.reason is RemovalReason.AGE
    assert MONTH.explain(removal.reason) == "it was older than 30 days"


def test_of_too_many_the_oldest_go_until_the_rest_fits():
    stored = [entry(1, 2 * DAY, 600), entry(2, 4 * DAY, 600), entry(3, 3 * DAY, 300), entry(4, 5 * DAY, 100)]

    removals = due(stored, KILOBYTE, NOON)

    assert numbers(removals) == [4, 2]
    assert {removal.reason for removal in removals} == {RemovalReason.SIZE}
    assert KILOBYTE.explain(RemovalReason.SIZE) == (
        "it was among the oldest of its namespace, which had most, when the results were together larger "
        "than 1000 bytes"
    )


def test_what_just_fits_stays():
    assert due([entry(1, DAY, 500), entry(2, DAY, 500)], KILOBYTE, NOON) == []


def test_both_limits_hold_together():
    both = RetentionLimits(max_age=30 * DAY, max_bytes=1000)
    stored = [entry(1, 31 * DAY, 10), entry(2, 3 * DAY, 900), entry(3, 2 * DAY, 900)]

    assert [(removal.reason, *numbers([removal])) for removal in due(stored, both, NOON)] == [
        (RemovalReason.AGE, 1),
        (RemovalReason.SIZE, 2),
    ]


def test_a_young_result_stays_however_large_it_is():
    assert due([entry(1, GRACE, 10**9), entry(2, GRACE + HOUR, 10**9)], KILOBYTE, NOON)[0].key.uid[-1] == "2"
    assert due([entry(1, GRACE, 10**9)], KILOBYTE, NOON) == []


def test_what_is_held_stays_and_the_next_goes_instead():
    stored = [entry(1, 4 * DAY, 600), entry(2, 3 * DAY, 600), entry(3, 2 * DAY, 300)]
    held = stored[0].key

    assert numbers(due(stored, KILOBYTE, NOON, lambda key: key == held)) == [2]


def test_a_tenant_that_stores_much_does_not_push_out_the_others():
    """It once took an hour to have all of another team's results removed."""
    theirs = [entry(number, 3 * DAY, 10, "team-b") for number in range(10)]
    greedy = [entry(100 + number, 2 * HOUR, 100, "team-a") for number in range(20)]

    removals = due([*theirs, *greedy], KILOBYTE, NOON)

    assert {removal.key.namespace for removal in removals} == {"team-a"}
    assert len(removals) == 11


def test_nothing_of_others_goes_while_the_greedy_ones_are_too_young():
    theirs = [entry(number, 3 * DAY, 10, "team-b") for number in range(10)]
    greedy = [entry(100 + number, GRACE, 100, "team-a") for number in range(20)]

    assert due([*theirs, *greedy], KILOBYTE, NOON) == []


ENTRIES = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 500)).map(
        lambda pair: (timedelta(hours=pair[0]), pair[1])
    ),
    max_size=30,
).map(lambda pairs: [entry(number, age, size) for number, (age, size) in enumerate(pairs)])


@given(ENTRIES, st.none() | st.integers(1, 60), st.none() | st.integers(1, 5000), st.sets(st.integers(0, 30)))
def test_nothing_goes_in_vain(stored, days, max_bytes, held):
    """Whatever is stored: the limits hold afterwards as far as they may, and no removal was unneeded."""
    limits = RetentionLimits(timedelta(days=days) if days else None, max_bytes)
    removals = due(stored, limits, NOON, lambda key: int(key.uid[-12:]) in held)
    gone = {removal.key for removal in removals}
    kept = [item for item in stored if item.key not in gone]
    removable = [
        item for item in kept if NOON - item.stored_time > GRACE and int(item.key.uid[-12:]) not in held
    ]

    assert not gone & {item.key for item in stored if NOON - item.stored_time <= GRACE}
    assert held.isdisjoint(numbers(removals))
    if days is not None:
        assert all(NOON - item.stored_time <= timedelta(days=days) for item in removable)
    if max_bytes is not None and removable:
        assert sum(item.size_bytes for item in kept) <= max_bytes
    for_size = [item for item in stored if (item.key, RemovalReason.SIZE) in removals]
    if for_size:
        youngest = max(for_size, key=lambda item: (item.stored_time, item.key.uid))
        assert sum(item.size_bytes for item in [*kept, youngest]) > max_bytes


@given(ENTRIES, st.integers(1, 5000))
def test_a_second_pass_finds_nothing_to_do(stored, max_bytes):
    limits = RetentionLimits(max_bytes=max_bytes)
    gone = {removal.key for removal in due(stored, limits, NOON)}

    assert due([item for item in stored if item.key not in gone], limits, NOON) == []
