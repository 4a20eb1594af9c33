"""A real RabbitMQ on this machine, with nothing in it."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

SERVER = Path(__file__).parents[3] / "hack" / "services" / "rabbitmq"
START_SECONDS = 60


@contextmanager
def running_rabbitmq(directory: Path) -> Iterator[str]:
    """Run the server; yield its URL. The first time on a machine, it is installed."""
    subprocess.run([SERVER, "install"], check=True, stdout=subprocess.DEVNULL)
    ports = free_ports(3)
    log = directory / "rabbitmq.log"
    with log.open("wb") as output:
        command = [SERVER, "run", directory, *map(str, ports)]
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_ready(server, log)
        yield f"amqp://guest:guest@127.0.0.1:{ports[0]}/"
    finally:
        server.terminate()
        server.wait()


def free_ports(count: int) -> list[int]:
    """Return TCP ports that nobody listens on."""
    with ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _wait_until_ready(server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while b"Server startup complete" not in (said := log.read_bytes()):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"RabbitMQ did not start: {said[-2000:].decode(errors='replace')}")
        time.sleep(0.1)
