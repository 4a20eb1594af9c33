"""What kopf calls. Thin: events only say which simulation to look at; the queues make sure that it is done.

kopf does not repeat a failed `on.event` handler, so nothing that can fail happens in one.
"""

from typing import Any, cast

import aiohttp
import kopf

from batterysim import names
from batterysim_kube.api_server import PAGE_OBJECTS, ApiServer
from batterysim_kube.controllers import controller_of
from batterysim_kube.documents import is_whole
from batterysim_operator.control.hearing import Hearing
from batterysim_operator.control.job_queue import NO_LIMITS, JobQueue
from batterysim_operator.control.known import KnownObjects, sweep_state
from batterysim_operator.control.kopf_session import KopfSession
from batterysim_operator.control.recent import Recent
from batterysim_operator.control.runner_scale import SharedLoad
from batterysim_operator.control.workqueue import Key, WorkQueue
from batterysim_operator.delivery.callback import is_owed
from batterysim_operator.delivery.receivers import receiver_of
from batterysim_operator.reconcile.observation import Manifest, is_settled

CHILDREN = (("batch", "v1", "jobs"), ("", "v1", "pods"))


class Dispatcher:
    """Adds simulations to the queue that has to look at them."""

    def __init__(
        self,
        simulations: WorkQueue,
        deliveries: WorkQueue,
        jobs: JobQueue | None = None,
        recent: Recent | None = None,
        load: SharedLoad | None = None,
        sweeps: WorkQueue | None = None,
    ) -> None:
        self.simulations = simulations
        self.deliveries = deliveries
        self.sweeps = simulations if sweeps is None else sweeps
        self._jobs = JobQueue(NO_LIMITS) if jobs is None else jobs
        self._recent = Recent() if recent is None else recent
        self.load = SharedLoad() if load is None else load
        self.known = KnownObjects()
        self.known_sweeps = KnownObjects(names.SWEEP_KIND, names.sweep_job_name, sweep_state)

    def simulation_changed(self, simulation: Manifest) -> None:
        """Take note of a simulation that is new or has changed. Of its progress alone nothing follows."""
        self._see(simulation, is_resync=False)

    def simulation_resynced(self, simulation: Manifest) -> None:
        """Take note of a simulation that may have changed without an event."""
        self._see(simulation, is_resync=True)

    def _see(self, simulation: Manifest, *, is_resync: bool) -> None:
        key = Key(simulation["metadata"]["namespace"], simulation["metadata"]["name"])
        self._count(key, simulation)
        is_over = is_settled(simulation)
        is_process = (simulation["spec"].get("run") or {}).get("isolation") == "Process"
        has_job = "jobName" in (simulation.get("status") or {})
        self.load.note(key, is_under_way=is_process and not is_over and not has_job)
        if not is_over:
            if is_process and is_whole(simulation):
                self._recent.put(key, simulation)
            if self.known.note(simulation) or is_resync:
                self.simulations.add(key)
            return
        self.known.forget(simulation["metadata"]["uid"])
        if is_owed(simulation):
            self.deliveries.add(key, host=receiver_of(str(simulation["spec"]["callback"].get("url", ""))))

    def simulation_gone(self, simulation: Manifest) -> None:
        """Take note of a simulation that was deleted: the waiting ones move up."""
        key = Key(simulation["metadata"]["namespace"], simulation["metadata"]["name"])
        self._recent.take(key)
        self.load.note(key, is_under_way=False)
        self.known.forget(simulation["metadata"]["uid"])
        self._start_next(key)

    def sweep_changed(self, sweep: Manifest) -> None:
        """Take note of a sweep that is new or has changed."""
        self._see_sweep(sweep, is_resync=False)

    def sweep_resynced(self, sweep: Manifest) -> None:
        """Take note of a sweep that may have changed without an event."""
        self._see_sweep(sweep, is_resync=True)

    def _see_sweep(self, sweep: Manifest, *, is_resync: bool) -> None:
        if is_settled(sweep):
            self.known_sweeps.forget(sweep["metadata"]["uid"])
        elif self.known_sweeps.note(sweep) or is_resync:
            self.sweeps.add(Key(sweep["metadata"]["namespace"], sweep["metadata"]["name"]))

    def sweep_gone(self, sweep: Manifest) -> None:
        """Take note of a sweep that was deleted."""
        self.known_sweeps.forget(sweep["metadata"]["uid"])

    def _count(self, key: Key, simulation: Manifest) -> None:
        """Take note of whether it has a Job that has not ended."""
        if is_settled(simulation) or "deletionTimestamp" in simulation["metadata"]:
            self._start_next(key)
        elif "jobName" in (simulation.get("status") or {}):
            self._jobs.occupy(key)

    def _start_next(self, left: Key) -> None:
        for key in self._jobs.leave(left):
            self.simulations.add(key)

    def child_changed(self, child: Manifest) -> None:
        """Take note of a Job or pod that has changed, if it belongs to what is under way.

        A sweep may have a thousand pods, so only its Job makes it be looked at.
        """
        if (key := self.known.owner_of(child)) is not None:
            self.simulations.add(key)
            return
        controller = controller_of(child["metadata"])
        is_job_of_sweep = controller is not None and controller.kind == names.SWEEP_KIND
        if is_job_of_sweep and (key := self.known_sweeps.owner_of(child)) is not None:
            self.sweeps.add(key)


