"""Paths of the API server, all of them built of names by `path_of`, which refuses whatever is none."""

from batterysim import names
from batterysim.kubernetes_names import path_of

SIMULATIONS = ("apis", names.GROUP, names.VERSION)
PODS = EVENTS = SECRETS = ("api", "v1")
LEASES = ("apis", "coordination.k8s.io", "v1")
JOBS = ("apis", "batch", "v1")
DEPLOYMENTS = ("apis", "apps", "v1")


def simulations_path(namespace: str | None, *name: str) -> str:
    """Return the path of one BatterySimulation or a part of it, of a namespace's, or of all (None).

    >>> simulations_path("lab", "cell-1", "status")
    '/apis/batterysim.dev/v1alpha1/namespaces/lab/batterysimulations/cell-1/status'

    Raises:
        NotANameError: a segment is no name.
    """
    return _path(SIMULATIONS, namespace, names.PLURAL, *name)


def sweeps_path(namespace: str | None, *name: str) -> str:
    """Return the path of one BatterySweep or a part of it, of a namespace's, or of all (None)."""
    return _path(SIMULATIONS, namespace, names.SWEEP_PLURAL, *name)


def jobs_path(namespace: str, *name: str) -> str:
    """Return the path of a namespace's Jobs, or of one of them."""
    return _path(JOBS, namespace, "jobs", *name)


def pods_path(namespace: str, *name: str) -> str:
    """Return the path of a namespace's pods, or of one of them."""
    return _path(PODS, namespace, "pods", *name)


def events_path(namespace: str) -> str:
    """Return the path of a namespace's Events."""
    return _path(EVENTS, namespace, "events")


def secrets_path(namespace: str, name: str) -> str:
    """Return the path of a Secret."""
    return _path(SECRETS, namespace, "secrets", name)


def lease_path(namespace: str, name: str) -> str:
    """Return the path of a Lease."""
    return _path(LEASES, namespace, "leases", name)


def scale_path(namespace: str, deployment: str) -> str:
    """Return the path of a Deployment's scale, which holds its number of pods."""
    return _path(DEPLOYMENTS, namespace, "deployments", deployment, "scale")


def review_path(group: str, kind: str) -> str:
    """Return the path at which reviews are created, which answer a question.

    >>> review_path("authentication.k8s.io", "TokenReview")
    '/apis/authentication.k8s.io/v1/tokenreviews'
    """
    return path_of("apis", group, "v1", f"{kind.lower()}s")


def _path(api: tuple[str, ...], namespace: str | None, *rest: str) -> str:
    scope = () if namespace is None else ("namespaces", namespace)
    return path_of(*api, *scope, *rest)
