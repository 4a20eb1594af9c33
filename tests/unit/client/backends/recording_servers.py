"""Servers and proxies that write down what reaches them."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from tests.certificates import Certificate

WITH_TLS = "ab"
WITHOUT_TLS = "hpq"


class Arrival(NamedTuple):
    """A request. where: a server's name; what: the path, or what a proxy is asked for."""

    where: str
    what: str
    authorization: str


class RecordingServers:
    """Servers a and b with TLS, h without, and the proxies p and q."""

    def __init__(self, certificate: Certificate) -> None:
        self.arrived: list[Arrival] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self._servers = {
            name: ThreadingHTTPServer(("127.0.0.1", 0), self._handler(name))
            for name in WITH_TLS + WITHOUT_TLS
        }
        for name, server in self._servers.items():
            if name in WITH_TLS:
                server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def url(self, name: str) -> str:
        return f"http{'s' if name in WITH_TLS else ''}://{self.address(name)}"

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self._servers[name].server_address[1]}"

    def _handler(self, name: str) -> type[BaseHTTPRequestHandler]:
        arrived = self.arrived

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                arrived.append(Arrival(name, path, self.headers.get("Authorization", "")))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def do_CONNECT(self) -> None:
                said = self.headers.get("Proxy-Authorization", "")
                arrived.append(Arrival(name, f"CONNECT {self.path}", said))
                self.send_error(502)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
