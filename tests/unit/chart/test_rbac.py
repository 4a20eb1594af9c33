"""Who may do what. A right that is not in these tables is one too many."""

import pytest

OPERATOR_RULES = {
    "batterysim.dev/batterysimulations": {"get", "list", "watch"},
    "batterysim.dev/batterysimulations/status": {"get", "patch"},
    "batterysim.dev/batterysimulations/finalizers": {"update"},
    "batterysim.dev/batterysweeps": {"get", "list", "watch"},
    "batterysim.dev/batterysweeps/status": {"get", "patch"},
    "batterysim.dev/batterysweeps/finalizers": {"update"},
    "batch/jobs": {"get", "list", "watch", "create", "patch"},
    "/pods": {"get", "list", "watch", "delete"},
    "/pods/status": {"patch"},
    "/events": {"create", "list"},
}
BRIDGE_RULES = {
    "batterysim.dev/batterysimulations": {"get", "list", "watch", "create", "delete"},
    "batterysim.dev/batterysimulations/status": {"patch"},
    "batterysim.dev/batterysweeps": {"get", "list", "watch", "create", "delete", "patch"},
    "batterysim.dev/batterysweeps/status": {"patch"},
    "batch/jobs": {"get"},
    "/pods": {"get"},
}
RULES = {
    "batterysim-operator": OPERATOR_RULES,
    "batterysim-bridge": BRIDGE_RULES,
    "batterysim-callback-secrets": {"/secrets": {"get"}},
    "batterysim-viewer": {
        "batterysim.dev/batterysimulations": {"get", "list", "watch"},
        "batterysim.dev/batterysimulations/status": {"get", "list", "watch"},
        "batterysim.dev/batterysweeps": {"get", "list", "watch"},
        "batterysim.dev/batterysweeps/status": {"get", "list", "watch"},
    },
    "batterysim-editor": {
        "batterysim.dev/batterysimulations": {
            *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
        },
        "batterysim.dev/batterysimulations/status": {"get", "list", "watch"},
        "batterysim.dev/batterysweeps": {
            *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
        },
        "batterysim.dev/batterysweeps/status": {"get", "list", "watch"},
    },
    "batterysim-bridge-proxy": {"/services/proxy": {"get"}},
    "batterysim-bridge-sweeps": {"coordination.k8s.io/leases": {"get", "create", "patch"}},
}
WITH_READER = {"resultReader": {"create": True}}
READER_RULES = {"batterysim-result-reader": {"/serviceaccounts/token": {"create"}}}

OPERATOR = "batterysim-system/batterysim-operator"
BRIDGE = "batterysim-system/batterysim-bridge"
READER = "batterysim-system/batterysim-result-reader"
CLUSTER_WIDE = "*"
BRIDGE_COUNTS_ITS_SWEEPS = ("batterysim-system", "batterysim-bridge-sweeps", BRIDGE)
BRIDGE_ASKS_WHO_CALLS = (CLUSTER_WIDE, "system:auth-delegator", BRIDGE)


