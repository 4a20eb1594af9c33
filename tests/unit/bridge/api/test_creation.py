"""Creating and checking simulations over HTTP."""

import asyncio
import copy
import dataclasses
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
import yaml

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_bridge.api.creation import Creation, create_once
from batterysim_bridge.api.submission import read_submission, to_manifest
from batterysim_bridge.app import create_app
from batterysim_bridge.cluster.cluster import RefusedError

from ..builders import NAME, manifest, with_settings
from .calls import AS_READER, AS_WRITER, PATH, SPEC, Json, post, slug, wrong_fields


async def test_a_simulation_is_created_for_the_user(client, cluster):
    answer = await post(client, {"name": "mine", "labels": {"campaign": "spring"}, "spec": SPEC})

    assert answer.status_code == 202
    assert answer.headers["location"] == f"{PATH}/default/mine"
    created = cluster.manifests["mine"]
    assert created["spec"] == SPEC
    assert created["metadata"]["labels"] == {"campaign": "spring"}
    assert created["metadata"]["annotations"]["batterysim.dev/submitted-by"] == "grace"
    assert cluster.asked == [("create", "default", None)]


async def test_the_answer_is_the_object_without_notes_of_machines(client):
    answer = (await post(client, {"name": "mine", "spec": SPEC})).json()

    assert (answer["kind"], answer["metadata"]["name"]) == ("BatterySimulation", "mine")
    assert "managedFields" not in answer["metadata"]


async def test_what_is_created_can_be_read_at_once_where_the_answer_says(client):
    created = await post(client, {"spec": SPEC})

    found = await client.get(created.headers["location"], headers=AS_READER)

    assert found.status_code == 200
    assert found.json() == created.json()


async def test_a_manifest_for_kubectl_is_taken_as_yaml(client, cluster):
    body = {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "BatterySimulation",
        "metadata": {"name": "from-yaml", "namespace": "lab", "annotations": {"note": "first"}},
        "spec": SPEC,
    }
    headers = AS_WRITER | {"Content-Type": "application/yaml; charset=utf-8"}

    answer = await client.post(PATH, content=yaml.safe_dump(body), headers=headers)

    assert answer.headers["location"] == f"{PATH}/lab/from-yaml"
    assert cluster.manifests["from-yaml"]["metadata"]["annotations"]["note"] == "first"


@pytest.mark.parametrize(
    ("query", "body", "namespace"),
    [
        ("", {}, "default"),
        ("?namespace=lab", {}, "lab"),
        ("", {"namespace": "lab"}, "lab"),
        ("?namespace=lab", {"namespace": "lab"}, "lab"),
    ],
)
async def test_the_namespace_is_that_of_body_or_query(client, query, body, namespace):
    answer = await post(client, {"name": "mine", "spec": SPEC, **body}, PATH + query)

    assert answer.headers["location"] == f"{PATH}/{namespace}/mine"


async def test_a_name_begins_as_the_manifest_says(client):
    """As with `kubectl create`; with a key, the same request gets the same name."""
    body = {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "BatterySimulation",
        "metadata": {"generateName": "cell-"},
        "spec": SPEC,
    }

    generated = await post(client, body)
    derived = [await post(client, body, Idempotency_Key="k") for _ in "12"]

    assert generated.headers["location"].startswith(f"{PATH}/default/cell-")
    assert derived[0].headers["location"] == derived[1].headers["location"]
    assert derived[0].json()["metadata"]["name"].startswith("cell-")


async def test_a_name_is_made_up_when_there_is_none(client):
    first, second = await post(client, {"spec": SPEC}), await post(client, {"spec": SPEC})

    assert first.headers["location"].startswith(f"{PATH}/default/sim-")
    assert first.headers["location"] != second.headers["location"]


# --- The same again


async def test_the_same_key_and_request_get_the_same_simulation(client, cluster):
    first = await post(client, {"spec": SPEC}, Idempotency_Key="monday-7")
    second = await post(client, {"spec": SPEC}, Idempotency_Key='"monday-7"')

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.headers["location"] == second.headers["location"]
    assert first.json() == second.json()
    assert len(cluster.manifests) == 1


async def test_json_and_yaml_of_the_same_request_are_the_same(client):
    key = {"Idempotency-Key": "k"}
    first = await client.post(PATH, json={"spec": SPEC}, headers=AS_WRITER | key)
    headers = AS_WRITER | key | {"Content-Type": "application/yaml"}
    second = await client.post(PATH, content=yaml.safe_dump({"spec": SPEC}), headers=headers)

    assert second.headers["location"] == first.headers["location"]


