"""Which queue an event fills."""

from typing import Any

import kopf
import pytest

from batterysim import names
from batterysim_operator.control.workqueue import Key, WorkQueue
from batterysim_operator.handlers import Dispatcher, configure, register
from tests.builders import UID, Json, condition, job, raw_spec, simulation

KEY = Key("lab", "cell-discharge")


class Noted(WorkQueue):
    """A queue that only notes what it is given."""

    def __init__(self) -> None:
        self.keys: list[Key] = []

    def add(self, key: Key, host: str | None = None) -> None:
        self.keys.append(key)


def settled(**delivery: str) -> Json:
    """Return a simulation that has succeeded and has a callback."""
    return simulation(
        spec=raw_spec(callback={"url": "https://jobs.example.com/r"}),
        status={
            "observedGeneration": 1,
            "jobName": names.job_name(UID),
            "results": {"rows": 3},
            "conditions": [
                condition("Accepted", "True"),
                condition("Succeeded", "True"),
                *[condition(kind, truth) for kind, truth in delivery.items()],
            ],
        },
    )


@pytest.mark.parametrize(
    ("seen", "looks", "deliveries"),
    [
        (simulation(), [KEY], []),
        (settled(), [], [KEY]),
        (settled(CallbackDelivered="Unknown"), [], [KEY]),
        (settled(CallbackDelivered="True"), [], []),
        (settled() | {"metadata": simulation(generation=2)["metadata"]}, [KEY], []),
    ],
    ids=["new", "owing", "retrying", "delivered", "edited"],
)
def test_a_simulation_goes_to_the_queue_that_has_to_look(
    seen: Json, looks: list[Key], deliveries: list[Key]
) -> None:
    simulations, owed = Noted(), Noted()

    Dispatcher(simulations, owed).simulation_seen(seen)

    assert (simulations.keys, owed.keys) == (looks, deliveries)


def test_a_job_or_pod_leads_to_its_simulation() -> None:
    simulations, owed = Noted(), Noted()
    dispatcher = Dispatcher(simulations, owed)

    dispatcher.child_seen(job())
    dispatcher.child_seen({"metadata": {"namespace": "lab", "name": "somebody-elses"}})

    assert (simulations.keys, owed.keys) == ([KEY], [])


@pytest.mark.parametrize(
    "name", ["../batterysimulations?watch=true&n=7", "../../kube-system/pods/x", "A", "", "x" * 300, 7]
)
def test_an_annotation_that_is_no_name_leads_nowhere(name: Any) -> None:
    """It once became a path of the API server, which held a worker for 15 s, again and again."""
    simulations, owed = Noted(), Noted()
    child = job()
    child["metadata"]["annotations"]["batterysim.dev/simulation"] = name

    Dispatcher(simulations, owed).child_seen(child)

    assert simulations.keys == []


def test_a_pod_without_a_controller_leads_nowhere() -> None:
    simulations, owed = Noted(), Noted()
    child = job()
    del child["metadata"]["ownerReferences"]

    Dispatcher(simulations, owed).child_seen(child)

    assert simulations.keys == []


async def test_kopf_tells_of_simulations_jobs_and_pods() -> None:
    simulations, owed = Noted(), Noted()
    registry = kopf.OperatorRegistry()

    register(registry, Dispatcher(simulations, owed))

    watched = {
        (handler.selector.group, handler.selector.any_name)
        for handler in registry._watching.get_all_handlers()
        if handler.selector is not None
    }
    assert watched == {("batterysim.dev", "batterysimulations"), ("batch", "jobs"), ("", "pods")}


def test_kopf_is_told_to_write_nothing_and_to_survive_dead_connections() -> None:
    settings: Any = kopf.OperatorSettings()

    configure(settings)

    assert settings.posting.enabled is False
    assert settings.scanning.disabled is True
    assert settings.peering.standalone is True
    assert settings.queueing.idle_timeout < 1
    assert settings.watching.inactivity_timeout < settings.watching.client_timeout
    assert settings.watching.server_timeout < settings.watching.client_timeout
    assert {kind.any_name: labels for kind, labels in settings.watching.label_selectors.items()} == {
        "jobs": "app.kubernetes.io/managed-by=batterysim-operator",
        "pods": "app.kubernetes.io/managed-by=batterysim-operator",
    }
