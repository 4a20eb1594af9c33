"""A profile that is too long for a spec goes into a ConfigMap that the simulation owns."""

import json

import httpx
import pytest

from batterysim.problem import InvalidSpecError
from batterysim_client.backends.bridge_access import BridgeAccess
from batterysim_client.backends.inputs import MAX_CONFIG_MAP_BYTES
from batterysim_client.backends.kubernetes import KubernetesBackend
from batterysim_client.submission import to_manifest
from tests.builders import Json, raw_spec

from ..builders import http_to, kube_status, raw

ROWS = 30_000
SIMULATIONS = "/apis/batterysim.dev/v1alpha1/namespaces/lab/batterysimulations"
CONFIG_MAPS = "/api/v1/namespaces/lab/configmaps/"


class Server:
    """An API server that keeps ConfigMaps, and takes simulations or refuses them."""

    def __init__(self, *, refuses: bool = False, owners: list[Json] | None = None) -> None:
        self._refuses = refuses
        self._owners = owners or []
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path == SIMULATIONS:
            if self._refuses:
                return kube_status(403, "forbidden: exceeded quota")
            return httpx.Response(201, json={**raw("long"), "spec": json.loads(request.content)["spec"]})
        assert request.url.path.startswith(CONFIG_MAPS)
        metadata = {"resourceVersion": "7", "ownerReferences": self._owners}
        return httpx.Response(200, json={"metadata": metadata})

    @property
    def said(self) -> list[tuple[str, str]]:
        return [(request.method, request.url.path.split("/")[-2]) for request in self.requests]


def backend(server: Server) -> KubernetesBackend:
    http = http_to(server)
    return KubernetesBackend(http, "context kind", "lab", BridgeAccess(http, lambda: None, None, None))


def long_profile(rows: int = ROWS, last: str = "1.0") -> Json:
    csv = "\n".join([f"{row},{row % 5}.5" for row in range(rows)] + [f"{rows},{last}"])
    return to_manifest(
        raw_spec(protocol={"profile": {"quantity": "Current", "csv": csv}}), "lab", name="long"
    )


async def test_the_simulation_refers_to_the_config_map_and_owns_it() -> None:
    server = Server()

    await backend(server).create(long_profile(), None)

    created, simulation, owned = server.requests
    assert server.said == [("PATCH", "configmaps"), ("POST", "lab"), ("PATCH", "configmaps")]
    reference = json.loads(simulation.content)["spec"]["protocol"]["profile"]["configMapKeyRef"]
    config_map = json.loads(created.content)
    assert config_map["metadata"]["name"] == reference["name"]
    assert config_map["data"] == {reference["key"]: long_profile()["spec"]["protocol"]["profile"]["csv"]}
    assert json.loads(owned.content)["data"] == config_map["data"]
    assert json.loads(owned.content)["metadata"]["ownerReferences"] == [
        {"apiVersion": "batterysim.dev/v1alpha1", "kind": "BatterySimulation", "name": "long", "uid": "u1"}
    ]
    assert owned.url.params["fieldManager"] == "batterysim-client-u1"


async def test_a_config_map_that_nobody_owns_is_deleted_again() -> None:
    server = Server(refuses=True)

    with pytest.raises(Exception, match="exceeded quota"):
        await backend(server).create(long_profile(), None)

    assert server.said[2:] == [("GET", "configmaps"), ("DELETE", "configmaps")]
    assert json.loads(server.requests[-1].content)["preconditions"] == {"resourceVersion": "7"}


async def test_one_that_another_simulation_owns_stays() -> None:
    server = Server(refuses=True, owners=[{"uid": "other"}])

    with pytest.raises(Exception, match="exceeded quota"):
        await backend(server).create(long_profile(), None)

    assert server.said[2:] == [("GET", "configmaps")]


async def test_what_fits_into_the_spec_stays_there() -> None:
    server = Server()

    await backend(server).create(long_profile(rows=10), None)

    assert server.said == [("POST", "lab")]


async def test_a_wrong_profile_is_refused_before_anything_is_created() -> None:
    server = Server()

    with pytest.raises(InvalidSpecError, match=r"spec\.protocol\.profile\.csv: line 30001"):
        await backend(server).create(long_profile(last="many"), None)
    with pytest.raises(InvalidSpecError, match=r"spec\.protocol\.profile\.csv: line 30001"):
        await backend(server).check(long_profile(last="many"))

    assert server.requests == []


async def test_a_config_map_has_a_limit_too() -> None:
    with pytest.raises(InvalidSpecError, match=f"more than the {MAX_CONFIG_MAP_BYTES} of a ConfigMap"):
        await backend(Server()).create(long_profile(rows=150_000), None)