@pytest.mark.parametrize(
    "other",
    [
        {"spec": {**SPEC, "model": {"family": "SPM"}}},
        {"spec": SPEC, "labels": {"a": "b"}},
        {"spec": SPEC, "name": "another-name"},
    ],
    ids=["another spec", "another label", "another name"],
)
async def test_the_same_key_with_another_request_is_refused(client, cluster, other):
    first = await post(client, {"spec": SPEC}, Idempotency_Key="k")

    second = await post(client, other, Idempotency_Key="k")

    assert (second.status_code, slug(second)) == (409, "key-reused")
    assert first.json()["metadata"]["name"] in second.json()["detail"]
    assert len(cluster.manifests) == 1


async def test_a_key_means_something_else_in_each_namespace(client):
    here = await post(client, {"spec": SPEC}, Idempotency_Key="k")
    there = await post(client, {"spec": SPEC}, PATH + "?namespace=lab", Idempotency_Key="k")

    assert here.json()["metadata"]["name"] != there.json()["metadata"]["name"]


async def test_another_replica_knows_the_key(client, bridge, cluster):
    first = await post(client, {"spec": SPEC}, Idempotency_Key="k")
    other = httpx.ASGITransport(create_app(dataclasses.replace(bridge)))

    async with httpx.AsyncClient(transport=other, base_url="http://bridge") as replica:
        second = await post(replica, {"spec": SPEC}, Idempotency_Key="k")

    assert second.headers["location"] == first.headers["location"]


