"""What the Job Manager has had simulated."""

from typing import Any

from devtools.kube import Kube

from batterysim import names

# hack/deploy tells the bridge. It has a shared runner.
NAMESPACE = "batterysim-shared"
NAME_PREFIX = "job-manager-"
SELECTOR = f"{names.LABEL_CREATED_BY}=job-manager"


def simulations(kube: Kube) -> list[dict[str, Any]]:
    """Return them as the API server has them."""
    found = kube.objects.list_namespaced_custom_object(
        names.GROUP, names.VERSION, NAMESPACE, names.PLURAL, label_selector=SELECTOR
    )
    items: list[dict[str, Any]] = found["items"]
    return items


def names_of_all(kube: Kube) -> set[str]:
    """Return their names."""
    return {str(item["metadata"]["name"]) for item in simulations(kube)}


def attempts(kube: Kube) -> dict[str, int]:
    """Return how often each was handed out to a shared runner."""
    return {str(item["metadata"]["name"]): item["status"]["claim"]["attempt"] for item in simulations(kube)}


def delete_all(kube: Kube) -> None:
    """Remove them, so that nothing is answered from before."""
    here = Kube(NAMESPACE)
    for name in names_of_all(kube):
        here.delete(name)
