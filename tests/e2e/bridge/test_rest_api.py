"""The REST API on a real cluster: submit, watch, fetch, draw, cancel, each with a user's own rights."""

import io
import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow.parquet as pq
import pytest
import requests
from devtools.kube import Kube, Results
from kubernetes.client.exceptions import ApiException

from batterysim import names
from batterysim.names import SIMULATIONS_PATH, TOKEN_AUDIENCE
from tests.e2e.waiting import until

EDITOR = "batterysim-editor"
SPEC: dict[str, Any] = {
    "cell": {"parameterSet": "Chen2020"},
    "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}},
}


class User:
    """Calls the API with a token of its own."""

    def __init__(self, url: str, namespace: str, token: str) -> None:
        self._url = url
        self.namespace = namespace
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str = "", **options: Any) -> requests.Response:
        """Call a path below /v1/simulations, or one that an answer has named."""
        path = path if path.startswith(SIMULATIONS_PATH) else SIMULATIONS_PATH + path
        return self._session.request(method, self._url + path, timeout=60, **options)

    def submit(self, key: str | None = None, **body: Any) -> requests.Response:
        """Submit a simulation in this user's namespace."""
        headers = {} if key is None else {"Idempotency-Key": key}
        whole = {"namespace": self.namespace, "spec": SPEC, **body}
        return self.call("POST", json=whole, headers=headers)

    def events(self, path: str, **headers: str) -> Iterator[tuple[str, str, Any]]:
        """Yield name, id and data of each event until the stream ends."""
        with self.call("GET", path, headers=headers, stream=True) as answer:
            answer.raise_for_status()
            fields: dict[str, str] = {}
            for line in answer.iter_lines(decode_unicode=True):
                if not line and "data" in fields:
                    yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
                    fields = {}
                elif line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    fields[name] = value


@pytest.fixture(scope="module")
def editor(kube: Kube, results: Results) -> User:
    """Return a user who may do everything with simulations in the tests' namespace."""
    account = {"metadata": {"name": EDITOR}}
    binding = {
        "metadata": {"name": EDITOR},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "batterysim-editor",
        },
        "subjects": [{"kind": "ServiceAccount", "name": EDITOR, "namespace": kube.namespace}],
    }
    for make, body in (
        (kube.core.create_namespaced_service_account, account),
        (kube.rbac.create_namespaced_role_binding, binding),
    ):
        try:
            make(kube.namespace, body)
        except ApiException as error:
            if error.status != 409:
                raise
    request = {"spec": {"audiences": [TOKEN_AUDIENCE], "expirationSeconds": 3600}}
    answer = kube.core.create_namespaced_service_account_token(EDITOR, kube.namespace, request)
    return User(results.url, kube.namespace, answer.status.token)


@pytest.fixture(scope="module")
def reader(kube: Kube, results: Results) -> User:
    """Return a user who may only read."""
    return User(results.url, kube.namespace, kube.reader_token())


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


def test_submit_watch_fetch_draw_and_cancel(kube: Kube, editor: User, key: str):
    submitted = editor.submit(key)
    assert submitted.status_code == 202
    path = submitted.headers["Location"]
    name = submitted.json()["metadata"]["name"]

    events = list(editor.events(f"{path}/events"))

    assert events[-1][0] == "end"
    status = events[-1][2]["status"]
    assert status["phase"] == "Succeeded"
    assert len({identifier for _, identifier, _ in events}) == len(events)
    found = editor.call("GET", f"{path}/result")
    assert found.headers["ETag"] == f'"{status["results"]["sha256"]}"'
    table = pq.read_table(io.BytesIO(found.content))
    assert table.num_rows == status["results"]["rows"]
    assert table["Voltage [V]"][-1].as_py() == pytest.approx(status["summary"]["endVolts"], abs=1e-3)
    assert editor.call("GET", f"{path}/plot.svg").text.startswith("<svg")
    assert editor.call("GET", f"{path}/plot.png").content.startswith(b"\x89PNG")
    assert editor.call("DELETE", path).status_code == 204
    until(lambda: not kube.exists(name))
    assert editor.call("GET", path).status_code == 404


def test_who_comes_back_with_the_last_id_is_told_nothing_again(editor: User, key: str):
    path = editor.submit(key).headers["Location"]
    last_id = list(editor.events(f"{path}/events"))[-1][1]

    assert list(editor.events(f"{path}/events", **{"Last-Event-ID": last_id})) == []


def test_the_same_request_twice_is_one_simulation(kube: Kube, editor: User, key: str):
    first, second = editor.submit(key), editor.submit(key)
    other = editor.submit(key, labels={"another": "request"})

    assert first.headers["Location"] == second.headers["Location"]
    assert first.json()["metadata"]["uid"] == second.json()["metadata"]["uid"]
    assert other.status_code == 409
    assert kube.exists(first.json()["metadata"]["name"])