async def test_of_two_at_the_same_moment_one_creates_and_both_get_it(client, cluster, monkeypatch):
    first = await post(client, {"spec": SPEC}, Idempotency_Key="k")

    async def not_yet(*_: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(cluster, "labelled", not_yet)
    second = await post(client, {"spec": SPEC}, Idempotency_Key="k")

    assert second.status_code == 202
    assert second.headers["location"] == first.headers["location"]


@pytest.mark.parametrize("bodies", [({"name": "a"}, {"name": "b"}), ({}, {"name": "a"}, {"name": "b"})])
async def test_of_different_requests_with_one_key_at_the_same_moment_the_first_stays(
    client, cluster, monkeypatch, bodies
):
    """Each has found before that the key is new, and nobody looks again before all have created theirs."""
    everybody, create, labelled = asyncio.Barrier(len(bodies)), cluster.create, cluster.labelled
    created = []

    async def found_before(namespace: str, label: str, value: str, at: str | None = None) -> tuple[Json, ...]:
        return await labelled(namespace, label, value, at) if len(created) == len(bodies) else ()

    async def create_with_the_others(wanted: Json) -> Json:
        await everybody.wait()
        made = await create(wanted)
        created.append(made["metadata"]["name"])
        await everybody.wait()
        return made

    monkeypatch.setattr(cluster, "labelled", found_before)
    monkeypatch.setattr(cluster, "create", create_with_the_others)
    answers = await asyncio.gather(
        *(post(client, {"spec": SPEC, **body}, Idempotency_Key="k") for body in bodies)
    )

    assert list(cluster.manifests) == created[:1]
    (kept,) = (answer for answer in answers if answer.status_code == 202)
    assert kept.json()["metadata"]["name"] == created[0]
    others = [answer for answer in answers if answer is not kept]
    assert [(answer.status_code, slug(answer)) for answer in others] == [(409, "key-reused")] * len(others)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("body", [{}, {"name": "mine"}], ids=["no name", "a name"])
async def test_a_kill_at_any_call_of_a_creation_leaves_one_simulation(bridge, cluster, body, after):
    """The client has no answer then, and sends the same request again, to another bridge."""

    class KilledError(BaseException):
        """SIGKILL."""

    calls: list[str] = []
    kill_at = 0

    def guarded(do: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*arguments: Any) -> Any:
            calls.append(do.__name__)
            is_last = len(calls) == kill_at
            if is_last and not after:
                raise KilledError
            answer = await do(*arguments)
            if is_last:
                raise KilledError
            return answer

        return call

    for name in ("labelled", "create", "manifest", "delete"):
        setattr(cluster, name, guarded(getattr(cluster, name)))
    submission = read_submission({"spec": SPEC, **body}, None, "default")
    creation = Creation(
        submission.namespace, submission.request_hash, lambda key: to_manifest(submission, key, "grace")
    )
    for kill_at in (1, 2, 3):
        calls.clear()
        cluster.manifests.clear()
        cluster.objects.clear()

        with pytest.raises(KilledError):
            await create_once(cluster, creation, f"key-{kill_at}")
        created = await create_once(cluster, creation, f"key-{kill_at}")

        assert list(cluster.manifests) == [created["metadata"]["name"]]


async def test_one_that_has_given_way_is_no_reason_to_give_way(client, cluster, monkeypatch):
    """A second one, whose key had a first, was deleted before anyone looked: the third is alone."""
    create = cluster.create

    async def create_and_lose_the_others(wanted: Json) -> Json:
        await create({**wanted, "metadata": {**wanted["metadata"], "name": "gave-way"}})
        made = await create(wanted)
        await cluster.delete("default", "gave-way")
        return made

    monkeypatch.setattr(cluster, "create", create_and_lose_the_others)

    assert (await post(client, {"spec": SPEC, "name": "c"}, Idempotency_Key="k")).status_code == 202
    assert list(cluster.manifests) == ["c"]


async def test_the_same_name_and_request_get_the_same_simulation(client, cluster):
    first = await post(client, {"name": "mine", "spec": SPEC})
    second = await post(client, {"name": "mine", "spec": SPEC})

    assert first.json() == second.json()


async def test_another_simulation_of_the_name_is_not_touched(client, cluster):
    cluster.manifests[NAME] = manifest()

    answer = await post(client, {"name": NAME, "spec": SPEC})

    assert (answer.status_code, slug(answer)) == (409, "exists")
    assert cluster.manifests[NAME] == manifest()


async def test_an_object_that_vanishes_in_between_is_asked_for_again(client, cluster):
    assert NAME in cluster.objects
    assert NAME not in cluster.manifests

    answer = await post(client, {"name": NAME, "spec": SPEC})

    assert (answer.status_code, answer.json()["retryable"]) == (503, True)


# --- What is wrong


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cell": {"parameterSet": "Chen2021"}}, "spec.cell.parameterSet"),
        (
            {"cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.5}},
            "spec.cell.initialStateOfCharge",
        ),
        ({"protocol": {"driveCycle": {"name": "US07"}}}, "spec.protocol.driveCycle.name"),
        ({"protocol": {}}, "spec.protocol"),
        ({"modle": {"family": "DFN"}}, "spec.modle"),
        ({"output": {"points": "many"}}, "spec.output.points"),
        ({"run": {"retries": -1}}, "spec.run.retries"),
        ({"callback": {"url": "ftp://somewhere"}}, "spec.callback.url"),
    ],
)
async def test_each_wrong_field_of_the_spec_is_named(client, cluster, change, field):
    answer = await post(client, {"spec": {**SPEC, **change}})

    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert wrong_fields(answer) == [field]
    assert cluster.manifests == {}


async def test_everything_that_is_wrong_is_named_at_once(client):
    spec = {"cell": {"parameterSet": "Chen2020", "lowerCutoffVolts": -1}, "protocol": {"rest": {}}}

    answer = await post(client, {"spec": spec})

    assert wrong_fields(answer) == ["spec.cell.lowerCutoffVolts", "spec.protocol.rest.durationSeconds"]


async def test_a_request_that_is_wrong_everywhere_gets_a_short_answer(client):
    spec = {**SPEC, "output": {"points": "x" * 100_000}, **{f"field{number}": 1 for number in range(1000)}}

    answer = await post(client, {"spec": spec})

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 50
    assert "and 951 more" in answer.json()["detail"]
    assert len(answer.content) < 20_000


