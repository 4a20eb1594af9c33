"""A namespace of its own on the real cluster, under the restricted Pod Security profile.

E2E_ISOLATION is the isolation of simulations that ask for none: Job, or Process, for which the namespace gets
shared runners. `make test-process` runs with them the tests that do not look at Jobs or pods.
"""

import copy
import itertools
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from devtools.kube import Kube, Manifest, Results, forwarded_bridge, load_example
from playwright.sync_api import Browser

from tests.e2e.browser import Visitor, editor_token, running_browser, visitor
from tests.e2e.release import changed_release
from tests.namespaces import remove_namespace

NAMESPACE = "batterysim-e2e"
SHARED_NAMESPACES = ("batterysim-shared", NAMESPACE)
ISOLATION = os.environ.get("E2E_ISOLATION", "Job")


@pytest.fixture(scope="session")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    kube = Kube(NAMESPACE)
    remove_namespace(kube)  # a run that was killed has left it
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    kube.core.create_namespace({"metadata": {"name": NAMESPACE, "labels": labels}})
    if ISOLATION == "Job":
        yield kube
    else:
        runners = [{"namespace": name, "concurrency": 2} for name in SHARED_NAMESPACES]
        values = {"sharedRunners": runners, "sharedRunner.resources.requests.cpu": "100m"}  # for want of room
        with changed_release(values, tmp_path_factory.mktemp("release")):
            yield kube
    kube.core.delete_namespace(NAMESPACE)


@pytest.fixture(scope="module")
def results(kube: Kube) -> Iterator[Results]:
    """For a file, because a forwarded port ends with its pod, and some files replace the bridge's."""
    with forwarded_bridge() as url:
        yield Results(url, kube.reader_token())


@pytest.fixture
def simulation() -> Callable[..., Manifest]:
    """Build a simulation from an example, with changes by dotted path and a name of its own."""
    numbers = itertools.count(1)
    started = time.time_ns() // 1_000_000

    def build(example: str = "cell-discharge", **changes: Any) -> Manifest:
        manifest = copy.deepcopy(load_example(example))
        manifest["metadata"]["name"] = f"{example}-{started}-{next(numbers)}"
        for path, value in changes.items():
            *parents, last = path.split("__")
            target = manifest["spec"]
            for parent in parents:
                target = target.setdefault(parent, {})
            target[last] = value
        if ISOLATION != "Job":
            manifest["spec"].setdefault("run", {}).setdefault("isolation", ISOLATION)
        return manifest

    return build


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The forwarded bridge, for a file as well."""
    with forwarded_bridge() as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a file, because a running one has an event loop, which asynchronous tests want for themselves."""
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def token(kube: Kube) -> str:
    """Return a token of somebody who may create and delete simulations."""
    return editor_token(kube)


@pytest.fixture
def editor(browser: Browser, url: str, token: str) -> Iterator[Visitor]:
    """Somebody who has signed in with that token."""
    with visitor(browser, url, token=token) as someone:
        yield someone
