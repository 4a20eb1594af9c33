"""Operator and bridge of two versions, in all four pairs, while simulations run: none is lost or Invalid.

`make faults-upgrade OLD=<commit>` builds the other version's images and calls this. FAULTS_OLD_CHART and
FAULTS_OLD_TAG say where they are. The last step is a rollback, after which the old bridge has to read what
the new one has stored.
"""

import itertools
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest, Results, forwarded_bridge

from batterysim import names

NAMESPACE = "batterysim-shared"
RELEASE = "batterysim"
NEW_CHART = Path(__file__).parents[2] / "helm" / "batterysim"
OLD_CHART = os.environ.get("FAULTS_OLD_CHART", "")
OLD_TAG = os.environ.get("FAULTS_OLD_TAG", "")
RUNS_AT_ONCE = int(os.environ.get("FAULTS_RUNS", "50")) // 5
LABELS = {"campaign": "upgrade"}
BRIDGE = "deployment/batterysim-bridge"


class Release:
    """The installed release, whose charts and images change."""

    def __init__(self) -> None:
        self._values = Path(tempfile.mkdtemp()) / "values.yaml"
        self._values.write_text(run("helm", "get", "values", RELEASE, "--output", "yaml"), encoding="utf-8")
        self._image = run(
            "kubectl", "get", BRIDGE, "-o", "jsonpath={.spec.template.spec.containers[0].image}"
        )

    def install_old(self) -> None:
        self._install(
            OLD_CHART, "--set-string", f"image.tag={OLD_TAG}", "--set-string", f"runner.image.tag={OLD_TAG}"
        )

    def install_new(self) -> None:
        self._install(str(NEW_CHART))

    def _install(self, chart: str, *changes: str) -> None:
        values = ("--reset-values", "--values", str(self._values), *changes)
        run("helm", "upgrade", RELEASE, chart, *values, "--wait", "--timeout", "5m")

    def give_bridge_the_new_image(self) -> None:
        self._set_bridge(self._image)

    def give_bridge_the_old_image(self) -> None:
        self._set_bridge(f"{self._image.rpartition(':')[0]}:{OLD_TAG}")

    def _set_bridge(self, image: str) -> None:
        run("kubectl", "set", "image", BRIDGE, f"bridge={image}")
        run("kubectl", "rollout", "status", BRIDGE, "--timeout=5m")


def run(program: str, *arguments: str) -> str:
    """Run a program on the release's namespace; return what it prints."""
    command = [program, "--namespace", SYSTEM_NAMESPACE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


@pytest.fixture
def kube() -> Iterator[Kube]:
    kube = Kube(NAMESPACE)
    delete_all(kube)
    yield kube
    delete_all(kube)


def delete_all(kube: Kube) -> None:
    kube.objects.delete_collection_namespaced_custom_object(
        names.GROUP, names.VERSION, NAMESPACE, names.PLURAL, label_selector="campaign=upgrade"
    )


def simulation(number: int) -> Manifest:
    """Return a simulation of some seconds: each third on a shared runner, each fourth in cycles."""
    experiment = {
        "experiment": {"steps": ["Discharge at 1C for 20 minutes", "Rest for 5 minutes"], "cycles": 2}
    }
    drive = {"driveCycle": {"name": "US06", "repeat": 2}}
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": f"upgrade-{number}", "labels": LABELS},
        "spec": {
            "model": {"family": "DFN"},
            "cell": {
                "parameterSet": "Chen2020",
                "parameters": {"Electrode height [m]": 0.065 + number / 1e5},
            },
            "protocol": experiment if number % 4 == 0 else drive,
            "run": {"isolation": "Process" if number % 3 == 0 else "Job"},
        },
    }


@pytest.mark.skipif(not OLD_CHART, reason="needs FAULTS_OLD_CHART: run `make faults-upgrade OLD=<commit>`")
def test_no_pair_of_versions_loses_a_run(kube: Kube) -> None:
    release = Release()
    numbers = itertools.count()
    created: list[str] = []

    def create_some() -> None:
        """Create simulations, and wait until some of them run."""
        some = [simulation(next(numbers)) for _ in range(RUNS_AT_ONCE)]
        for manifest in some:
            kube.create(manifest)
            created.append(manifest["metadata"]["name"])
        while not any(kube.get(name).get("status", {}).get("phase") == "Running" for name in created):
            time.sleep(0.2)

    began = time.monotonic()
    try:
        release.install_old()
        create_some()
        release.give_bridge_the_new_image()
        create_some()
        release.install_new()
        create_some()
        release.give_bridge_the_old_image()
        create_some()
        release.install_old()
        create_some()
        ended = kube.wait_for_end(*created, timeout_seconds=1800)
        unread_by_old = unreadable(kube, created)
    finally:
        release.install_new()
    phases = {name: item["status"].get("failure", {}) for name, item in ended.items() if not is_good(item)}
    print(
        f"{len(created)} runs in {time.monotonic() - began:.0f} s; ended badly: {len(phases)}; "
        f"unreadable by the old bridge: {len(unread_by_old)}"
    )
    assert phases == {}
    assert unread_by_old == {}
    assert unreadable(kube, created) == {}


def is_good(simulation: Manifest) -> bool:
    return bool(simulation["status"]["phase"] == "Succeeded")


def unreadable(kube: Kube, created: list[str]) -> dict[str, int]:
    """Return the answers for the results that the bridge does not give."""
    with forwarded_bridge() as url:
        results = Results(url, kube.reader_token())
        answers = {name: results.get(NAMESPACE, name).status_code for name in created}
    return {name: answer for name, answer in answers.items() if answer != 200}
