"""A receiver of callbacks, as a pod and a Service in the cluster. It logs what it gets as JSON lines.

Of what is large it logs the size only.
"""

import json
import time
from typing import Any

from devtools.kube import SYSTEM_NAMESPACE, Kube
from kubernetes import client

NAME = "callback-receiver"
SCRIPT = """
import http.server, json, sys
refusals = int(sys.argv[1])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global refusals
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size).decode()
        is_absent, is_later = self.path.startswith("/absent"), self.path.startswith("/later")
        status = 404 if is_absent else 429 if is_later else 503 if refusals > 0 else 204
        refusals -= status not in (404, 429)
        post = {"path": self.path, "status": status, "headers": dict(self.headers), "bytes": size,
                "body": body if size < 1_000_000 else ""}
        print(json.dumps(post), flush=True)
        self.send_response(status)
        if is_later: self.send_header("Retry-After", "120")
        self.end_headers()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""


class Receiver:
    """Answers the first POSTs with 503, then takes them.

    Those below /absent are 404, and those below /later 429, to be sent again after two minutes.
    """

    def __init__(self, kube: Kube, refusals: int) -> None:
        self._kube = kube
        self.url = f"http://{NAME}.{kube.namespace}.svc:8080"
        deployments = client.AppsV1Api()
        operator = deployments.read_namespaced_deployment("batterysim-operator", SYSTEM_NAMESPACE)
        image = operator.spec.template.spec.containers[0].image
        kube.core.create_namespaced_pod(kube.namespace, _pod(image, refusals))
        kube.core.create_namespaced_service(kube.namespace, _service())
        self._wait_until_ready()

    def posts(self, path: str) -> list[dict[str, Any]]:
        """Return what has come for one path so far."""
        log = self._kube.core.read_namespaced_pod_log(NAME, self._kube.namespace)
        posts = [json.loads(line) for line in log.splitlines()]
        return [post for post in posts if post["path"] == path]

    def remove(self) -> None:
        """Remove the pod and the Service."""
        self._kube.core.delete_namespaced_pod(NAME, self._kube.namespace, grace_period_seconds=0)
        self._kube.core.delete_namespaced_service(NAME, self._kube.namespace)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            pod = self._kube.core.read_namespaced_pod(NAME, self._kube.namespace)
            if any(item.type == "Ready" and item.status == "True" for item in pod.status.conditions or ()):
                return
            time.sleep(0.2)
        raise TimeoutError("the receiver's pod did not start")


def _pod(image: str, refusals: int) -> dict[str, Any]:
    return {
        "metadata": {"name": NAME, "labels": {"app": NAME}},
        "spec": {
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "receiver",
                    "image": image,
                    "command": ["python3", "-c", SCRIPT, str(refusals)],
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                    },
                    "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1},
                }
            ],
        },
    }


def _service() -> dict[str, Any]:
    return {"metadata": {"name": NAME}, "spec": {"selector": {"app": NAME}, "ports": [{"port": 8080}]}}
