"""Who controls an object."""

from typing import Any

import pytest

from batterysim_kube.controllers import Controller, controller_of

JOB = {"kind": "Job", "name": "bsim-1", "uid": "uid-1", "controller": True}


def test_the_controller_is_one_of_the_owners() -> None:
    owner = {**JOB, "name": "another", "controller": False}

    assert controller_of({"ownerReferences": [owner, JOB]}) == Controller("Job", "bsim-1", "uid-1")


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"ownerReferences": None},
        {"ownerReferences": [{**JOB, "controller": False}]},
        {"ownerReferences": [{"controller": True}]},
        {"ownerReferences": [{**JOB, "uid": ""}]},
    ],
)
def test_an_object_may_have_none(metadata: dict[str, Any]) -> None:
    assert controller_of(metadata) is None
