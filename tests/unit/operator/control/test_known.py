"""Which simulation a Job or a pod belongs to: what it says of itself is not enough."""

from typing import Any

import pytest

from batterysim import names
from batterysim_operator.control.known import KnownObjects
from batterysim_operator.control.workqueue import Key
from tests.builders import UID, Json, job, pod, simulation

KEY = Key("lab", "cell-discharge")
OTHER_UID = "6f1b2c3d-0000-4000-8000-000000000009"


def pod_in(namespace: str, **owner: Any) -> Json:
    """Return a pod that says it belongs to the Job of the simulation, or to another owner."""
    child = pod("Running")
    child["metadata"] |= {"namespace": namespace, "uid": "uid-of-pod"}
    child["metadata"]["ownerReferences"][0] |= owner
    return child


@pytest.fixture
def known() -> KnownObjects:
    known = KnownObjects()
    known.note(simulation())
    return known


def test_a_job_and_its_pods_lead_to_their_simulation(known: KnownObjects) -> None:
    assert known.owner_of(pod_in("lab")) == KEY  # before its Job has been seen
    assert known.owner_of(job()) == KEY
    assert known.owner_of(pod_in("lab")) == KEY


@pytest.mark.parametrize(
    "child",
    [
        pod_in("elsewhere"),
        pod_in("lab", name="bsim-another"),
        pod_in("lab", kind="ReplicaSet"),
        pod_in("lab", controller=False),
        pod_in("lab", kind=names.KIND, uid=UID),
        {
            "metadata": {
                "namespace": "lab",
                "name": "a",
                "annotations": {names.ANNOTATION_SIMULATION: KEY.name},
            }
        },
    ],
    ids=[
        "namespace",
        "another Job",
        "no Job",
        "no controller",
        "of the simulation itself",
        "annotation only",
    ],
)
def test_what_is_no_child_of_a_known_simulation_is_nobodys(known: KnownObjects, child: Json) -> None:
    assert known.owner_of(child) is None


def test_a_pod_of_an_earlier_job_is_nobodys(known: KnownObjects) -> None:
    known.owner_of(job())

    assert known.owner_of(pod_in("lab", uid=OTHER_UID)) is None


def test_a_job_of_another_uid_is_nobodys(known: KnownObjects) -> None:
    child = job()
    child["metadata"]["ownerReferences"][0]["uid"] = OTHER_UID

    assert known.owner_of(child) is None


def test_children_of_a_simulation_that_has_settled_are_nobodys(known: KnownObjects) -> None:
    known.forget(UID)

    assert known.owner_of(job()) is None
    assert len(known) == 0


def test_progress_alone_is_no_change(known: KnownObjects) -> None:
    running: Json = {"phase": "Running", "progress": {"completedFraction": 0.1}}
    further: Json = {"phase": "Running", "progress": {"completedFraction": 0.2}}

    assert known.note(simulation(status=running)) is True
    assert known.note(simulation(status=further)) is False
    assert known.note(simulation(status={**further, "jobName": "bsim"})) is True
    assert known.note(simulation(status={**further, "jobName": "bsim"}, generation=2)) is True


def test_a_resync_forgets_what_it_has_not_met(known: KnownObjects) -> None:
    known.begin_resync()
    known.note(simulation(name="other", uid=OTHER_UID))
    known.end_resync("elsewhere")
    assert len(known) == 2

    known.end_resync("lab")
    assert len(known) == 1
    assert known.owner_of(job()) is None
