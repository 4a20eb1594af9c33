"""Health and metrics over HTTP, for the kubelet and Prometheus.

The port is open to every pod of the cluster, so a connection serves one request and ends after a while, and
there are only some.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from batterysim_operator.control.hearing import Hearing

PORT = 8080
CONNECTION_SECONDS = 30.0
MAX_CONNECTIONS = 100

# Anyone can send what is not HTTP, and aiohttp would log each time where it noticed.
_silent = logging.Logger("silent", logging.CRITICAL + 1)

Answer = Callable[[], web.Response]


class _BoundedServer(web.Server):
    """Ends connections that are old, and the oldest of too many, whatever they are at."""

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Count a connection, and begin to wait for its end."""
        super().connection_made(handler, transport)
        asyncio.get_running_loop().call_later(CONNECTION_SECONDS, transport.abort)
        for oldest in list(self._connections.values())[:-MAX_CONNECTIONS]:
            oldest.abort()


async def start_server(hearing: Hearing, port: int = PORT) -> web.ServerRunner:
    """Serve /healthz and /metrics until the runner is cleaned up.

    An answer shows that the event loop turns, and a good one that simulations have been listed or watched
    not long ago.
    """

    def health() -> web.Response:
        if hearing.is_deaf:
            silence = f"no list or watch of simulations was answered for {hearing.silent_seconds:.0f} s"
            return web.json_response({"status": silence}, status=503)
        return web.json_response({"status": "ok"})

    serving = _serving({"/healthz": health, "/metrics": _metrics})
    runner = web.ServerRunner(_BoundedServer(serving, access_log=None, logger=_silent))
    await runner.setup()
    await web.TCPSite(runner, port=port).start()
    return runner


def _serving(answers: dict[str, Answer]) -> Callable[[web.BaseRequest], Awaitable[web.Response]]:
    async def serve(request: web.BaseRequest) -> web.Response:
        answer = answers.get(request.path)
        if answer is None:
            response = web.json_response({"status": "not found"}, status=404)
        elif request.method != "GET":
            response = web.json_response({"status": "only GET is allowed"}, status=405)
        else:
            response = answer()
        response.force_close()
        return response

    return serve


def _metrics() -> web.Response:
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})