def rules_of(role):
    return {
        f"{group}/{resource}": set(rule["verbs"])
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def bindings(manifests):
    """Return (namespace, role, service account) for each binding."""
    return {
        (manifest["metadata"].get("namespace", CLUSTER_WIDE), manifest["roleRef"]["name"], account)
        for manifest in manifests
        if manifest["kind"] in ("RoleBinding", "ClusterRoleBinding")
        for account in (f"{subject['namespace']}/{subject['name']}" for subject in manifest["subjects"])
    }


@pytest.mark.parametrize("values", [{}, {"watchNamespaces": ["lab"]}], ids=["everywhere", "in one namespace"])
def test_each_role_has_these_rights_and_no_other(render, values):
    roles = {manifest["metadata"]["name"]: manifest for manifest in render(**values) if "rules" in manifest}
    assert {name: rules_of(role) for name, role in roles.items()} == RULES


def test_a_result_reader_brings_one_more_role(render):
    roles = {item["metadata"]["name"]: item for item in render(**WITH_READER) if "rules" in item}
    assert {name: rules_of(role) for name, role in roles.items()} == RULES | READER_RULES


def test_the_operator_scales_the_shared_runners_and_nothing_else(render):
    manifests = render(sharedRunners=[{"namespace": "lab", "min": 1, "max": 3}, {"namespace": "plant"}])
    roles = [item for item in manifests if item["kind"] == "Role" and "scale" in item["metadata"]["name"]]
    assert [(item["metadata"]["namespace"], item["rules"]) for item in roles] == [
        (
            "lab",
            [
                {
                    "apiGroups": ["apps"],
                    "resources": ["deployments/scale"],
                    "resourceNames": ["batterysim-shared-runner"],
                    "verbs": ["get", "patch"],
                }
            ],
        )
    ]
    assert bindings(manifests) - bindings(render()) == {("lab", "batterysim-shared-runner-scale", OPERATOR)}


def test_shared_runners_have_no_rights(render):
    manifests = render(sharedRunners=[{"namespace": "lab", "max": 3}])
    (pod,) = (
        item["spec"]["template"]["spec"]
        for item in manifests
        if item["kind"] == "Deployment" and item["metadata"]["namespace"] == "lab"
    )
    assert pod["automountServiceAccountToken"] is False
    assert not any(account.startswith("lab/") for _, _, account in bindings(manifests))


def test_every_namespace_is_served_by_default(render):
    assert bindings(render(**WITH_READER)) == {
        (CLUSTER_WIDE, "batterysim-operator", OPERATOR),
        (CLUSTER_WIDE, "batterysim-bridge", BRIDGE),
        (CLUSTER_WIDE, "batterysim-viewer", READER),
        BRIDGE_ASKS_WHO_CALLS,
        BRIDGE_COUNTS_ITS_SWEEPS,
    }


def test_with_watch_namespaces_rights_end_at_their_borders(render):
    assert bindings(render(watchNamespaces=["lab", "plant"], **WITH_READER)) == {
        ("lab", "batterysim-operator", OPERATOR),
        ("plant", "batterysim-operator", OPERATOR),
        ("lab", "batterysim-bridge", BRIDGE),
        ("plant", "batterysim-bridge", BRIDGE),
        ("lab", "batterysim-viewer", READER),
        ("plant", "batterysim-viewer", READER),
        BRIDGE_ASKS_WHO_CALLS,
        BRIDGE_COUNTS_ITS_SWEEPS,
    }


@pytest.mark.parametrize(
    ("watched", "where"), [([], {CLUSTER_WIDE}), (["lab"], {"lab"})], ids=["everywhere", "in one namespace"]
)
def test_the_operator_reads_secrets_only_when_allowed(render, watched, where):
    callbacks = {"callbacks": {"readSecrets": {"allNamespaces": True}}}
    allowed = render(watchNamespaces=watched, operator=callbacks)
    usual = render(watchNamespaces=watched)
    assert bindings(allowed) - bindings(usual) == {
        (namespace, "batterysim-callback-secrets", OPERATOR) for namespace in where
    }


def test_users_get_their_rights_with_kubernetes_own_roles(render):
    aggregated = {
        manifest["metadata"]["name"]: {
            label.removeprefix("rbac.authorization.k8s.io/aggregate-to-")
            for label in manifest["metadata"]["labels"]
            if label.startswith("rbac.authorization.k8s.io/")
        }
        for manifest in render()
        if manifest["kind"] == "ClusterRole"
    }
    assert aggregated["batterysim-viewer"] == {"view", "edit", "admin"}
    assert aggregated["batterysim-editor"] == {"edit", "admin"}
    assert aggregated["batterysim-operator"] == aggregated["batterysim-callback-secrets"] == set()


def test_rights_go_to_a_service_account_of_ones_own(render):
    account = {"serviceAccount": {"create": False, "name": "mine"}}
    manifests = render(operator=account)
    assert (CLUSTER_WIDE, "batterysim-operator", "batterysim-system/mine") in bindings(manifests)
    accounts = [manifest for manifest in manifests if manifest["kind"] == "ServiceAccount"]
    assert {manifest["metadata"]["name"] for manifest in accounts} == {
        "batterysim-bridge",
    }


def test_rights_to_the_bridge_and_to_its_reader_end_at_these_two(render):
    named = {
        manifest["metadata"]["name"]: [rule["resourceNames"] for rule in manifest["rules"]]
        for manifest in render(**WITH_READER)
        if manifest["kind"] == "Role"
    }
    assert named == {
        "batterysim-bridge-proxy": [["batterysim-bridge:8084"]],
        "batterysim-bridge-sweeps": [["batterysim-bridge"]],
        "batterysim-result-reader": [["batterysim-result-reader"]],
    }


def test_the_count_of_sweeps_has_the_name_of_the_service_account(render):
    manifests = render(bridge={"serviceAccount": {"create": False, "name": "mine"}})
    (role,) = (
        item
        for item in manifests
        if item["metadata"]["name"] == "batterysim-bridge-sweeps" and "rules" in item
    )

    assert role["rules"][0]["resourceNames"] == ["mine"]


def test_there_is_no_result_reader_by_default(render):
    """Whoever may create tokens in the release's namespace would read everything."""
    manifests = render()

    assert "batterysim-result-reader" not in {manifest["metadata"]["name"] for manifest in manifests}
    assert READER not in {account for _, _, account in bindings(manifests)}
