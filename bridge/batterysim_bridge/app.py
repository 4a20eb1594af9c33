"""The web application: its routes, and the collector beside them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from batterysim import __version__
from batterysim_bridge import health_api, result_api, runner_api
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.collector import Collector
from batterysim_bridge.error_handlers import add_error_handlers


def create_app(bridge: Bridge) -> FastAPI:
    """Return the application. Its lifespan runs the collector."""
    app = FastAPI(
        title="Battery simulation bridge",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.bridge = bridge
    for module in (runner_api, result_api, health_api):
        app.include_router(module.router)
    add_error_handlers(app)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    bridge: Bridge = app.state.bridge
    collector = Collector(
        bridge.cluster, bridge.store, bridge.settings.bridge_url, bridge.metrics, bridge.clock
    )
    scopes = bridge.settings.watch_namespaces or (None,)
    tasks = [asyncio.create_task(collector.run(namespace)) for namespace in scopes]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
