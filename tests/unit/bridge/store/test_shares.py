"""No namespace fills the store for the others."""

import pytest

from batterysim import names
from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.store.shares import Shares, Volume, objection_to_upload, volume_of
from batterysim_bridge.store.store import ResultKey, StoredEntry

from ..builders import NAMESPACE, NOON, UID, parquet, upload_headers

GIGABYTE = 10**9
NEARLY_FULL = Volume(total=10 * GIGABYTE, free=2 * GIGABYTE)


def test_a_quota_is_one():
    used = {"lab": 900}

    assert objection_to_upload(used, "lab", 100, 1000, None) is None
    assert "900 bytes of the 1000 that it may have" in objection_to_upload(used, "lab", 101, 1000, None)
    assert objection_to_upload(used, "plant", 1000, 1000, None) is None


def test_a_volume_with_room_is_for_everyone():
    half_full = Volume(10 * GIGABYTE, 5 * GIGABYTE)

    assert objection_to_upload({"lab": 5 * GIGABYTE, "plant": 1}, "lab", GIGABYTE, None, half_full) is None


def test_what_is_left_of_a_volume_is_for_those_who_have_less():
    used = {"greedy": 7 * GIGABYTE, "modest": GIGABYTE}

    assert "nearly full" in objection_to_upload(used, "greedy", 10, None, NEARLY_FULL)
    assert objection_to_upload(used, "modest", GIGABYTE, None, NEARLY_FULL) is None
    assert objection_to_upload(used, "new", GIGABYTE, None, NEARLY_FULL) is None


def test_a_namespace_that_is_alone_may_fill_the_volume():
    assert objection_to_upload({"lab": 8 * GIGABYTE}, "lab", GIGABYTE, None, NEARLY_FULL) is None


class Listed:
    """A store with entries and nothing else."""

    def __init__(self, *sizes: int) -> None:
        self.sizes = sizes

    def entries(self):
        for number, size in enumerate(self.sizes):
            yield StoredEntry(ResultKey("lab", f"00000000-0000-0000-0000-{number:012}"), NOON, size)


async def test_all_stores_count_and_so_does_what_comes_meanwhile():
    results, now = Listed(300, 300), [0.0]
    shares = Shares((results, Listed(200), Listed(100)), 1000, lambda: None, lambda: now[0])

    await shares.require_room("lab", 100)
    with pytest.raises(ProblemError, match="share-used"):
        await shares.require_room("lab", 1)

    results.sizes = (300,)
    now[0] = 301.0
    await shares.require_room("lab", 400)


def test_a_volume_is_measured(tmp_path):
    assert 0 < volume_of(tmp_path).free <= volume_of(tmp_path).total


@pytest.mark.parametrize("what", ["result", "checkpoint"])
async def test_an_upload_beyond_the_share_is_refused_before_it_is_read(client, bridge, tmp_path, what):
    bridge.__dict__["shares"] = Shares((bridge.store, bridge.checkpoints), 10, lambda: None, lambda: 0.0)
    headers = upload_headers(parquet())
    if what == "checkpoint":
        headers["Content-Type"] = names.CHECKPOINT_MEDIA_TYPE

    answer = await client.put(
        f"/v1/simulations/{NAMESPACE}/cell-discharge/{what}", content=parquet(), headers=headers
    )

    assert answer.status_code == 507
    assert answer.json()["retryable"] is True
    assert bridge.store.find(ResultKey(NAMESPACE, UID)) is None
    assert list(bridge.checkpoints.entries()) == []
