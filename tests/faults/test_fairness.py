"""One tenant's simulation and callback, next to tenants that hold everything up: it hardly takes longer.

`make faults-fairness` has 400 callbacks to a receiver that never answers, and a tenant with 1,000 simulations
whose Jobs a quota forbids, so that the operator tries again for each of them every minute. FAULTS_OWED,
FAULTS_OBJECTS and FAULTS_RUNS change that.
"""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from devtools.kube import Kube, Manifest

from batterysim import names
from tests.namespaces import fresh_namespace

from ..e2e.release import changed_release
from .crowd import create_crowd, tenant_without_jobs, wait_for_all
from .receivers import HANGS, TAKES, receiver, url_of

OWED = int(os.environ.get("FAULTS_OWED", "400"))
OBJECTS = int(os.environ.get("FAULTS_OBJECTS", "1000"))
RUNS = int(os.environ.get("FAULTS_RUNS", "9"))
LONGER_AT_MOST = 1.5
CALM, HANGING, CROWDED = (f"batterysim-faults-{name}" for name in ("calm", "hanging", "crowded"))
DEADLINE_SECONDS = 15


class Course(NamedTuple):
    """Seconds from the creation of a simulation until its callback was delivered, alone and beside others."""

    alone: list[float]
    beside: list[float]

    @property
    def ratio(self) -> float:
        return statistics.median(self.beside) / statistics.median(self.alone)

    def __str__(self) -> str:
        alone, beside = (statistics.median(seconds) for seconds in self)
        most = f"{max(self.alone):.1f} and {max(self.beside):.1f} s at most"
        return (
            f"a run {alone:.1f} s alone, {beside:.1f} s beside them, {self.ratio:.2f} times as long; {most}"
        )


def simulation(number: int, url: str) -> Manifest:
    """Return a simulation that asks for its result."""
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": f"run-{number}"},
        "spec": {
            "model": {"family": "SPM"},
            "cell": {"parameterSet": "Chen2020"},
            "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 600}},
            "callback": {"url": url},
            "run": {"isolation": "Job"},
        },
    }


def seconds_to_delivery(kube: Kube, manifest: Manifest) -> float:
    """Run a simulation; return how long it takes from its creation until its callback was delivered."""
    began, name = time.monotonic(), manifest["metadata"]["name"]
    kube.create(manifest)
    with kube.changes(timeout_seconds=120) as changes:
        for item in changes:
            status = item.get("status") or {}
            if item["metadata"]["name"] == name and "deliveredTime" in status.get("callback", {}):
                assert status["phase"] == "Succeeded"
                return time.monotonic() - began
    raise TimeoutError(f"{name} was not delivered: {kube.get(name).get('status')}")


@contextmanager
def hanging_callbacks(count: int) -> Iterator[None]:
    """Have so many callbacks wait for a receiver that never answers."""
    kube = Kube(HANGING)
    with tenant_without_jobs(kube), receiver(kube, "hanging", HANGS) as url:
        create_crowd(kube, count, callback={"url": url}, run={"deadlineSeconds": DEADLINE_SECONDS})
        wait_for_all(kube, count, lambda status: status.get("phase") == "Failed")
        yield


@contextmanager
def crowd(count: int) -> Iterator[None]:
    """Have a tenant with so many simulations, each of which the operator tries to start every minute."""
    kube = Kube(CROWDED)
    with tenant_without_jobs(kube):
        create_crowd(kube, count, run={"deadlineSeconds": 3600})
        wait_for_all(kube, count, lambda status: status.get("phase") == "Pending")
        yield


def run_beside_others(owed: int, objects: int, runs: int, directory: Path) -> Course:
    """Run simulations alone, and then beside the others."""
    kube = Kube(CALM)
    urls = [url_of(CALM, "taking"), url_of(HANGING, "hanging")]
    with ExitStack() as stack:
        enter = stack.enter_context
        enter(changed_release({"operator.callbacks.allowedPrivateUrls": urls}, directory))
        enter(fresh_namespace(kube))
        url = enter(receiver(kube, "taking", TAKES))
        numbers = iter(range(2 * runs + 1))
        seconds_to_delivery(kube, simulation(next(numbers), url))  # loads the image and warms everything up
        alone = [seconds_to_delivery(kube, simulation(next(numbers), url)) for _ in range(runs)]
        enter(hanging_callbacks(owed))
        enter(crowd(objects))
        beside = [seconds_to_delivery(kube, simulation(next(numbers), url)) for _ in range(runs)]
    course = Course(alone, beside)
    print(f"{owed} callbacks that hang, {objects} simulations of another tenant: {course}")
    return course


def test_others_cost_a_tenant_hardly_any_time(tmp_path: Path) -> None:
    assert run_beside_others(OWED, OBJECTS, RUNS, tmp_path).ratio <= LONGER_AT_MOST
