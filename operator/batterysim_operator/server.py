"""Health and metrics over HTTP, for the kubelet and Prometheus."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

PORT = 8080


async def start_server(port: int = PORT) -> web.AppRunner:
    """Serve /healthz and /metrics until the runner is cleaned up.

    An answer shows that the event loop turns. The watches end the process themselves when they cannot go on.
    """
    app = web.Application()
    app.add_routes([web.get("/healthz", _health), web.get("/metrics", _metrics)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, port=port).start()
    return runner


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})
