"""Writing into an object that others write into, too."""

import pytest

from batterysim_kube.errors import Conflict, NotFound
from batterysim_kube.status import TRIES, AlwaysChangingError, apply_in_step

FIELD_CONFLICT = '{"details": {"causes": [{"reason": "FieldManagerConflict"}]}}'


class Changing:
    """An object that is read as `versions` has it, one after the other; writing fails until `writable`."""

    def __init__(self, *versions: str | None, writable: str = "", error: Exception | None = None) -> None:
        self.versions = list(versions)
        self.writable = writable
        self.error = error
        self.tried: list[str] = []

    async def apply(self, seen: str) -> str:
        self.tried.append(seen)
        if seen != self.writable:
            raise self.error or Conflict(status=409)
        return f"{seen} written"

    async def read(self) -> str | None:
        return self.versions.pop(0)


def uid_of(seen: str) -> str:
    return seen.partition(" ")[0]


async def test_what_has_changed_is_read_and_written_again() -> None:
    found = Changing("uid v2", "uid v3", writable="uid v3")

    assert await apply_in_step("uid v1", found.apply, found.read, uid_of) == "uid v3 written"
    assert found.tried == ["uid v1", "uid v2", "uid v3"]


@pytest.mark.parametrize("then", [None, "another v2"], ids=["gone", "made again"])
async def test_nothing_is_written_into_what_is_not_the_same_object(then: str | None) -> None:
    found = Changing(then, writable="another v2")

    assert await apply_in_step("uid v1", found.apply, found.read, uid_of) is None
    assert found.tried == ["uid v1"]


async def test_an_object_that_is_gone_while_it_is_written() -> None:
    found = Changing(error=NotFound(status=404))

    assert await apply_in_step("uid v1", found.apply, found.read, uid_of) is None


async def test_a_field_of_another_writer_is_no_reason_to_try_again() -> None:
    found = Changing(error=Conflict(status=409, body=FIELD_CONFLICT))

    with pytest.raises(Conflict):
        await apply_in_step("uid v1", found.apply, found.read, uid_of)
    assert len(found.tried) == 1


async def test_an_object_that_always_changes_is_given_up_for_now() -> None:
    found = Changing(*(f"uid v{number}" for number in range(TRIES)))

    with pytest.raises(AlwaysChangingError, match="at each of 5 tries"):
        await apply_in_step("uid v", found.apply, found.read, uid_of)