def test_of_ten_requests_with_one_key_at_the_same_moment_one_simulation_stays(
    kube: Kube, editor: User, key: str
):
    names = [f"{key[:8]}-{number}" for number in range(10)]
    with ThreadPoolExecutor(len(names)) as pool:
        answers = list(pool.map(lambda name: editor.submit(key, name=name), names))

    assert sorted(answer.status_code for answer in answers) == [202] + 9 * [409]
    (created,) = (answer.json()["metadata"]["name"] for answer in answers if answer.status_code == 202)
    assert [name for name in names if kube.exists(name)] == [created]


def test_a_list_shows_what_was_submitted_and_its_pages_lead_on(editor: User, key: str):
    label = f"batch={key[:8]}"
    names = {editor.submit(labels={"batch": key[:8]}).json()["metadata"]["name"] for _ in range(3)}
    query = f"?namespace={editor.namespace}&label={label}&limit=2"
    until(lambda: editor.call("GET", query).json()["total"] == 3)

    first = editor.call("GET", query)
    second = editor.call("GET", first.links["next"]["url"])

    pages = [first.json()["items"], second.json()["items"]]
    assert [len(page) for page in pages] == [2, 1]
    assert {item["metadata"]["name"] for page in pages for item in page} == names


def test_a_reader_reads_and_changes_nothing(editor: User, reader: User, key: str):
    path = editor.submit(key).headers["Location"]

    assert reader.call("GET", path).status_code == 200
    assert reader.call("GET", f"?namespace={reader.namespace}").status_code == 200
    assert reader.submit(key).status_code == 403
    assert reader.call("DELETE", path).status_code == 403
    assert reader.call("GET").status_code == 403
    assert reader.call("GET", "?namespace=kube-system").status_code == 403


def test_what_only_the_api_server_knows_to_be_wrong_is_said_in_its_words(kube: Kube, editor: User):
    quota = {
        "metadata": {"name": "no-more"},
        "spec": {"hard": {"count/batterysimulations.batterysim.dev": "0"}},
    }
    kube.core.create_namespaced_resource_quota(kube.namespace, quota)
    try:
        until(lambda: editor.submit().status_code == 403)
        refused = editor.submit().json()
    finally:
        kube.core.delete_namespaced_resource_quota("no-more", kube.namespace)

    assert refused["type"] == "urn:batterysim:problem:refused"
    assert "exceeded quota" in refused["detail"]


def test_a_spec_that_the_bridge_takes_the_api_server_takes_too(editor: User):
    spec = {
        "model": {"family": "SPMe", "options": {"thermal": "lumped"}},
        "cell": {"parameterSet": "Chen2020", "ambientTemperatureCelsius": 25, "initialStateOfCharge": 1},
        "protocol": {"experiment": {"steps": ["Discharge at 1C for 1 minute", "Rest for 1 minute"]}},
        "output": {"periodSeconds": 10},
        "run": {"retries": 0, "resources": {"requests": {"cpu": 1}}},
    }

    assert editor.submit(spec=spec).status_code == 202


def test_head_is_get_without_content_on_a_connection_that_goes_on(editor: User, reader: User):
    path = editor.submit().headers["Location"]

    for asked in (path, f"{SIMULATIONS_PATH}?namespace={reader.namespace}"):
        head, got = reader.call("HEAD", asked), reader.call("GET", asked)
        assert (head.status_code, head.content) == (200, b"")
        assert got.json()
    # Everything there is to follow begins at once, and HEAD does not wait for its end.
    assert reader.call("HEAD", f"{path}/events").headers["Content-Type"].startswith("text/event-stream")
    assert set(reader.call("PUT", path).headers["Allow"].split(", ")) == {"GET", "HEAD", "DELETE"}


@pytest.mark.parametrize(
    ("fields", "is_valid"),
    [
        ({"currentAmperes": 5}, True),
        ({"currentAmperes": "5"}, False),
        ({"currentAmperes": True}, False),
        ({"currentAmperes": None}, False),
        ({"currentAmperes": 5, "cRate": None}, True),
        ({"currentAmperes": 5, "durationSeconds": None}, False),
    ],
)
def test_bridge_and_api_server_agree_on_types(
    kube: Kube, editor: User, fields: dict[str, Any], is_valid: bool
):
    spec = {**SPEC, "protocol": {"constantCurrent": {"durationSeconds": 60, **fields}}}
    manifest = {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"generateName": "types-"},
        "spec": spec,
    }

    def ask_the_api_server() -> int:
        try:
            kube.objects.create_namespaced_custom_object(
                names.GROUP, names.VERSION, kube.namespace, names.PLURAL, manifest, dry_run="All"
            )
        except ApiException as error:
            return error.status
        return 202

    expected = 202 if is_valid else 422
    assert (ask_the_api_server(), editor.submit(spec=spec).status_code) == (expected, expected)
