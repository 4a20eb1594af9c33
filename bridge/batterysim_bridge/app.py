"""The web application: its routes, and the tasks that run next to them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from typing import Any, Protocol

from fastapi import FastAPI

from batterysim_bridge.api import (
    catalogue,
    events,
    health,
    job_manager,
    page,
    results,
    rights,
    simulations,
    validation,
)
from batterysim_bridge.api.openapi.document import add_openapi
from batterysim_bridge.api.sweeps import point, point_result, points, suspension
from batterysim_bridge.api.sweeps import routes as sweeps
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.account import read_owner
from batterysim_bridge.edge.middlewares import add_edge
from batterysim_bridge.error_handlers import add_error_handlers
from batterysim_bridge.live.reflector import Reflector
from batterysim_bridge.runners import checkpoints, initial_state, shared, uploads
from batterysim_bridge.runners import sweeps as sweep_runners
from batterysim_bridge.store.threads import call_store
from batterysim_bridge.upkeep.collector import Collector
from batterysim_bridge.upkeep.orphans import Watchlist
from batterysim_bridge.upkeep.pruner import Pruner
from batterysim_bridge.upkeep.reaper import Reaper
from batterysim_bridge.upkeep.settings import retention_limits
from batterysim_bridge.upkeep.sweeps import SweepUpkeep
from batterysim_bridge.upkeep.watchdog import Watchdog


def create_app(bridge: Bridge) -> FastAPI:
    """Return the application, with everything that runs in the background."""
    app = FastAPI(openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None, lifespan=_lifespan)
    app.state.bridge = bridge
    swept = (sweeps, suspension, points, point, point_result)
    for module in (simulations, events, results, *swept, validation, catalogue, rights):
        app.include_router(module.router)
    for module in (uploads, checkpoints, initial_state, sweep_runners, shared, health, page):
        # What machines of ours call is not part of the API for users, and neither is the page.
        app.include_router(module.router, include_in_schema=False)
    served = bridge.settings.job_manager
    if served is not None and served.port is None:
        app.include_router(job_manager.router, include_in_schema=False)
    add_error_handlers(app)
    add_openapi(app)
    add_edge(app, bridge.settings.api)
    return app


def create_job_manager_app(bridge: Bridge) -> FastAPI:
    """Return what is served at the Job Manager's own port: its paths, and nothing else."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.bridge = bridge
    app.include_router(job_manager.router)
    add_error_handlers(app)
    # No page of another origin, whatever the API allows: these paths require no token.
    add_edge(app, bridge.settings.api.model_copy(update={"cors_origins": ()}))
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(runs()) for runs in _in_background(app.state.bridge)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await app.state.bridge.sweep_intake.close()


def _in_background(bridge: Bridge) -> tuple[Callable[[], Coroutine[Any, Any, None]], ...]:
    """Return all that runs as long as the bridge does."""
    up = bridge.metrics.up
    reflectors = [
        Reflector(objects, known, scope)
        for objects, known in ((bridge.cluster, bridge.simulations), (bridge.sweeps, bridge.known_sweeps))
        for scope in bridge.settings.scopes
    ]
    watchdogs = (
        Watchdog("store", partial(call_store, bridge.store.check), up),
        Watchdog("API server", bridge.cluster.ping, up),
    )
    running: tuple[_Background, ...] = (
        *reflectors,
        *watchdogs,
        *_collecting(bridge),
        *_reapers(bridge),
        bridge.desk,
    )
    return tuple(item.run for item in running)


class _Background(Protocol):
    async def run(self) -> None:
        """Run until cancelled."""


def _collecting(bridge: Bridge) -> tuple[_Background, ...]:
    """Return what keeps the store in step with the cluster, and within its limits."""
    owner = read_owner()
    store = bridge.settings.result_store
    collector = Collector(
        bridge.cluster,
        bridge.simulations,
        bridge.store,
        bridge.checkpoints,
        bridge.settings.bridge_url,
        bridge.metrics,
        bridge.clock,
        Watchlist(store.largest_orphaned_share, owner=owner),
    )
    sweep_upkeep = SweepUpkeep(
        bridge.cluster,
        bridge.sweeps,
        bridge.known_sweeps,
        bridge.sweep_store,
        bridge.store,
        Watchlist(store.largest_orphaned_share, owner=owner),
        bridge.clock,
    )
    pruner = Pruner(
        bridge.cluster,
        bridge.simulations,
        bridge.store,
        retention_limits(store.retention),
        bridge.settings.bridge_url,
        bridge.metrics,
        bridge.clock,
    )
    pruner.include(sweep_upkeep)
    return collector, sweep_upkeep, pruner


def _reapers(bridge: Bridge) -> tuple[_Background, ...]:
    """Return what deletes simulations and sweeps after their time."""
    lifetimes, metrics, clock = bridge.settings.lifetimes, bridge.metrics, bridge.clock
    return (
        Reaper(bridge.cluster, bridge.simulations, lifetimes.read(), metrics.deleted_simulations, clock),
        Reaper(bridge.sweeps, bridge.known_sweeps, lifetimes.sweeps.read(), metrics.deleted_sweeps, clock),
    )
