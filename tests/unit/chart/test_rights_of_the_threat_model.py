"""The chart grants what docs/security.md has a line for, and nothing else."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "security.md"
ROW = re.compile(
    r"^\| `(batterysim-[a-z-]+)` \| ((?:`[a-z0-9./]+`(?:, )?)+) \| ([a-z, ]+) \| (.+) \|$", re.MULTILINE
)
EVERYTHING = {
    "sharedRunners": [{"namespace": "lab", "min": 1, "max": 3}],
    "resultReader": {"create": True},
    "submittedByPolicy": {"create": True},
    "networkPolicy": {"enabled": True},
    "operator": {"callbacks": {"readSecrets": {"allNamespaces": True}}},
    "bridge": {
        "jobManager": {"enabled": True, "namespace": "jobs"},
        "tls": {"certManager": {"issuerRef": {"name": "our-ca"}}, "ca": "-----BEGIN CERTIFICATE-----"},
    },
}
KUBERNETES_OWN = {"system:auth-delegator"}


def in_words_of_kubectl(group, resource):
    """Return `deployments.apps/scale` for `deployments/scale` in the group apps."""
    kind, slash, part = resource.partition("/")
    return (f"{kind}.{group}" if group else kind) + slash + part


def granted(manifests):
    """Return (role, resource, verb) for each right."""
    return {
        (manifest["metadata"]["name"], in_words_of_kubectl(group, resource), verb)
        for manifest in manifests
        if manifest["kind"] in ("Role", "ClusterRole")
        for rule in manifest["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def described():
    return {
        (role, resource, verb)
        for role, resources, verbs, why in ROW.findall(PAGE.read_text("utf-8"))
        for resource in re.findall("`(.+?)`", resources)
        for verb in verbs.split(", ")
        if why.strip()
    }


def test_every_verb_has_a_line_in_the_threat_model(render):
    assert granted(render(**EVERYTHING)) == described()


def test_nothing_is_granted_by_other_means(render):
    """A role of Kubernetes' own, a wildcard, or rights to URLs."""
    manifests = render(**EVERYTHING)
    ours = {item["metadata"]["name"] for item in manifests if item["kind"] in ("Role", "ClusterRole")}
    bound = {item["roleRef"]["name"] for item in manifests if item["kind"].endswith("RoleBinding")}
    rules = [rule for item in manifests if item["kind"] in ("Role", "ClusterRole") for rule in item["rules"]]

    assert bound <= ours | KUBERNETES_OWN
    assert not any("nonResourceURLs" in rule for rule in rules)
    assert not any(
        "*" in value for rule in rules for value in (rule["verbs"], rule["resources"], rule["apiGroups"])
    )
    assert not {"escalate", "bind", "impersonate"} & {verb for rule in rules for verb in rule["verbs"]}


def test_names_are_where_a_right_is_to_one_object_only(render):
    named = {
        resource: rule["resourceNames"]
        for item in render(**EVERYTHING)
        if item["kind"] == "Role"
        for rule in item["rules"]
        for resource in rule["resources"]
    }

    assert named == {
        "services/proxy": ["https:batterysim-bridge:8084"],
        "serviceaccounts/token": ["batterysim-result-reader"],
        "deployments/scale": ["batterysim-shared-runner"],
        "leases": ["batterysim-bridge"],
    }
