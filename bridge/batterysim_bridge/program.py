"""The bridge's process: its servers, on one event loop."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from batterysim.process.deep_documents import allow_deep_documents
from batterysim.process.environment import SettingsError
from batterysim.process.garbage import leave_out_what_is_loaded
from batterysim.process.logs import Sparing, configure_logs
from batterysim.process.worker_pool import WorkerPool
from batterysim_bridge import error_handlers
from batterysim_bridge.app import create_app, create_job_manager_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.account import read_account
from batterysim_bridge.cluster.kubernetes import KubernetesCluster
from batterysim_bridge.cluster.sweeps import KubernetesSweeps
from batterysim_bridge.cluster.turns import FairApiServer
from batterysim_bridge.http.protocol import HttpProtocol
from batterysim_bridge.http.tls import ServerLoop, certificate_options, keep_certificate, listen
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.settings import Settings
from batterysim_bridge.store.stores import open_stores
from batterysim_kube.configuration import open_api_client
from batterysim_kube.errors import NotConfiguredError

# What the workers import, so that they find everything loaded.
PRELOAD = (
    "batterysim.checks.warm",
    "batterysim_bridge.api.submission",
    "batterysim_bridge.api.sweeps.submission",
    "batterysim_bridge.job_manager.request",
    "batterysim_bridge.results.png",
)
HOST = "0.0.0.0"  # noqa: S104 - a pod's only way to be reached
# Below the 30 s that Kubernetes gives a pod to end.
SHUTDOWN_SECONDS = 20
REFUSALS_LOGGED_PER_SECOND = 20


class Server(uvicorn.Server):
    """Lets those who wait for a change go when it is told to end; they would hold it up to the last one."""

    def __init__(self, config: uvicorn.Config, bridge: Bridge) -> None:
        super().__init__(config)
        self._bridge = bridge
        self.others: list[uvicorn.Server] = []
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal, at any place in the program."""
        for known in (self._bridge.simulations, self._bridge.known_sweeps):
            self._loop.call_soon_threadsafe(known.close)
        for other in self.others:
            other.should_exit = True
        super().handle_exit(sig, frame)


class OtherServer(uvicorn.Server):
    """Serves at another port, and leaves the signals to the first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(settings: Settings) -> None:
    """Serve until a signal ends it; uploads under way may finish."""
    stores = await asyncio.to_thread(open_stores, settings.result_store)
    async with await open_api_client() as api_client, WorkerPool(PRELOAD) as work:
        api_server = FairApiServer(api_client)
        bridge = Bridge(
            settings=settings,
            cluster=KubernetesCluster(api_server, read_account()),
            sweeps=KubernetesSweeps(api_server),
            sweep_store=stores.sweeps,
            store=stores.results,
            checkpoints=stores.checkpoints,
            metrics=Metrics(),
            work=work,
            clock=lambda: datetime.now(UTC),
        )
        options = _tls(settings.tls_dir)
        server = Server(server_config(create_app(bridge), settings, settings.listen_port, **options), bridge)
        if settings.job_manager is not None and settings.job_manager.port is not None:
            app, port = create_job_manager_app(bridge), settings.job_manager.port
            server.others.append(OtherServer(server_config(app, settings, port, lifespan="off")))
        leave_out_what_is_loaded()
        async with _kept_certificate(server.config, settings.tls_dir):
            sockets = None if settings.tls_dir is None else [listen(HOST, settings.listen_port)]
            await asyncio.gather(server.serve(sockets), *(other.serve() for other in server.others))


def server_config(app: FastAPI, settings: Settings, port: int, **options: Any) -> uvicorn.Config:
    """Return how an application is served."""
    return uvicorn.Config(
        app,
        host=HOST,
        port=port,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # see edge: only of proxies that are trusted
        timeout_keep_alive=settings.api.keep_alive_seconds,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        **{"http": HttpProtocol, **options},
    )


def _tls(directory: Path | None) -> dict[str, Any]:
    return {} if directory is None else certificate_options(directory)


@asynccontextmanager
async def _kept_certificate(config: uvicorn.Config, directory: Path | None) -> AsyncIterator[None]:
    if directory is None:
        yield
        return
    config.load()
    assert config.ssl is not None  # noqa: S101 - it has a certificate
    task = asyncio.create_task(keep_certificate(config.ssl, directory))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def main() -> None:
    """Read the environment and serve."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        sys.exit(f"batterysim-bridge: {error}")
    allow_deep_documents()
    configure_logs(settings.log_level)
    logging.getLogger(error_handlers.__name__).addFilter(Sparing(REFUSALS_LOGGED_PER_SECOND))
    try:
        with asyncio.Runner(loop_factory=ServerLoop) as runner:
            runner.run(serve(settings))
    except (NotConfiguredError, OSError) as error:
        sys.exit(f"batterysim-bridge: {error}")
