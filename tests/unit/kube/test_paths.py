"""Paths of the API server are made of names, and of nothing else."""

from collections.abc import Callable

import pytest

from batterysim.kubernetes_names import NotANameError
from batterysim_kube.paths import (
    events_path,
    jobs_path,
    lease_path,
    pods_path,
    secrets_path,
    simulations_path,
)

TRAVERSALS = (
    "../../kube-system/secrets/x",
    "..",
    ".",
    "",
    "a/b",
    "a?watch=true",
    "a%2fb",
    "a#b",
    "a b",
    "á",
    "x" * 300,
)


def test_paths_of_simulations() -> None:
    all_of_them = "/apis/batterysim.dev/v1alpha1/batterysimulations"
    of_lab = "/apis/batterysim.dev/v1alpha1/namespaces/lab/batterysimulations"

    assert simulations_path(None) == all_of_them
    assert simulations_path("lab") == of_lab
    assert simulations_path("lab", "cell-1", "status") == f"{of_lab}/cell-1/status"


def test_paths_of_kubernetes_own_objects() -> None:
    assert jobs_path("lab", "bsim-1") == "/apis/batch/v1/namespaces/lab/jobs/bsim-1"
    assert pods_path("lab") == "/api/v1/namespaces/lab/pods"
    assert events_path("lab") == "/api/v1/namespaces/lab/events"
    assert secrets_path("lab", "key") == "/api/v1/namespaces/lab/secrets/key"
    assert lease_path("lab", "us") == "/apis/coordination.k8s.io/v1/namespaces/lab/leases/us"


@pytest.mark.parametrize("name", TRAVERSALS)
@pytest.mark.parametrize("path", [simulations_path, jobs_path, lease_path, pods_path, secrets_path])
def test_what_is_no_name_becomes_no_path(path: Callable[..., str], name: str) -> None:
    with pytest.raises(NotANameError, match="is not a name"):
        path("lab", name)
    with pytest.raises(NotANameError, match="is not a name"):
        path(name, "cell-1")