def fields_of(schema: Json, definitions: Json, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each field's path in a JSON schema, and a value of a type that it cannot have."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for option in schema.get("anyOf", ()):
        yield from fields_of(option, definitions, path)
    kind = schema.get("type", "null")
    if path and kind != "null":
        yield path, 7 if kind in ("object", "array") else ["wrong"]
    for name, inner in schema.get("properties", {}).items():
        yield from fields_of(inner, definitions, f"{path}.{name}" if path else name)


async def test_every_field_is_refused_when_it_is_of_the_wrong_type(client, cluster):
    schema = BatterySimulationSpec.model_json_schema(by_alias=True)
    fields = dict(fields_of(schema, schema["$defs"]))
    assert len(fields) > 100
    for path, value in fields.items():
        *parents, last = path.split(".")
        spec = inner = copy.deepcopy(SPEC)
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = value

        answer = await post(client, {"spec": spec})

        assert answer.status_code == 422, path
        top = f"spec.{path.partition('.')[0]}"
        assert any(field.startswith(top) for field in wrong_fields(answer)), path
    assert cluster.manifests == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "spec"),
        ({"spec": 5}, "spec"),
        ({"spec": SPEC, "name": "../../secrets/x"}, "name"),
        ({"spec": SPEC, "name": "A"}, "name"),
        ({"spec": SPEC, "name": "a" * 254}, "name"),
        ({"spec": SPEC, "namespace": "../kube-system"}, "namespace"),
        ({"spec": SPEC, "namespace": "a.b"}, "namespace"),
        ({"spec": SPEC, "lables": {}}, "lables"),
        ({"spec": SPEC, "labels": {"a b": "c"}}, "labels.a b"),
        ({"spec": SPEC, "labels": {"a": "b c"}}, "labels.a"),
        ({"spec": SPEC, "labels": {"batterysim.dev/idempotency-key": "x"}}, None),
        ({"spec": SPEC, "kind": "BatterySimulation"}, "apiVersion"),
        ({"spec": SPEC, "metadata": {"uid": "x"}}, None),
        ({"spec": SPEC, "metadata": {"finalizers": ["x"]}, "apiVersion": "v1", "kind": "Pod"}, "kind"),
    ],
)
async def test_what_is_wrong_around_the_spec_is_named(client, cluster, body, field):
    answer = await post(client, body)

    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert any(field is None or named.startswith(field) for named in wrong_fields(answer))
    assert cluster.manifests == {}


async def test_body_and_query_may_not_name_different_namespaces(client):
    answer = await post(client, {"namespace": "lab", "spec": SPEC}, PATH + "?namespace=plant")

    assert answer.status_code == 422
    assert "is 'lab', but the query says 'plant'" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"null", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"spec": {}, "spec": {}}', "application/json", 400),
        (b'{"spec": NaN}', "application/json", 400),
        (b'{"name": "\xff"}', "application/json", 400),
        ('{"name": "ü"}'.encode("utf-16"), "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b"{}", "application/json; charset=latin-1", 415),
        (b"{}", "multipart/form-data", 415),
        (b" " * (1 << 20) + b"{}", "application/json", 413),
        (b"a: &a [x]\nb: *a", "application/yaml", 400),
    ],
)
async def test_a_malformed_request_is_refused(client, cluster, content, content_type, status):
    answer = await client.post(PATH, content=content, headers=AS_WRITER | {"Content-Type": content_type})

    assert answer.status_code == status
    slug(answer)
    assert cluster.manifests == {}


async def test_compressed_content_is_not_taken(client):
    headers = AS_WRITER | {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert (await client.post(PATH, content=b"{}", headers=headers)).status_code == 415


@pytest.mark.parametrize("key", ["", '""', "ü", "a" * 256, "a\tb"])
async def test_a_key_that_cannot_be_remembered_is_refused(client, key):
    headers = AS_WRITER | {"Idempotency-Key": key.encode()}

    answer = await client.post(PATH, json={"spec": SPEC}, headers=headers)

    assert (answer.status_code, wrong_fields(answer)) == (400, ["Idempotency-Key"])


@pytest.mark.parametrize(
    ("refusal", "status", "kind"),
    [
        (RefusedError(403, "exceeded quota: simulations"), 403, "refused"),
        (RefusedError(404, "namespaces 'lab' not found"), 404, "no-namespace"),
        (RefusedError(422, "spec.run: admission denied"), 422, "invalid"),
        (RefusedError(413, "etcdserver: request is too large"), 413, "too-large"),
    ],
)
async def test_what_the_api_server_refuses_is_said_in_its_words(client, cluster, refusal, status, kind):
    cluster.refusal = refusal

    answer = await post(client, {"spec": SPEC})

    assert (answer.status_code, slug(answer)) == (status, kind)
    assert f"the API server says: {refusal}" in answer.json()["detail"]


async def test_namespaces_of_other_bridges_are_refused(bridge):
    other = httpx.ASGITransport(create_app(with_settings(bridge, watch_namespaces=("lab",))))
    async with httpx.AsyncClient(transport=other, base_url="http://bridge") as client:
        assert (await post(client, {"spec": SPEC})).status_code == 404
        assert (await client.get(f"{PATH}?namespace=plant", headers=AS_READER)).status_code == 404


# --- Reading
