"""Two releases in one cluster: each serves a namespace of its own, both a third; later they share a bucket.

`make faults-two-releases` calls this. No run is made twice, each result is with the bridge that its status
names, users are told, and neither release removes what the other has stored.
"""

import itertools
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest, Results, forwarded_bridge
from devtools.node_port import bridge_at_node_port
from kubernetes.client.exceptions import ApiException

from tests.e2e.release import CHART, RELEASE, WAIT, changed_release, helm
from tests.e2e.runner_pods import noted_runner_pods
from tests.e2e.waiting import until
from tests.namespaces import fresh_namespace
from tests.unit.bridge.s3_server import BUCKET, KEYS, running_s3_server

FIRST, SECOND = f"{SYSTEM_NAMESPACE}/{RELEASE}", "batterysim-e2e-second/second-batterysim"
SECOND_NAMESPACE, SECOND_RELEASE = SECOND.split("/")
OWN, THEIRS, COMMON = "batterysim-e2e-own", "batterysim-e2e-theirs", "batterysim-e2e-common"
SHARED_RUNNERS = "batterysim-shared"
CREDENTIALS = "s3-for-tests"
RUNS = 4


class Stage(NamedTuple):
    """What the test plays with. bucket: its folder on this machine. store: the values of a release for it."""

    own: Kube
    theirs: Kube
    common: Kube
    bucket: Path
    store: dict[str, Any]
    directory: Path


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The first release keeps its results in a bucket, the second one in its pod."""
    directory = tmp_path_factory.mktemp("two-releases")
    own, theirs, common, second = (Kube(name) for name in (OWN, THEIRS, COMMON, SECOND_NAMESPACE))
    bucket = directory / "s3"
    bucket.mkdir()
    with (
        fresh_namespace(own),
        fresh_namespace(theirs),
        fresh_namespace(common),
        fresh_namespace(second),
        bridge_at_node_port(own) as node_port,
        running_s3_server(bucket, node_port.this_machine) as address,
        keys_in(Kube(SYSTEM_NAMESPACE)),
        keys_in(second),
    ):
        place = {"bucket": BUCKET, "endpoint": f"http://{address}", "allowHttp": True}
        store = {"type": "s3", "s3": {**place, "credentialsSecret": CREDENTIALS}}
        served = {"watchNamespaces": [OWN, COMMON, SHARED_RUNNERS], "notServedPolicy.create": False}
        images = images_of_first_release()
        with changed_release(
            {**served, "bridge.store.type": "s3", "bridge.store.s3": store["s3"]}, directory
        ):
            stage = Stage(own, theirs, common, bucket / "buckets" / BUCKET, store, directory)
            install_second(stage, images, [THEIRS, COMMON], {"persistence": {"enabled": False}})
            try:
                yield stage
            finally:
                run("helm", "uninstall", SECOND_RELEASE, "--namespace", SECOND_NAMESPACE, "--wait")


@contextmanager
def keys_in(kube: Kube) -> Iterator[None]:
    """Give a release's namespace the keys of the bucket."""
    with suppress(ApiException):  # of a run that was killed
        kube.core.delete_namespaced_secret(CREDENTIALS, kube.namespace)
    kube.core.create_namespaced_secret(
        kube.namespace, {"metadata": {"name": CREDENTIALS}, "stringData": KEYS}
    )
    try:
        yield
    finally:
        kube.core.delete_namespaced_secret(CREDENTIALS, kube.namespace)


def images_of_first_release() -> dict[str, Any]:
    values = json.loads(helm("get", "values", RELEASE, "--output", "json"))
    return {"image": values["image"], "runner": {"image": values["runner"]["image"]}}


def install_second(
    stage: Stage, images: dict[str, Any], namespaces: list[str], store: dict[str, Any]
) -> None:
    values = {
        **images,
        "crds": {"enabled": False},
        "watchNamespaces": namespaces,
        "notServedPolicy": {"create": False},
        "bridge": {"store": store},
    }
    file = stage.directory / "second.yaml"
    file.write_text(yaml.safe_dump(values), encoding="utf-8")
    place = ("--install", SECOND_RELEASE, str(CHART), "--namespace", SECOND_NAMESPACE)
    run("helm", "upgrade", *place, "--reset-values", "--values", str(file), *WAIT)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


@contextmanager
def bridges(kube: Kube) -> Iterator[dict[str, Results]]:
    """Reach both bridges with a token of a reader of a namespace, by the release."""
    token = kube.reader_token()
    with (
        forwarded_bridge() as first,
        forwarded_bridge(service=f"{SECOND_RELEASE}-bridge", namespace=SECOND_NAMESPACE) as second,
    ):
        yield {FIRST: Results(first, token), SECOND: Results(second, token)}


NUMBERS = itertools.count(1)


