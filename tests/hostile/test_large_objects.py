"""A hundred objects as large as they can be: operator and bridge list them all when they start."""

import json
import subprocess
from collections.abc import Iterator

import pytest
from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest
from kubernetes.client.exceptions import ApiException

from batterysim import names
from tests.builders import raw_spec
from tests.e2e.waiting import pods_of_component, until

from .witness import resident_megabytes, restarts

NAMESPACE = "batterysim-large"
OBJECTS = 100
LIMIT_MEGABYTES = {"operator": 512 * 1.048576, "bridge": 1024 * 1.048576}


def large(number: int) -> Manifest:
    """Return an object of 0.65 MB that cannot be run."""
    spec = raw_spec(
        cell={"parameterSet": None, "bpx": {"document": "b" * 199_000}},
        protocol={"profile": {"quantity": "Current", "csv": "c" * 199_000}},
    )
    del spec["cell"]["parameterSet"]
    metadata = {"name": f"large-{number}", "annotations": {"note": "a" * 250_000}}
    return {"apiVersion": names.API_VERSION, "kind": names.KIND, "metadata": metadata, "spec": spec}


@pytest.fixture
def kube() -> Iterator[Kube]:
    kube = Kube(NAMESPACE)
    try:
        kube.core.create_namespace({"metadata": {"name": NAMESPACE}})
    except ApiException as error:
        if error.status != 409:
            raise
    yield kube
    kube.core.delete_namespace(NAMESPACE)


def kubectl(*arguments: str) -> None:
    subprocess.run(("kubectl", "-n", SYSTEM_NAMESPACE, *arguments), check=True, capture_output=True)


def test_operator_and_bridge_come_up_beside_a_hundred_large_objects(kube: Kube) -> None:
    sizes = []
    for number in range(OBJECTS):
        manifest = large(number)
        sizes.append(len(json.dumps(manifest)))
        kube.create(manifest)
    print(f"{OBJECTS} objects, {sum(sizes) / 1e6:.0f} MB")

    for component in LIMIT_MEGABYTES:
        kubectl("rollout", "restart", f"deployment/batterysim-{component}")
    for component in LIMIT_MEGABYTES:
        kubectl("rollout", "status", f"deployment/batterysim-{component}", "--timeout=120s")

    until(lambda: all("phase" in (kube.get(f"large-{n}").get("status") or {}) for n in (0, OBJECTS - 1)), 60)
    for component, limit in LIMIT_MEGABYTES.items():
        (pod,) = pods_of_component(kube, component)
        peak = resident_megabytes(pod, "VmHWM")
        print(f"{component}: {peak:.0f} MB at most, of {limit:.0f}")
        assert peak < limit / 2
    assert set(restarts(kube).values()) == {0}
