"""Simulations as a server sends them, and a server that answers as it is told."""

from collections.abc import Callable
from typing import Any

import httpx

from batterysim import names
from batterysim_client.backends.http import Http
from batterysim_client.simulation import Simulation, to_simulation
from tests.builders import Json, raw_spec

Handler = Callable[[httpx.Request], httpx.Response]


def raw(
    name: str = "cell", *, uid: str = "u1", version: int = 1, created: str = "10:00:00", **status: Any
) -> Json:
    """Return a simulation of namespace lab."""
    metadata = {
        "namespace": "lab",
        "name": name,
        "uid": uid,
        "resourceVersion": str(version),
        "creationTimestamp": f"2026-11-24T{created}Z",
    }
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": metadata,
        "spec": raw_spec(),
        "status": status,
    }


def simulation(name: str = "cell", **given: Any) -> Simulation:
    return to_simulation(raw(name, **given))


def failed(reason: str, name: str = "cell") -> Simulation:
    return simulation(name, phase="Failed", failure={"reason": reason, "message": "change something"})


def http_to(handler: Handler) -> Http:
    client = httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url="http://server")
    return Http(client, "the server")


def problem(status: int, detail: str, **more: Any) -> httpx.Response:
    """Return a problem document, as the bridge answers."""
    return httpx.Response(status, json={"status": status, "detail": detail, **more})


def kube_status(code: int, message: str, **more: Any) -> httpx.Response:
    """Return a Status, as the API server answers."""
    return httpx.Response(code, json={"kind": "Status", "code": code, "message": message, **more})
