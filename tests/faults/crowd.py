"""Many simulations of one tenant, none of which ever runs: a quota forbids their Jobs."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from devtools.kube import Kube, Manifest

from batterysim import names
from tests.namespaces import fresh_namespace

AT_ONCE = 8
LONGEST_SECONDS = 600


@contextmanager
def tenant_without_jobs(kube: Kube) -> Iterator[None]:
    """Have a namespace in which no Job may be created."""
    with fresh_namespace(kube):
        quota = {"metadata": {"name": "none"}, "spec": {"hard": {"count/jobs.batch": "0"}}}
        kube.core.create_namespaced_resource_quota(kube.namespace, quota)
        # The API server counts from its own copy of the quota.
        wait_until(lambda: bool(kube.core.read_namespaced_resource_quota("none", kube.namespace).status.hard))
        yield


def create_crowd(kube: Kube, count: int, **spec: Any) -> None:
    """Create simulations as fast as the API server takes them."""

    def create(number: int) -> None:
        kube.create(
            {
                "apiVersion": names.API_VERSION,
                "kind": names.KIND,
                "metadata": {"name": f"crowd-{number}"},
                "spec": {
                    "model": {"family": "SPM"},
                    "cell": {"parameterSet": "Chen2020"},
                    "protocol": {
                        "constantCurrent": {"currentAmperes": 1 + number / 1000, "durationSeconds": 60}
                    },
                    **spec,
                },
            }
        )

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(create, range(count)))


def wait_for_all(kube: Kube, count: int, condition: Callable[[Manifest], bool]) -> None:
    """Wait until so many simulations fulfil a condition of their status."""
    wait_until(lambda: sum(condition(item.get("status") or {}) for item in listed(kube)) >= count)


def listed(kube: Kube) -> list[Manifest]:
    found = kube.objects.list_namespaced_custom_object(
        names.GROUP, names.VERSION, kube.namespace, names.PLURAL
    )
    return list(found["items"])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it has not happened in time"
        time.sleep(1)
