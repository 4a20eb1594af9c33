"""Run the bridge: `python -m batterysim_bridge`."""

import asyncio
import os
import sys
from datetime import UTC, datetime

import uvicorn

from batterysim.logs import configure_logs
from batterysim_bridge.app import create_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster import ClusterError
from batterysim_bridge.directory_store import DirectoryStore
from batterysim_bridge.kubernetes_cluster import KubernetesCluster
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.settings import Settings, SettingsError

# Below the 30 s that Kubernetes gives a pod to end.
SHUTDOWN_SECONDS = 20


async def serve(settings: Settings) -> None:
    """Serve until a signal ends it; uploads under way may finish."""
    cluster = await KubernetesCluster.connect()
    try:
        bridge = Bridge(
            settings=settings,
            cluster=cluster,
            store=DirectoryStore(settings.store_dir),
            metrics=Metrics(),
            clock=lambda: datetime.now(UTC),
        )
        config = uvicorn.Config(
            create_app(bridge),
            host="0.0.0.0",  # noqa: S104 - a pod's only way to be reached
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        await uvicorn.Server(config).serve()
    finally:
        await cluster.close()


def main() -> None:
    """Read the environment and serve."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        sys.exit(f"batterysim-bridge: {error}")
    configure_logs(settings.log_level)
    try:
        asyncio.run(serve(settings))
    except (ClusterError, OSError) as error:
        sys.exit(f"batterysim-bridge: {error}")


if __name__ == "__main__":
    main()
