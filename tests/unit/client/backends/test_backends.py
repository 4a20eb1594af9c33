"""Both ways ask the right server the right question, and read its answer."""

import json
from collections.abc import Callable

import httpx
import pytest

from batterysim.idempotency import LABEL_KEY_HASH
from batterysim.problem import InvalidSpecError
from batterysim.status import Phase
from batterysim_client.backends.backend import Backend, Began, Complete, Event, Seen, Upserted
from batterysim_client.backends.bridge_access import BridgeAccess
from batterysim_client.backends.creation import marked
from batterysim_client.backends.kubernetes import KubernetesBackend
from batterysim_client.backends.rest import HttpBackend
from batterysim_client.errors import ConflictError, NotFoundError, RefusedError
from batterysim_client.filter import Filter
from batterysim_client.submission import to_manifest
from tests.builders import raw_spec

from ..builders import Handler, http_to, kube_status, raw

KUBE_PATH = "/apis/batterysim.dev/v1alpha1/namespaces/lab/batterysimulations"


def by_http(handler: Handler) -> HttpBackend:
    return HttpBackend(http_to(handler), "http://server", "lab")


def by_kubeconfig(handler: Handler) -> KubernetesBackend:
    http = http_to(handler)
    return KubernetesBackend(http, "context kind", "lab", BridgeAccess(http, lambda: None, None, None))


def answering(*answers: httpx.Response | dict[str, object]) -> tuple[Handler, list[httpx.Request]]:
    """Return a handler that answers one after the other, and the requests that it gets."""
    left = iter(answers)
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        answer = next(left)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    return handler, requests


async def names_of(backend: Backend, wanted: Filter = Filter()) -> list[str]:  # noqa: B008 - it is frozen
    return [item.name async for item in backend.simulations("lab", wanted)]


async def test_a_list_by_http_goes_on_to_the_last_page_and_leaves_filtering_to_the_bridge() -> None:
    handler, requests = answering({"items": [raw("b")], "nextCursor": "after-b"}, {"items": [raw("a")]})
    wanted = Filter(frozenset({Phase.RUNNING}), frozenset({"driveCycle"}), "a=b", "cell")

    assert await names_of(by_http(handler), wanted) == ["b", "a"]
    query = {
        "namespace": "lab",
        "phase": "Running",
        "protocol": "driveCycle",
        "label": "a=b",
        "q": "cell",
        "limit": "500",
    }
    assert [dict(request.url.params) for request in requests] == [query, {**query, "cursor": "after-b"}]


async def test_a_list_by_kubeconfig_is_the_same_list() -> None:
    handler, requests = answering(
        {
            "items": [raw("old", created="09:00:00"), raw("new", created="11:00:00")],
            "metadata": {"continue": "x"},
        },
        {"items": [raw("also-new", created="11:00:00"), raw("other", phase="Failed")], "metadata": {}},
    )
    wanted = Filter(frozenset({Phase.PENDING}), frozenset({"constantCurrent"}), "a=b")

    assert await names_of(by_kubeconfig(handler), wanted) == ["also-new", "new", "old"]
    assert requests[0].url.path == KUBE_PATH
    assert [dict(request.url.params) for request in requests] == [
        {"limit": "500", "labelSelector": "a=b"},
        {"limit": "500", "labelSelector": "a=b", "continue": "x"},
    ]


@pytest.mark.parametrize("way", [by_http, by_kubeconfig])
async def test_objects_are_read_and_deleted(way: Callable[[Handler], Backend]) -> None:
    handler, requests = answering(raw("cell", phase="Running"), {})
    backend = way(handler)

    assert (await backend.read("lab", "cell")).phase is Phase.RUNNING
    await backend.delete("lab", "cell")
    assert [request.method for request in requests] == ["GET", "DELETE"]
    assert all(request.url.path.endswith("/cell") for request in requests)


async def test_by_http_the_bridge_looks_after_the_key() -> None:
    handler, requests = answering(raw("cell"))

    created = await by_http(handler).create(to_manifest(raw_spec(), "lab"), "my-key")

    assert created.name == "cell"
    assert requests[0].headers["Idempotency-Key"] == "my-key"


