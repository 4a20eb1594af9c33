"""Each release notes in the store how many cleanups it has made."""

import pytest

from batterysim_bridge.store.cleanups import read_cleanups, write_cleanups

OURS, THEIRS = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"


def test_every_replica_reads_what_one_has_noted(place):
    store = place.replica()
    for owner in (OURS, THEIRS):
        store.sign(owner)

    store.note_cleanups(OURS, 6)
    store.note_cleanups(OURS, 7)

    assert (place.replica().cleanups(OURS), place.replica().cleanups(THEIRS)) == (7, 0)
    assert place.replica().owners() == {OURS, THEIRS}


def test_a_signature_stays_what_it_says_when_it_is_made_again(place):
    store = place.replica()
    store.sign(OURS)
    store.note_cleanups(OURS, 7)

    store.sign(OURS)

    assert store.cleanups(OURS) == 7


def test_a_release_that_has_not_signed_has_made_none(place):
    assert place.replica().cleanups(OURS) == 0


@pytest.mark.parametrize("signature", [b"", b"{}"], ids=["in a directory", "in a bucket"])
def test_signatures_of_earlier_versions_tell_of_none(signature):
    assert read_cleanups(signature) == 0
    assert read_cleanups(write_cleanups(3)) == 3


@pytest.mark.parametrize("signature", [b"7", b"[]", b"\x00", b'{"sweeps": null}', b'{"sweeps": "many"}'])
def test_one_that_cannot_be_read_is_not_taken_for_none(signature):
    with pytest.raises(OSError, match="cannot be read"):
        read_cleanups(signature)
