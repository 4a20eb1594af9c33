"""Users of the tests' namespace, each a ServiceAccount with one of the chart's roles."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from devtools.kube import Kube
from kubernetes import config
from kubernetes.client.exceptions import ApiException

from batterysim.names import TOKEN_AUDIENCE

RBAC = "rbac.authorization.k8s.io"


def make_user(kube: Kube, name: str, cluster_role: str) -> None:
    """Make a ServiceAccount with a ClusterRole in the namespace, if it is not there."""
    _make(kube.core.create_namespaced_service_account, kube.namespace, {"metadata": {"name": name}})
    bind(kube, name, {"apiGroup": RBAC, "kind": "ClusterRole", "name": cluster_role}, kube.namespace)


def bind(kube: Kube, name: str, role: Mapping[str, str], namespace: str) -> None:
    """Give a user of the tests' namespace a role in a namespace."""
    binding = {
        "metadata": {"name": f"e2e-{name}-{role['name']}"},
        "roleRef": role,
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": kube.namespace}],
    }
    _make(kube.rbac.create_namespaced_role_binding, namespace, binding)


def may_have_tokens_for_the_bridge(kube: Kube, name: str) -> None:
    """Let a user create tokens of its own account, as Kubernetes' role `edit` does for all of a namespace."""
    rules = [
        {
            "apiGroups": [""],
            "resources": ["serviceaccounts/token"],
            "resourceNames": [name],
            "verbs": ["create"],
        }
    ]
    role = {"metadata": {"name": f"{name}-own-tokens"}, "rules": rules}
    _make(kube.rbac.create_namespaced_role, kube.namespace, role)
    bind(kube, name, {"apiGroup": RBAC, "kind": "Role", "name": f"{name}-own-tokens"}, kube.namespace)


def token_of(kube: Kube, name: str, audience: str | None = TOKEN_AUDIENCE) -> str:
    """Return a token of a user, for the bridge or, without an audience, for the API server."""
    audiences = [] if audience is None else [audience]
    request = {"spec": {"audiences": audiences, "expirationSeconds": 3600}}
    answer = kube.core.create_namespaced_service_account_token(name, kube.namespace, request)
    return str(answer.status.token)


def kubeconfig_of(kube: Kube, name: str, file: Path) -> Path:
    """Write a kubeconfig with which a user calls the API server."""
    _, active = config.list_kube_config_contexts()
    found = Path(config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION)
    current = yaml.safe_load(found.read_text(encoding="utf-8"))
    (cluster,) = [item for item in current["clusters"] if item["name"] == active["context"]["cluster"]]
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [cluster],
        "users": [{"name": name, "user": {"token": token_of(kube, name, None)}}],
        "contexts": [
            {"name": name, "context": {"cluster": cluster["name"], "user": name, "namespace": kube.namespace}}
        ],
    }
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def _make(create: Any, namespace: str, body: Mapping[str, Any]) -> None:
    try:
        create(namespace, body)
    except ApiException as error:
        if error.status != 409:
            raise