async def test_by_kubeconfig_the_same_key_gets_the_same_simulation() -> None:
    manifest = to_manifest(raw_spec(), "lab")
    alone = {"items": [raw("sim-1")], "metadata": {}}
    first, requests = answering({"items": [], "metadata": {}}, raw("sim-1"), alone)
    await by_kubeconfig(first).create(manifest, "my-key")
    sent = json.loads(requests[1].read())
    existing = {**raw(sent["metadata"]["name"]), "metadata": {**raw()["metadata"], **sent["metadata"]}}

    again, requests = answering({"items": [existing], "metadata": {}})
    found = await by_kubeconfig(again).create(manifest, "my-key")

    assert found.name == sent["metadata"]["name"]
    selector = f"{LABEL_KEY_HASH}={sent['metadata']['labels'][LABEL_KEY_HASH]}"
    assert [request.url.params.get("labelSelector") for request in requests] == [selector]


@pytest.mark.parametrize(
    ("at_creation", "gives_way"), [(["other", "cell"], True), (["cell"], False)], ids=["later", "first"]
)
async def test_by_kubeconfig_of_two_with_one_key_at_the_same_moment_the_later_gives_way(
    at_creation: list[str], gives_way: bool
) -> None:
    request = marked(to_manifest(raw_spec(), "lab", name="cell"), "my-key")
    both = {name: raw(name, uid=f"uid-of-{name}", version=7) for name in ("cell", "other")}
    for item in both.values():
        item["metadata"]["labels"] = request["metadata"]["labels"]
    handler, requests = answering(
        {"items": [], "metadata": {}},
        both["cell"],
        {"items": [both["cell"], both["other"]], "metadata": {}},
        {"items": [both[name] for name in at_creation], "metadata": {}},
        {},
    )

    creation = by_kubeconfig(handler).create(to_manifest(raw_spec(), "lab", name="cell"), "my-key")

    if gives_way:
        with pytest.raises(ConflictError, match="the idempotency key belongs to 'other'"):
            await creation
        assert requests[-1].url.path.endswith("/cell")
        assert json.loads(requests[-1].read()) == {"preconditions": {"uid": "uid-of-cell"}}
    else:
        assert (await creation).name == "cell"
    assert [request.method for request in requests] == ["GET", "POST", "GET", "GET", "DELETE"][
        : 4 + gives_way
    ]
    exactly = {"resourceVersion": "7", "resourceVersionMatch": "Exact"}
    assert exactly.items() <= dict(requests[3].url.params).items()


async def test_by_kubeconfig_a_name_that_is_taken_is_looked_at() -> None:
    handler, _ = answering(kube_status(409, "already exists"), raw("cell"))

    with pytest.raises(ConflictError, match="use another name"):
        await by_kubeconfig(handler).create(to_manifest(raw_spec(), "lab", name="cell"), None)


async def test_by_kubeconfig_what_cannot_be_run_is_not_even_sent() -> None:
    handler, requests = answering()

    with pytest.raises(InvalidSpecError, match="spec"):
        await by_kubeconfig(handler).create(to_manifest({"cell": {}}, "lab"), None)
    assert requests == []


async def events_of(backend: Backend, since: str | None, name: str | None = None) -> list[Event]:
    return [event async for event in backend.events("lab", name, since)]


async def test_events_by_http() -> None:
    stream = (
        ": heartbeat\n\nretry: 3000\n\n"
        f"event: phase\nid: 4\ndata: {json.dumps(raw())}\n\n"
        "event: sync\nid: 5\ndata: {}\n\n"
        "event: something-new\nid: 6\ndata: {}\n\n"
    )
    handler, requests = answering(
        httpx.Response(200, text=stream, headers={"Content-Type": "text/event-stream"})
    )

    began, told, complete = await events_of(by_http(handler), None)

    assert isinstance(began, Began)
    assert isinstance(told, Upserted)
    assert (told.simulation.name, told.version, complete) == ("cell", "4", Complete("5"))
    assert "Last-Event-ID" not in requests[0].headers


async def test_events_by_http_go_on_where_they_ended() -> None:
    handler, requests = answering(httpx.Response(204))

    assert await events_of(by_http(handler), "17", "cell") == []
    assert requests[0].url.path == "/v1/simulations/lab/cell/events"
    assert requests[0].headers["Last-Event-ID"] == "17"


