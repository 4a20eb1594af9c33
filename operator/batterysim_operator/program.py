"""The operator's process: kopf's watches, the queues and the HTTP server, on one event loop."""

import asyncio
import logging
import os
import random
import sys
import time
from datetime import UTC, datetime

import kopf

from batterysim.checks.judge import PRELOAD, Judge
from batterysim.process.deep_documents import allow_deep_documents
from batterysim.process.environment import SettingsError
from batterysim.process.garbage import leave_out_what_is_loaded
from batterysim.process.logs import configure_logs
from batterysim.process.worker_pool import WorkerPool
from batterysim.sweep.cluster.judge import SweepJudge
from batterysim_kube.api_server import ApiServer
from batterysim_kube.configuration import open_api_client
from batterysim_operator.control.cluster import Cluster
from batterysim_operator.control.controller import SimulationController
from batterysim_operator.control.hearing import Hearing
from batterysim_operator.control.job_queue import JobQueue
from batterysim_operator.control.recent import Recent
from batterysim_operator.control.resync import count_jobs, resync_forever
from batterysim_operator.control.runner_scale import scale_runners
from batterysim_operator.control.sweep_controller import SweepController
from batterysim_operator.control.workqueue import Limits, WorkQueue
from batterysim_operator.delivery.controller import DeliveryController
from batterysim_operator.delivery.receivers import Receivers
from batterysim_operator.delivery.result_source import ResultSource, open_session
from batterysim_operator.handlers import Dispatcher, configure, register
from batterysim_operator.server import start_server
from batterysim_operator.settings import Settings

SIMULATION_WORKERS = 8
SIMULATION_LIMITS = Limits(per_namespace=6)
SWEEP_WORKERS = 4
SWEEP_LIMITS = Limits(per_namespace=3)
DELIVERY_WORKERS = 16
DELIVERY_LIMITS = Limits(per_namespace=4, per_host=2)
"""A receiver may take a minute to answer: without limits, one that hangs would hold up all callbacks."""


def now() -> datetime:
    """Return the time, for all that needs a clock."""
    return datetime.now(UTC)


async def run_operator(settings: Settings) -> None:
    """Run until a signal comes or a part fails; Kubernetes starts the process again then."""
    async with (
        await open_api_client() as api_client,
        open_session(settings.bridge_ca) as to_bridge,
        Receivers(
            settings.destinations, proxy=settings.callbacks.proxy or None, ca=settings.callbacks.ca or None
        ) as receivers,
        WorkerPool((*PRELOAD, SweepJudge.__module__)) as work,
    ):
        api = ApiServer(api_client)
        cluster = Cluster(api)
        bridge = ResultSource(to_bridge, settings.runner.bridge_url, settings.bridge_token_file)
        jobs, recent = JobQueue(settings.job_limits), Recent()
        if jobs.limits.are_any:
            await count_jobs(cluster, settings.watch_namespaces, jobs.occupy)
        simulations = WorkQueue(
            "simulation",
            SimulationController(cluster, Judge(work), settings.runner_jobs, now, jobs, recent).reconcile,
            SIMULATION_WORKERS,
            SIMULATION_LIMITS,
        )
        deliveries = WorkQueue(
            "delivery",
            DeliveryController(cluster, bridge, receivers, now, random.random).reconcile,
            DELIVERY_WORKERS,
            DELIVERY_LIMITS,
        )
        sweeps = WorkQueue(
            "sweep",
            SweepController(cluster, SweepJudge(work), settings.runner_jobs, now).reconcile,
            SWEEP_WORKERS,
            SWEEP_LIMITS,
        )
        await _run_together(settings, api, Dispatcher(simulations, deliveries, jobs, recent, sweeps=sweeps))


async def _run_together(settings: Settings, api: ApiServer, dispatcher: Dispatcher) -> None:
    cluster, hearing = Cluster(api), Hearing()
    registry, kopf_settings = kopf.OperatorRegistry(), kopf.OperatorSettings()
    register(registry, dispatcher, api, hearing)
    configure(kopf_settings)
    leave_out_what_is_loaded()
    server = await start_server(hearing)
    try:
        async with asyncio.TaskGroup() as group:
            background = [
                group.create_task(dispatcher.simulations.run()),
                group.create_task(dispatcher.deliveries.run()),
                group.create_task(dispatcher.sweeps.run()),
                *(
                    group.create_task(resync_forever(objects, settings.watch_namespaces, known, seen))
                    for objects, known, seen in (
                        (cluster.simulations, dispatcher.known, dispatcher.simulation_resynced),
                        (cluster.sweeps, dispatcher.known_sweeps, dispatcher.sweep_resynced),
                    )
                ),
                group.create_task(
                    scale_runners(
                        cluster,
                        dispatcher.load,
                        settings.shared_runner_deployment,
                        [item.scale() for item in settings.shared_runners],
                        time.monotonic,
                    )
                ),
            ]
            await kopf.operator(
                registry=registry,
                settings=kopf_settings,
                clusterwide=not settings.watch_namespaces,
                namespaces=settings.watch_namespaces,
            )
            for task in background:
                task.cancel()
    finally:
        await server.cleanup()


def main() -> None:
    """Read the environment and run."""
    try:
        operator_settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        sys.exit(f"batterysim-operator: {error}")
    allow_deep_documents()
    configure_logs(operator_settings.log_level)
    logging.getLogger("kopf").setLevel(logging.WARNING)  # it tells each event that it sees otherwise
    asyncio.run(run_operator(operator_settings))
