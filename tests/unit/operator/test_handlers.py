"""Which queue an event fills."""

from typing import Any

import kopf
import pytest
from kubernetes.aio import client

from batterysim import names
from batterysim_kube.api_server import PAGE_OBJECTS, ApiServer
from batterysim_kube.documents import SKETCHED
from batterysim_operator.control.hearing import Hearing
from batterysim_operator.control.recent import Recent
from batterysim_operator.control.workqueue import Key, WorkQueue
from batterysim_operator.handlers import Dispatcher, configure, register
from tests.builders import UID, Json, condition, job, raw_spec, simulation
from tests.unit.operator.reconcile.sweep.builders import accepted, sweep, sweep_pod
from tests.unit.operator.reconcile.sweep.builders import job as sweep_job

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

    Dispatcher(simulations, owed).simulation_changed(seen)

    assert (simulations.keys, owed.keys) == (looks, deliveries)


def test_a_job_leads_to_a_simulation_that_has_been_seen() -> None:
    simulations, owed = Noted(), Noted()
    dispatcher = Dispatcher(simulations, owed)

    dispatcher.child_changed(job())
    assert simulations.keys == []

    dispatcher.simulation_changed(simulation())
    dispatcher.child_changed(job())
    assert simulations.keys == [KEY, KEY]


@pytest.mark.parametrize(
    "name", ["../batterysimulations?watch=true&n=7", "../../kube-system/pods/x", "A", "", "x" * 300, 7]
)
def test_an_annotation_leads_nowhere(name: Any) -> None:
    """It once became a path of the API server, which held a worker for 15 s, again and again."""
    simulations, owed = Noted(), Noted()
    child = job()
    child["metadata"]["annotations"]["batterysim.dev/simulation"] = name

    Dispatcher(simulations, owed).child_changed(child)

    assert simulations.keys == []


def test_progress_alone_is_no_reason_to_look_but_a_resync_is() -> None:
    """A hundred runs that report each second were eight hundred requests a second."""
    simulations, owed = Noted(), Noted()
    dispatcher = Dispatcher(simulations, owed)
    for fraction in (0.1, 0.2, 0.3):
        dispatcher.simulation_changed(simulation(status={"progress": {"completedFraction": fraction}}))
    assert simulations.keys == [KEY]

    dispatcher.simulation_resynced(simulation(status={"progress": {"completedFraction": 0.3}}))
    assert simulations.keys == [KEY, KEY]


def test_a_simulation_that_was_deleted_is_forgotten() -> None:
    simulations, owed = Noted(), Noted()
    dispatcher = Dispatcher(simulations, owed)
    dispatcher.simulation_changed(simulation())

    dispatcher.simulation_gone(simulation())

    assert len(dispatcher.known) == 0
    assert simulations.keys == [KEY]


async def test_kopf_tells_of_simulations_jobs_and_pods() -> None:
    simulations, owed = Noted(), Noted()
    registry = kopf.OperatorRegistry()

    async with client.ApiClient(client.Configuration(host="http://api")) as api:
        register(registry, Dispatcher(simulations, owed), ApiServer(api), Hearing())

    watched = {
        (handler.selector.group, handler.selector.any_name)
        for handler in registry._watching.get_all_handlers()
        if handler.selector is not None
    }
    assert watched == {
        ("batterysim.dev", "batterysimulations"),
        ("batterysim.dev", "batterysweeps"),
        ("batch", "jobs"),
        ("", "pods"),
    }


def test_a_sweep_is_looked_at_when_it_is_new_and_when_its_job_changes_not_at_each_of_its_points() -> None:
    sweeps = Noted()
    dispatcher = Dispatcher(Noted(), Noted(), sweeps=sweeps)
    running = sweep(status=accepted(progress={"points": 15, "done": 3, "failed": 0, "shardsDone": 0}))
    further = sweep(status=accepted(progress={"points": 15, "done": 9, "failed": 0, "shardsDone": 0}))
    one_shard = sweep(status=accepted(progress={"points": 15, "done": 9, "failed": 0, "shardsDone": 1}))

    looks = []
    for seen in (running, further, one_shard):
        dispatcher.sweep_changed(seen)
        looks.append(len(sweeps.keys))
    dispatcher.child_changed(sweep_job())
    dispatcher.child_changed(sweep_pod("Running"))

    assert looks == [1, 1, 2]
    assert sweeps.keys == [Key("lab", "c-rates")] * 3


def test_the_job_of_a_sweep_that_has_ended_is_nobodys() -> None:
    sweeps = Noted()
    dispatcher = Dispatcher(Noted(), Noted(), sweeps=sweeps)
    dispatcher.sweep_changed(sweep(status=accepted()))
    ended = [condition("Accepted", "True"), condition("Succeeded", "True")]
    dispatcher.sweep_changed(sweep(status=accepted(conditions=ended)))
    sweeps.keys.clear()

    dispatcher.child_changed(sweep_job())
    dispatcher.sweep_gone(sweep(status=accepted()))

    assert sweeps.keys == []


def test_kopf_is_told_to_write_nothing_and_to_survive_dead_connections() -> None:
    settings: Any = kopf.OperatorSettings()

    configure(settings)

    assert settings.posting.enabled is False
    assert settings.scanning.disabled is True
    assert settings.peering.standalone is True
    assert settings.watching.chunk_size == PAGE_OBJECTS
    assert settings.queueing.idle_timeout < 1
    assert settings.watching.inactivity_timeout < settings.watching.client_timeout
    assert settings.watching.server_timeout < settings.watching.client_timeout
    assert {kind.any_name: labels for kind, labels in settings.watching.label_selectors.items()} == {
        "jobs": "app.kubernetes.io/managed-by=batterysim-operator",
        "pods": "app.kubernetes.io/managed-by=batterysim-operator",
    }


def test_what_was_told_in_part_only_is_read_before_it_is_looked_at() -> None:
    """A large spec is not all in an event."""
    simulations, owed, recent = Noted(), Noted(), Recent()
    dispatcher = Dispatcher(simulations, owed, recent=recent)
    shared = simulation(spec=raw_spec(run={"isolation": "Process"}))

    dispatcher.simulation_changed({**shared, SKETCHED: True})
    assert recent.take(KEY) is None

    dispatcher.simulation_changed(shared)
    assert recent.take(KEY) == shared