async def test_a_watch_by_kubeconfig_is_a_list_and_what_follows() -> None:
    lines = [
        {"type": "MODIFIED", "object": raw(version=8)},
        {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}},
        {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}},
    ]
    handler, requests = answering(
        {"metadata": {"resourceVersion": "7"}, "items": [raw()]},
        httpx.Response(200, text="\n".join(map(json.dumps, lines))),
    )

    events = await events_of(by_kubeconfig(handler), None, "cell")

    assert [type(event) for event in events] == [Began, Upserted, Complete, Upserted, Seen, Began]
    assert requests[1].url.params["resourceVersion"] == "7"
    assert all(request.url.params["fieldSelector"] == "metadata.name=cell" for request in requests)


async def test_a_watch_by_kubeconfig_bears_every_character() -> None:
    content = raw(version=8)
    content["metadata"]["annotations"] = {"note": "next\u0085line\u2028separated"}
    line = json.dumps({"type": "MODIFIED", "object": content}, ensure_ascii=False)
    handler, _ = answering(httpx.Response(200, text=line + "\n"))

    (told,) = await events_of(by_kubeconfig(handler), "7")

    assert isinstance(told, Upserted)
    assert told.simulation.manifest["metadata"]["annotations"] == content["metadata"]["annotations"]


async def test_a_watch_that_is_a_login_page() -> None:
    handler, _ = answering(httpx.Response(200, html="<html>\n<body>"))

    with pytest.raises(RefusedError, match="context kind: the answer is not JSON, but begins with b'<html>'"):
        await events_of(by_kubeconfig(handler), "7")


async def test_logs_are_not_to_be_had_by_http() -> None:
    with pytest.raises(RefusedError, match="'cell' with a kubeconfig"):
        await anext(by_http(answering()[0]).log("lab", "cell", follow=False))


def pod(name: str, created: str, state: str) -> dict[str, object]:
    return {
        "metadata": {"name": name, "creationTimestamp": f"2026-11-24T{created}Z"},
        "status": {"containerStatuses": [{"state": {state: {}}}]},
    }


async def test_a_log_is_that_of_the_newest_pod_that_has_started() -> None:
    pods = [
        pod("first", "10:00:00", "terminated"),
        pod("second", "11:00:00", "running"),
        pod("third", "12:00:00", "waiting"),
    ]
    handler, requests = answering(raw(), {"items": pods}, httpx.Response(200, text="one\ntwo\n"))

    assert [line async for line in by_kubeconfig(handler).log("lab", "cell", follow=False)] == ["one", "two"]
    assert requests[-1].url.path == "/api/v1/namespaces/lab/pods/second/log"


async def test_a_log_that_is_followed_waits_for_its_pod() -> None:
    handler, _ = answering(
        raw(),
        {"items": []},
        raw(),
        {"items": [pod("p", "10:00:00", "running")]},
        httpx.Response(200, text="one\n"),
    )

    assert [line async for line in by_kubeconfig(handler).log("lab", "cell", follow=True)] == ["one"]


@pytest.mark.parametrize("follow", [True, False])
async def test_a_log_waits_for_the_kubelet_to_report_that_its_pod_has_run(follow: bool) -> None:
    handler, _ = answering(
        raw(phase="Succeeded"),
        {"items": [pod("p", "10:00:00", "waiting")]},
        raw(phase="Succeeded"),
        {"items": [pod("p", "10:00:00", "terminated")]},
        httpx.Response(200, text="one\n"),
    )

    assert [line async for line in by_kubeconfig(handler).log("lab", "cell", follow=follow)] == ["one"]


@pytest.mark.parametrize(
    ("phase", "follow", "message"),
    [("Pending", False, "has no pod yet"), ("Failed", True, "its pod is gone")],
)
async def test_a_log_that_is_not_there(phase: str, follow: bool, message: str) -> None:
    handler, _ = answering(raw(phase=phase), {"items": []})

    with pytest.raises(NotFoundError, match=message):
        await anext(by_kubeconfig(handler).log("lab", "cell", follow=follow))
