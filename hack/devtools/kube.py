"""A cluster as a user has it: objects by the Kubernetes API, results by the bridge."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests
import yaml
from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from batterysim import names
from batterysim.status import ENDED_PHASES

SYSTEM_NAMESPACE = "batterysim-system"
READER = "batterysim-reader"
Manifest = dict[str, Any]


class Kube:
    """BatterySimulations, or objects of another plural of ours, and their Jobs and pods, in one namespace."""

    def __init__(self, namespace: str = "default", plural: str = names.PLURAL) -> None:
        config.load_kube_config()
        self.namespace = namespace
        self._plural = plural
        self._label = names.LABEL_SWEEP_UID if plural == names.SWEEP_PLURAL else names.LABEL_SIMULATION_UID
        self.objects = client.CustomObjectsApi()
        self.core = client.CoreV1Api()
        self.batch = client.BatchV1Api()
        self.rbac = client.RbacAuthorizationV1Api()

    def get(self, name: str) -> Manifest:
        """Return a simulation."""
        return self.objects.get_namespaced_custom_object(
            names.GROUP, names.VERSION, self.namespace, self._plural, name
        )

    def create(self, manifest: Manifest) -> Manifest:
        """Create a simulation."""
        return self.objects.create_namespaced_custom_object(
            names.GROUP, names.VERSION, self.namespace, self._plural, manifest
        )

    def patch(self, name: str, change: Manifest) -> Manifest:
        """Merge a change into a simulation."""
        return self.objects.patch_namespaced_custom_object(
            names.GROUP,
            names.VERSION,
            self.namespace,
            self._plural,
            name,
            change,
            _content_type="application/merge-patch+json",
        )

    def delete(self, name: str) -> None:
        """Delete a simulation, if it is there, and wait until it is gone."""
        try:
            self.objects.delete_namespaced_custom_object(
                names.GROUP, names.VERSION, self.namespace, self._plural, name
            )
        except ApiException as error:
            if error.status != 404:
                raise
            return
        while self.exists(name):
            time.sleep(0.05)

    def exists(self, name: str) -> bool:
        """Tell whether a simulation is there."""
        try:
            self.get(name)
        except ApiException as error:
            if error.status == 404:
                return False
            raise
        return True

    @contextmanager
    def changes(self, timeout_seconds: int) -> Iterator[Iterator[Manifest]]:
        """Give each simulation of the namespace as it is, then at each change, until the time is up."""
        events = watch.Watch().stream(
            self.objects.list_namespaced_custom_object,
            names.GROUP,
            names.VERSION,
            self.namespace,
            self._plural,
            timeout_seconds=timeout_seconds,
        )
        with closing(events):
            yield (event["object"] for event in events if event["type"] in ("ADDED", "MODIFIED"))

    def wait_for_end(self, *wanted: str, timeout_seconds: int = 180) -> dict[str, Manifest]:
        """Return the simulations once all have succeeded, failed or been found invalid."""
        ended: dict[str, Manifest] = {}
        with self.changes(timeout_seconds) as changes:
            for simulation in changes:
                if simulation["metadata"]["name"] in wanted and has_ended(simulation):
                    ended[simulation["metadata"]["name"]] = simulation
                    if len(ended) == len(set(wanted)):
                        return ended
        missing = sorted(set(wanted) - set(ended))
        states = {name: self.get(name).get("status") for name in missing}
        raise TimeoutError(f"not ended after {timeout_seconds} s: {json.dumps(states, indent=1)}")

    def jobs_of(self, simulation: Manifest) -> list[client.V1Job]:
        """Return the Jobs of a simulation."""
        selector = f"{self._label}={simulation['metadata']['uid']}"
        return self.batch.list_namespaced_job(self.namespace, label_selector=selector).items

    def pods_of(self, simulation: Manifest) -> list[client.V1Pod]:
        """Return the pods of a simulation."""
        selector = f"{self._label}={simulation['metadata']['uid']}"
        return self.core.list_namespaced_pod(self.namespace, label_selector=selector).items

    def wait_until_no_pods(self, timeout_seconds: int = 60) -> None:
        """Wait until no simulation has a pod left: each keeps its share of the node until it is gone."""
        deadline = time.monotonic() + timeout_seconds
        while self.core.list_namespaced_pod(self.namespace, label_selector=self._label).items:
            if time.monotonic() > deadline:
                raise TimeoutError(f"pods of other simulations are left in {self.namespace}: delete them")
            time.sleep(0.2)

    def reader_token(self) -> str:
        """Return a token of a ServiceAccount that may read this namespace's simulations, created if
        necessary."""
        account = client.V1ServiceAccount(metadata=client.V1ObjectMeta(name=READER))
        binding = client.V1RoleBinding(
            metadata=client.V1ObjectMeta(name=READER),
            role_ref=client.V1RoleRef(
                api_group="rbac.authorization.k8s.io", kind="ClusterRole", name="batterysim-viewer"
            ),
            subjects=[client.RbacV1Subject(kind="ServiceAccount", name=READER, namespace=self.namespace)],
        )
        for make, body in (
            (self.core.create_namespaced_service_account, account),
            (self.rbac.create_namespaced_role_binding, binding),
        ):
            try:
                make(self.namespace, body)
            except ApiException as error:
                if error.status != 409:
                    raise
        request = client.AuthenticationV1TokenRequest(
            spec=client.V1TokenRequestSpec(audiences=[names.TOKEN_AUDIENCE], expiration_seconds=3600)
        )
        answer = self.core.create_namespaced_service_account_token(READER, self.namespace, request)
        return str(answer.status.token)


class Results:
    """Results as the bridge serves them to a user with a token."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        # A forwarded connection that has idled is dropped without notice.
        self.session.mount("http://", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=0.1)))
        self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, namespace: str, name: str, kind: str = "parquet") -> requests.Response:
        """Return the bridge's answer to a request for a result, whatever it is."""
        return self.session.get(
            self.url + names.result_path(namespace, name), params={"format": kind}, timeout=60
        )

    def fetch(self, namespace: str, name: str, kind: str = "parquet") -> bytes:
        """Return a result's bytes."""
        answer = self.get(namespace, name, kind)
        answer.raise_for_status()
        return answer.content


@contextmanager
def forwarded_bridge(
    port: int | None = None, service: str = "batterysim-bridge", namespace: str = SYSTEM_NAMESPACE
) -> Iterator[str]:
    """Reach a Service of the bridge's from outside, by `kubectl port-forward`, at this port or a free one."""
    ports = f"{port or ''}:8084"
    command = ["kubectl", "-n", namespace, "port-forward", f"svc/{service}", ports]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"127\.0\.0\.1:(\d+)", line)
            if found is None:
                raise ConnectionError(f"kubectl port-forward said {line!r}: is the release installed?")
            yield f"http://127.0.0.1:{found[1]}"
        finally:
            process.terminate()


def has_ended(simulation: Manifest) -> bool:
    """Tell whether a simulation has succeeded, failed or been found invalid."""
    return simulation.get("status", {}).get("phase") in ENDED_PHASES


def load_example(name: str) -> Manifest:
    """Return a manifest of examples/."""
    path = Path(__file__).parents[2] / "examples" / f"{name}.yaml"
    manifest: Manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    return manifest