def needs_work(simulation: Manifest) -> bool:
    """Tell whether there is anything to do about a simulation."""
    return not is_settled(simulation) or is_owed(simulation)


def register(
    registry: kopf.OperatorRegistry, dispatcher: Dispatcher, api: ApiServer, hearing: Hearing
) -> None:
    """Connect the cluster's events with the queues."""

    @kopf.on.login(registry=registry)
    async def login(**_: Any) -> kopf.AiohttpSession:
        session = cast(aiohttp.ClientSession, KopfSession(api, hearing, needs_work))
        return kopf.AiohttpSession(server=api.url, aiohttp_session=session)

    @kopf.on.event(names.GROUP, names.VERSION, names.PLURAL, registry=registry)
    async def simulation_changed(body: kopf.Body, type: str | None, **_: Any) -> None:  # noqa: A002 - kopf's
        if type == "DELETED":
            dispatcher.simulation_gone(body)
        else:
            dispatcher.simulation_changed(body)

    @kopf.on.event(names.GROUP, names.VERSION, names.SWEEP_PLURAL, registry=registry)
    async def sweep_changed(body: kopf.Body, type: str | None, **_: Any) -> None:  # noqa: A002 - kopf's
        if type == "DELETED":
            dispatcher.sweep_gone(body)
        else:
            dispatcher.sweep_changed(body)

    for group, version, plural in CHILDREN:

        @kopf.on.event(group, version, plural, registry=registry)
        async def child_changed(body: kopf.Body, **_: Any) -> None:
            dispatcher.child_changed(body)


def configure(settings: kopf.OperatorSettings) -> None:
    """Set kopf up for many short-lived objects and for connections that die in silence."""
    ours = f"{names.LABEL_MANAGED_BY}={names.MANAGED_BY}"
    for _, _, plural in CHILDREN:
        settings.watching.label_selectors[plural] = ours
    settings.watching.chunk_size = PAGE_OBJECTS
    settings.watching.server_timeout = 300
    settings.watching.client_timeout = 330
    settings.watching.connect_timeout = 10
    settings.watching.inactivity_timeout = 70
    settings.queueing.idle_timeout = 0.2  # the default of 5 s keeps a worker for each finished object
    settings.networking.request_timeout = 30
    settings.posting.enabled = False  # our events have names of their own, see events.py
    settings.scanning.disabled = True  # then no rights to watch CRDs and namespaces are needed
    settings.peering.standalone = True
    settings.persistence.finalizer = f"{names.GROUP}/operator"
