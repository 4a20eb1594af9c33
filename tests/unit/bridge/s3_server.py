"""A real S3 server on this machine, with one bucket."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER = Path(__file__).parents[3] / "hack" / "services" / "s3-server"
BUCKET = "results"
KEYS = {"AWS_ACCESS_KEY_ID": "test-key", "AWS_SECRET_ACCESS_KEY": "test-secret"}
START_SECONDS = 20


class S3ServerError(Exception):
    """The server cannot be compiled or started. Says why."""


@contextmanager
def running_s3_server(directory: Path, host: str = "127.0.0.1", **environment: str) -> Iterator[str]:
    """Run the server; yield its host and port. The first time on a machine, it is compiled."""
    installed = subprocess.run([SERVER, "install"], capture_output=True, text=True, check=False)
    if installed.returncode != 0:
        raise S3ServerError(installed.stderr)
    address = f"{host}:{_free_port(host)}"
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [SERVER, "run", directory, address, BUCKET],
            env={
                **os.environ,
                "ROOT_ACCESS_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"],
                "ROOT_SECRET_ACCESS_KEY": KEYS["AWS_SECRET_ACCESS_KEY"],
                **environment,
            },
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(server, address, directory / "log")
        yield address
    finally:
        server.terminate()
        server.wait(10)


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as found:
        port: int = found.getsockname()[1]
        return port


def _wait_for(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    host, port = address.split(":")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with socket.create_connection((host, int(port)), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise S3ServerError(f"the S3 server does not answer at {address}; its log: {log.read_text()[-2000:]}")
