"""Health and metrics over HTTP, for the kubelet and Prometheus."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from batterysim_operator.control.hearing import Hearing

PORT = 8080


async def start_server(hearing: Hearing, port: int = PORT) -> web.AppRunner:
    """Serve /healthz and /metrics until the runner is cleaned up.

    An answer shows that the event loop turns, and a good one that simulations have been listed or watched
    not long ago.
    """

    async def health(_: web.Request) -> web.Response:
        if hearing.is_deaf:
            silence = f"no list or watch of simulations was answered for {hearing.silent_seconds:.0f} s"
            return web.json_response({"status": silence}, status=503)
        return web.json_response({"status": "ok"})

    app = web.Application()
    app.add_routes([web.get("/healthz", health), web.get("/metrics", _metrics)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, port=port).start()
    return runner


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})
