"""The process ends when it is told to, and holds nobody up."""

import asyncio
import signal

import uvicorn

from batterysim_bridge.__main__ import Server
from batterysim_bridge.app import create_app


async def test_a_signal_lets_those_go_who_wait_for_a_change(bridge):
    server = Server(uvicorn.Config(create_app(bridge)), bridge)
    with bridge.simulations.changes() as changes:
        server.handle_exit(signal.SIGTERM, None)

        assert await asyncio.wait_for(changes.gather(), 5) == []
        assert changes.is_closed
    assert server.should_exit
