"""Calls to the API server, against a real HTTP server that stands in for it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kubernetes.aio import client

from batterysim.names import FieldManager
from batterysim.status import BatterySimulationStatus, Phase
from batterysim_kube.api_server import ApiServer
from batterysim_kube.errors import (
    ApiException,
    Conflict,
    Forbidden,
    NotFound,
    Unprocessable,
    message_of,
)
from batterysim_operator.control.cluster import Cluster
from tests.builders import UID, job, pod, simulation

PATH = "/apis/batterysim.dev/v1alpha1/namespaces/lab/batterysimulations/cell-discharge"


@dataclass
class Server:
    """Answers each call with the same code and body, and keeps what was asked."""

    code: int = 200
    body: Any = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        text = await request.text()
        self.requests.append(
            (request.method, request.path_qs, dict(request.headers), json.loads(text) if text else None)
        )
        return web.json_response(self.body, status=self.code)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def api(server: Server) -> AsyncIterator[ApiServer]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    listening = TestServer(app)
    await listening.start_server()
    configuration = client.Configuration(host=str(listening.make_url("")).rstrip("/"))
    configuration.api_key = {"BearerToken": "Bearer the-token"}
    async with client.ApiClient(configuration) as api_client:
        yield ApiServer(api_client)
    await listening.close()


async def test_a_call_brings_the_token_and_json_in_and_out(server: Server, api: ApiServer) -> None:
    server.body = {"items": [1]}

    answer = await api.request("GET", "/api/v1/namespaces/lab/pods", query={"labelSelector": "a=b"})

    ((method, path, headers, body),) = server.requests
    assert answer == {"items": [1]}
    assert (method, path, body) == ("GET", "/api/v1/namespaces/lab/pods?labelSelector=a%3Db", None)
    assert headers["Authorization"] == "Bearer the-token"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (422, Unprocessable),
        (400, ApiException),
        (429, ApiException),
        (500, ApiException),
    ],
)
async def test_each_error_is_of_its_kind_and_says_what_the_api_server_says(
    server: Server, api: ApiServer, code: int, kind: type[ApiException]
) -> None:
    server.code, server.body = code, {"kind": "Status", "message": "jobs.batch is invalid"}

    with pytest.raises(kind) as caught:
        await api.request("POST", "/apis/batch/v1/namespaces/lab/jobs", body={"kind": "Job"})

    assert caught.value.status == code
    assert message_of(caught.value) == "jobs.batch is invalid"


@pytest.mark.parametrize("body", [None, "", "<html>", "[]", "{}"])
def test_an_error_without_words(body: str | None) -> None:
    assert message_of(ApiException(status=502, reason="Bad Gateway", body=body)) == "502 Bad Gateway"


async def test_what_is_not_there_is_none(server: Server, api: ApiServer) -> None:
    server.code = 404

    assert await Cluster(api).simulation("lab", "cell-discharge") is None
    assert await Cluster(api).job("lab", "bsim-1") is None


async def test_what_is_already_there_was_created(server: Server, api: ApiServer) -> None:
    server.code = 409

    await Cluster(api).create_job({"metadata": {"namespace": "lab"}})
    await Cluster(api).create_event({"metadata": {"namespace": "lab"}})

    assert [path for _, path, _, _ in server.requests] == [
        "/apis/batch/v1/namespaces/lab/jobs",
        "/api/v1/namespaces/lab/events",
    ]


async def test_a_job_that_is_invalid_is_not_taken_for_one_that_is_there(
    server: Server, api: ApiServer
) -> None:
    server.code = 422

    with pytest.raises(Unprocessable):
        await Cluster(api).create_job({"metadata": {"namespace": "lab"}})


async def test_a_status_is_applied_to_exactly_what_was_read(server: Server, api: ApiServer) -> None:
    await Cluster(api).apply_status(
        simulation(), BatterySimulationStatus(phase=Phase.RUNNING), FieldManager.OPERATOR
    )

    ((method, path, headers, body),) = server.requests
    assert method == "PATCH"
    assert path == f"{PATH}/status?fieldManager=batterysim-operator&force=true"
    assert headers["Content-Type"] == "application/apply-patch+yaml"
    assert body["metadata"] == {
        "namespace": "lab",
        "name": "cell-discharge",
        "uid": simulation()["metadata"]["uid"],
        "resourceVersion": "100",
    }
    assert body["status"] == {"phase": "Running"}  # what is absent is given up, so nothing is null


@pytest.mark.parametrize(
    ("namespace", "path"),
    [
        (None, "/apis/batterysim.dev/v1alpha1/batterysimulations"),
        ("lab", "/apis/batterysim.dev/v1alpha1/namespaces/lab/batterysimulations"),
    ],
)
async def test_simulations_are_listed_in_pages(
    server: Server, api: ApiServer, namespace: str | None, path: str
) -> None:
    server.body = {"items": [simulation()], "metadata": {"resourceVersion": "7"}}

    found = [item async for item in Cluster(api).simulations(namespace)]

    assert found == [simulation()]
    assert server.requests[0][1] == f"{path}?limit=20"


async def test_only_pods_that_the_job_controls_are_its_pods(server: Server, api: ApiServer) -> None:
    """Anyone may create a pod with the same labels, and an old Job's pod may still be there."""
    ours, theirs, orphan = pod("Running"), pod("Failed", age=7), pod("Failed", age=8)
    theirs["metadata"]["ownerReferences"][0]["uid"] = "6f1b2c3d-0000-4000-8000-000000000009"
    del orphan["metadata"]["ownerReferences"]
    server.body = {"items": [ours, theirs, orphan]}

    assert await Cluster(api).pods_of(job(), UID) == [ours]


async def test_a_pod_is_marked_as_failed_before_it_is_deleted(server: Server, api: ApiServer) -> None:
    """Its Job keeps it until then by a finalizer, whatever is forced."""
    lost = pod("Running")
    lost["metadata"] |= {"namespace": "lab", "uid": UID}

    await Cluster(api).give_up_pod(lost)

    mark, deletion = server.requests
    path = f"/api/v1/namespaces/lab/pods/{lost['metadata']['name']}"
    assert mark[:2] == ("PATCH", f"{path}/status")
    assert mark[2]["Content-Type"] == "application/strategic-merge-patch+json"
    assert mark[3]["metadata"] == {"uid": UID}
    assert mark[3]["status"]["phase"] == "Failed"
    assert mark[3]["status"]["conditions"][0]["type"] == "DisruptionTarget"
    assert deletion[:2] == ("DELETE", path)
    assert deletion[3] == {"gracePeriodSeconds": 0, "preconditions": {"uid": UID}}


async def test_a_connection_that_breaks_is_an_error_of_aiohttp() -> None:
    """The queue repeats any error; the resync must know this one."""
    configuration = client.Configuration(host="http://127.0.0.1:1")
    async with client.ApiClient(configuration) as api_client:
        with pytest.raises(aiohttp.ClientError):
            await ApiServer(api_client).request("GET", "/api")
