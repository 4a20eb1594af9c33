"""A bridge over real HTTP that hands out what the test gives it, and keeps what it hears."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any

from tests.builders import constant_current, raw_spec

SHORT = raw_spec(model={"family": "SPM"}, protocol=constant_current(5, 60))
LONG = raw_spec(
    model={"family": "SPM"},
    protocol={"experiment": {"steps": ["Rest for 1 second"], "cycles": 10_000}},
)


@dataclass
class DeskServer:
    """work: what is still to be handed out. results, outcomes: what came in, by the simulation's name.

    stop: what is answered to heartbeats.
    """

    work: "Queue[dict[str, Any]]" = field(default_factory=Queue)
    results: dict[str, bytes] = field(default_factory=dict)
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, set[str]] = field(default_factory=dict)
    beats: list[dict[str, Any]] = field(default_factory=list)
    stop: list[dict[str, Any]] = field(default_factory=list)
    heard: Event = field(default_factory=Event)
    url: str = ""

    def give(self, name: str, spec: object = None, seconds_left: float = 60) -> None:
        """Hand a simulation out to whoever asks next."""
        self.work.put(
            {
                "namespace": "lab",
                "name": name,
                "uid": f"uid-{name}",
                "attempt": 1,
                "credential": f"bsimrun_{name}",
                "spec": SHORT if spec is None else spec,
                "secondsLeft": seconds_left,
            }
        )

    def answer(self, path: str, token: str, body: bytes) -> tuple[int, object]:
        """Return code and document for a request."""
        *_, name, what = path.split("/")
        self.tokens.setdefault(what, set()).add(token)
        if what == "work":
            try:
                return 200, self.work.get(timeout=0.2)
            except Empty:
                return 204, None
        if what == "heartbeat":
            self.beats.append(json.loads(body))
            return 200, {"stop": self.stop}
        if what == "result":
            self.results[name] = body
        if what == "outcome":
            self.outcomes[name] = json.loads(body)
        self.heard.set()
        return 204, None


@contextmanager
def desk_server() -> Iterator[DeskServer]:
    """Serve until the end of the block."""
    desk = DeskServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers["Authorization"].removeprefix("Bearer ")
            code, document = desk.answer(self.path, token, body)
            content = b"" if document is None else json.dumps(document).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_PUT(self) -> None:
            self.do_POST()

        def do_GET(self) -> None:
            """Have no checkpoint."""
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] - hosts go while they are answered
    desk.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
