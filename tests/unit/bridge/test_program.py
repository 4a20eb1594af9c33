"""The process ends when it is told to, and holds nobody up."""

import asyncio
import signal

import uvicorn

from batterysim_bridge.app import create_app
from batterysim_bridge.program import Server, server_config


def test_connections_stay_open_and_nobody_is_believed_by_default(bridge):
    config = server_config(create_app(bridge), bridge.settings, 8084)

    assert config.timeout_keep_alive == 75
    assert config.proxy_headers is False  # or uvicorn believes everything that a port-forward brings


async def test_a_signal_lets_those_go_who_wait_for_a_change(bridge):
    server = Server(uvicorn.Config(create_app(bridge)), bridge)
    with bridge.simulations.changes() as changes:
        server.handle_exit(signal.SIGTERM, None)

        assert await asyncio.wait_for(changes.gather(), 5) == []
        assert changes.is_closed
    assert server.should_exit
