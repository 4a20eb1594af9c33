"""Connections that never finish their TLS handshake, against a server process of its own."""

import asyncio
import re
import resource
import subprocess
import sys
from pathlib import Path

from tests.certificates import make_authority, make_certificate

CONNECTIONS = 1500
MAX_GROWTH_MEGABYTES = 150.0
SERVER = """
import asyncio, sys
from pathlib import Path
import uvicorn
from batterysim_bridge.http.tls import ServerLoop, certificate_options, listen
from tests.unit.bridge.http.test_protocol import app

async def serve():
    config = uvicorn.Config(app, lifespan="off", log_config=None, **certificate_options(Path(sys.argv[1])))
    listener = listen("127.0.0.1", 0)
    listener.listen(64)
    print(listener.getsockname()[1], flush=True)
    await uvicorn.Server(config).serve([listener])

with asyncio.Runner(loop_factory=ServerLoop) as runner:
    runner.run(serve())
"""


def megabytes(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024 / 1e6


async def test_they_take_little_memory(tmp_path: Path) -> None:
    """They once took 0.28 MB each, and the bridge's container has 1 GiB."""
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    make_certificate(tmp_path, make_authority(tmp_path), "DNS:localhost")
    command = [sys.executable, "-c", SERVER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: ASYNC220 - a moment
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            writers = []
            for number in range(CONNECTIONS):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writers.append(writer)
                if number == 0:
                    await asyncio.sleep(0.5)
                    before = megabytes(server.pid)
            await asyncio.sleep(1)

            assert megabytes(server.pid) - before < MAX_GROWTH_MEGABYTES

            for writer in writers:
                writer.close()
        finally:
            server.terminate()
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
