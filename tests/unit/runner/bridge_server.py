"""A bridge over real HTTP on this machine, that answers as it is told and keeps what it gets."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import NamedTuple

from tests.certificates import Certificate


class Put(NamedTuple):
    """A PUT as it arrived."""

    path: str
    headers: Message
    body: bytes


@dataclass
class BridgeServer:
    """Answers results with the given codes in turn, then with 200; progress always with 204.

    checkpoint: what it gives out; None: it has none. checkpoint_answer: its answer to one that comes in, or
    that is to be forgotten. checkpoints: what has come in. initial_state: the code and the content that it
    answers whoever asks for an earlier state.
    """

    answers: list[int] = field(default_factory=list)
    results: list[Put] = field(default_factory=list)
    progress: list[Put] = field(default_factory=list)
    progress_came: Event = field(default_factory=Event)
    checkpoint: bytes | None = None
    checkpoint_answer: int = 204
    checkpoints: list[Put] = field(default_factory=list)
    initial_state: tuple[int, bytes] = (404, b"")
    words: bytes = b"the bridge says so"
    url: str = ""

    def take(self, put: Put) -> int:
        """Keep a PUT and return the answer's code."""
        if put.path.endswith("/progress"):
            self.progress.append(put)
            self.progress_came.set()
            return 204
        if put.path.endswith("/checkpoint"):
            self.checkpoint = put.body
            self.checkpoints.append(put)
            return self.checkpoint_answer
        self.results.append(put)
        return self.answers.pop(0) if self.answers else 200


@contextmanager
def bridge_server(certificate: Certificate | None = None) -> Iterator[BridgeServer]:
    """Serve until the end of the block, by https with a certificate."""
    bridge = BridgeServer()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            code = bridge.take(Put(self.path, self.headers, body))
            content = b"" if code == 204 else bridge.words
            self.send_response(code)
            if code in (302, 307):
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            content = bridge.checkpoint
            code = 404 if content is None else 200
            if self.path.endswith("/initial-state"):
                code, content = bridge.initial_state
            self.send_response(code)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def do_DELETE(self) -> None:
            if bridge.checkpoint_answer == 204:
                bridge.checkpoint = None
            self.send_response(bridge.checkpoint_answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    bridge.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield bridge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