def run_some(kube: Kube, count: int) -> dict[str, Manifest]:
    """Run simulations to their end."""
    names = [f"two-releases-{next(NUMBERS)}" for _ in range(count)]
    for name in names:
        kube.create(
            {
                "apiVersion": "batterysim.dev/v1alpha1",
                "kind": "BatterySimulation",
                "metadata": {"name": name},
                "spec": {
                    "model": {"family": "SPM"},
                    "cell": {"parameterSet": "Chen2020"},
                    "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 60}},
                },
            }
        )
    ended = kube.wait_for_end(*names)
    assert {item["status"]["phase"] for item in ended.values()} == {"Succeeded"}
    return ended


@pytest.mark.parametrize(("namespace", "release"), [(OWN, FIRST), (THEIRS, SECOND)])
def test_each_release_runs_and_keeps_what_only_it_serves(stage: Stage, namespace: str, release: str) -> None:
    kube = stage.own if namespace == OWN else stage.theirs
    (name,) = run_some(kube, 1)

    with bridges(kube) as both:
        answers = {key: bridge.get(namespace, name) for key, bridge in both.items()}

    (other,) = answers.keys() - {release}
    assert answers[release].status_code == 200
    assert answers[other].status_code == 404
    assert answers[other].json()["detail"] == f"this bridge does not serve namespace '{namespace}'"


def test_what_both_serve_is_run_once_kept_by_one_and_told(stage: Stage) -> None:
    with noted_runner_pods(stage.common, "two-releases-") as pods:
        ended = run_some(stage.common, RUNS)
    print(f"{RUNS} runs of both releases: {dict(pods.runs)} pods")
    assert dict(pods.runs) == dict.fromkeys(ended, 1)

    with bridges(stage.common) as both:
        for name, simulation in ended.items():
            uri = simulation["status"]["results"]["uri"]
            keeper = SECOND if SECOND_NAMESPACE in uri else FIRST
            answers = {key: bridge.get(COMMON, name) for key, bridge in both.items()}
            (other,) = answers.keys() - {keeper}
            assert answers[keeper].status_code == 200
            assert answers[other].status_code == 404
            assert f"is not in this bridge, but at {uri}" in answers[other].json()["detail"]

    events = stage.common.core.list_namespaced_event(COMMON, field_selector="reason=ServedTwice").items
    assert events
    for event in events:
        assert FIRST in event.message
        assert SECOND in event.message
        assert "give each release namespaces of its own (watchNamespaces)" in event.message


def scale_first_bridge(kube: Kube, replicas: int) -> None:
    place = ("--namespace", SYSTEM_NAMESPACE)
    run("kubectl", "scale", "deployment/batterysim-bridge", f"--replicas={replicas}", *place)
    run("kubectl", "rollout", "status", "deployment/batterysim-bridge", "--timeout=90s", *place)
    selector = f"app.kubernetes.io/instance={RELEASE},app.kubernetes.io/component=bridge"
    until(lambda: count_pods(kube, selector) == replicas, 90)


def count_pods(kube: Kube, selector: str) -> int:
    return len(kube.core.list_namespaced_pod(SYSTEM_NAMESPACE, label_selector=selector).items)


def log_of(release: str) -> str:
    namespace, name = release.split("/")
    return run("kubectl", "logs", f"deployment/{name}-bridge", "--namespace", namespace)


def refused(bridge: Results) -> float:
    """Return how many orphans a bridge has found and left."""
    lines = bridge.session.get(f"{bridge.url}/metrics", timeout=10).text.splitlines()
    (line,) = [line for line in lines if line.startswith('batterysim_bridge_orphans{state="refused"}')]
    return float(line.split()[-1])


def objects_of(stage: Stage, uid: str) -> list[Path]:
    return [path for path in stage.bucket.rglob("*") if path.is_file() and uid in str(path)]


def test_neither_removes_from_a_bucket_that_both_have_signed(stage: Stage) -> None:
    """A result whose simulation went while no bridge looked is an orphan to both of them."""
    ended = run_some(stage.own, 2)
    gone, stays = ended.values()
    uid, kept = gone["metadata"]["uid"], stays["metadata"]["name"]
    before = objects_of(stage, uid)
    assert before

    scale_first_bridge(stage.own, 0)
    try:
        stage.own.delete(gone["metadata"]["name"])
        images = images_of_first_release()
        install_second(stage, images, [OWN, THEIRS, COMMON], stage.store)
    finally:
        scale_first_bridge(stage.own, 1)

    with bridges(stage.own) as both:
        for release, bridge in both.items():
            until(lambda release=release: "nothing is removed: " in log_of(release), 60)
            assert "other releases have kept their results in this store" in log_of(release)
            assert refused(bridge) >= 1
            # It has the bucket, and so the other's results as well.
            assert bridge.get(OWN, kept).status_code == 200
    assert objects_of(stage, uid) == before
    print(f"0 of {len(before)} objects of the orphan were removed")
