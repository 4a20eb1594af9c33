"""A webhook in the cluster that does to Jobs and pods what queues and meshes do, as a pod with a Service.

Its path says what: /suspend, /image (the runner's cannot be pulled), /init-image (nor that of a container
that it adds) or /sidecar (it adds a container that never ends).
"""

import base64
from pathlib import Path
from typing import Any

from devtools.kube import SYSTEM_NAMESPACE, Kube
from kubernetes import client

from tests.certificates import make_authority, make_certificate
from tests.e2e.waiting import until

NAME = "mutating-webhook"
NO_IMAGE = "registry.invalid/none:1"
SCRIPT = """
import base64, http.server, json, ssl, sys
no_image, own_image = sys.argv[1:]
def container(name, image, *command):
    return {"name": name, "image": image, "command": command, "securityContext": {
        "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True, "runAsUser": 65532}}
CHANGES = {
    "/suspend": ("add", "/spec/suspend", True),
    "/image": ("replace", "/spec/containers/0/image", no_image),
    "/init-image": ("add", "/spec/initContainers", [container("mesh-init", no_image, "true")]),
    "/sidecar": ("add", "/spec/containers/-",
                 container("mesh", own_image, "python3", "-c", "import time; time.sleep(10**5)")),
}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        patch = [dict(zip(("op", "path", "value"), CHANGES[self.path.partition("?")[0]]))]
        review["response"] = {"uid": review.pop("request")["uid"], "allowed": True, "patchType": "JSONPatch",
                              "patch": base64.b64encode(json.dumps(patch).encode()).decode()}
        body = json.dumps(review).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("", 8443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/tls/tls.crt", "/tls/tls.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


class MutatingWebhook:
    """Runs in the namespace of `kube`, and goes with it."""

    def __init__(self, kube: Kube, directory: Path) -> None:
        """directory: where its certificate may be made."""
        self._kube = kube
        authority = make_authority(directory)
        made = make_certificate(directory, authority, f"DNS:{NAME}.{kube.namespace}.svc")
        self._authority = base64.b64encode(authority.certificate.read_bytes()).decode()
        files = {"tls.crt": made.certificate, "tls.key": made.key}
        secret = {
            "metadata": {"name": NAME},
            "type": "kubernetes.io/tls",
            "data": {name: base64.b64encode(file.read_bytes()).decode() for name, file in files.items()},
        }
        self.image = _image_of_operator()
        kube.core.create_namespaced_secret(kube.namespace, secret)
        kube.core.create_namespaced_pod(kube.namespace, _pod(self.image))
        service = {"selector": {"app": NAME}, "ports": [{"port": 443, "targetPort": 8443}]}
        kube.core.create_namespaced_service(kube.namespace, {"metadata": {"name": NAME}, "spec": service})
        until(self._is_ready, 60)

    def client_config(self, path: str) -> dict[str, Any]:
        """Return how the API server calls it."""
        service = {"namespace": self._kube.namespace, "name": NAME, "path": path}
        return {"service": service, "caBundle": self._authority}

    def _is_ready(self) -> bool:
        pod = self._kube.core.read_namespaced_pod(NAME, self._kube.namespace)
        return any(item.type == "Ready" and item.status == "True" for item in pod.status.conditions or ())


def _image_of_operator() -> str:
    operator = client.AppsV1Api().read_namespaced_deployment("batterysim-operator", SYSTEM_NAMESPACE)
    return str(operator.spec.template.spec.containers[0].image)


def _pod(image: str) -> dict[str, Any]:
    return {
        "metadata": {"name": NAME, "labels": {"app": NAME}},
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "fsGroup": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "volumes": [{"name": "tls", "secret": {"secretName": NAME}}],
            "containers": [
                {
                    "name": "webhook",
                    "image": image,
                    "command": ["python3", "-c", SCRIPT, NO_IMAGE, image],
                    "volumeMounts": [{"name": "tls", "mountPath": "/tls", "readOnly": True}],
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                    },
                    "readinessProbe": {"tcpSocket": {"port": 8443}, "periodSeconds": 1},
                }
            ],
        },
    }
