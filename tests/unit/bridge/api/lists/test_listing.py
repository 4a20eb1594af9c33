"""Pages of a list, and what they have to do with each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.status import Phase
from batterysim_bridge.api.lists.label_selector import parse_selector
from batterysim_bridge.api.lists.listing import Filter, page_of, read_cursor
from batterysim_bridge.cluster.object_state import ObjectState

from ...builders import simulation

EVERYTHING = Filter()


def created(second: int, name: str) -> ObjectState:
    return simulation(name, creationTimestamp=f"2026-11-24T12:00:{second:02d}Z")


simulations = st.lists(
    st.builds(created, st.integers(0, 3), st.text("abc", min_size=1, max_size=3)),
    unique_by=lambda item: item.name,
    max_size=25,
)


def pages(items: list[ObjectState], limit: int) -> list[list[ObjectState]]:
    found, after = [], None
    while True:
        page = page_of(items, EVERYTHING, after, limit)
        found.append(page.simulations)
        if page.next_cursor is None:
            return found
        after = read_cursor(page.next_cursor)


def test_the_newest_come_first_and_names_decide_within_a_second():
    page = page_of([created(1, "b"), created(2, "c"), created(1, "a")], EVERYTHING, None, 10)

    assert [item.name for item in page.simulations] == ["c", "a", "b"]
    assert (page.next_cursor, page.total) == (None, 3)


@given(simulations, st.integers(1, 7))
def test_pages_have_everything_once_and_in_order(items, limit):
    found = pages(items, limit)

    assert [item for page in found for item in page] == page_of(items, EVERYTHING, None, 500).simulations
    assert all(len(page) == limit for page in found[:-1])


@given(simulations, st.data())
def test_the_next_page_stays_where_it_is_whatever_comes_and_goes(items, data):
    first = page_of(items, EVERYTHING, None, 3)
    if first.next_cursor is None:
        return
    after = read_cursor(first.next_cursor)
    rest = page_of(items, EVERYTHING, after, 500).simulations
    gone = data.draw(st.sets(st.sampled_from([item.name for item in items])))

    now = [created(59, "new"), *(item for item in items if item.name not in gone)]

    assert page_of(now, EVERYTHING, after, 500).simulations == [
        item for item in rest if item.name not in gone
    ]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(phases=[Phase.PENDING]), ["new"]),
        (Filter(phases=[Phase.RUNNING, Phase.FAILED]), ["run-1", "run-2"]),
        (Filter(protocols=["constantCurrent"], text="1"), ["run-1"]),
        (Filter(protocols=["driveCycle"]), []),
        (Filter(labels=parse_selector("campaign=spring")), ["run-2"]),
        (Filter(text="run-"), ["run-1", "run-2"]),
    ],
)
def test_filters(wanted, found):
    items = [
        simulation("new", phase=None),
        simulation("run-1"),
        simulation("run-2", phase="Failed", labels={"campaign": "spring"}),
    ]

    page = page_of(items, wanted, None, 500)

    assert [item.name for item in page.simulations] == found
    assert page.total == len(found)


@pytest.mark.parametrize("text", ["", "x", "e30=", "WzEsMiwzXQ==", "WyJhIl0=", "ü"])
def test_a_made_up_cursor_is_refused(text):
    with pytest.raises(ValueError, match="not a cursor"):
        read_cursor(text)
