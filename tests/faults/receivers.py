"""Receivers of callbacks as pods of a campaign: one that takes them, and one that never answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from devtools.kube import SYSTEM_NAMESPACE, Kube
from kubernetes import client

from .crowd import wait_until

PORT = 8080
TAKES = "self.rfile.read(int(self.headers['Content-Length'])); self.send_response(204); self.end_headers()"
HANGS = "time.sleep(86400)"
SCRIPT = """
import http.server, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        {answer}
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("", {port}), Handler).serve_forever()
"""


@contextmanager
def receiver(kube: Kube, name: str, answer: str) -> Iterator[str]:
    """Give the URL of a receiver in the namespace of `kube`, which goes with it."""
    operator = client.AppsV1Api().read_namespaced_deployment("batterysim-operator", SYSTEM_NAMESPACE)
    image = operator.spec.template.spec.containers[0].image
    kube.core.create_namespaced_pod(
        kube.namespace, _pod(name, image, SCRIPT.format(answer=answer, port=PORT))
    )
    kube.core.create_namespaced_service(
        kube.namespace,
        {"metadata": {"name": name}, "spec": {"selector": {"app": name}, "ports": [{"port": PORT}]}},
    )
    wait_until(lambda: _is_ready(kube, name))
    yield url_of(kube.namespace, name)


def url_of(namespace: str, name: str) -> str:
    """Return the URL of a receiver."""
    return f"http://{name}.{namespace}.svc:{PORT}"


def _is_ready(kube: Kube, name: str) -> bool:
    conditions = kube.core.read_namespaced_pod(name, kube.namespace).status.conditions or ()
    return any(item.type == "Ready" and item.status == "True" for item in conditions)


def _pod(name: str, image: str, script: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": name,
                    "image": image,
                    "command": ["python3", "-c", script],
                    "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
                }
            ],
        },
    }
