from pathlib import Path

import pytest
import yaml

CHART = Path(__file__).parents[3] / "helm" / "batterysim"


def leaves(values, path=""):
    """Yield the dotted path of every value that a user can set."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + key


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"watchNamespace": ["lab"]}, "watchNamespace"),
        ({"bridge": {"store": {"persistance": {"enabled": False}}}}, "persistance"),
        ({"operator": {"replicas": 2}}, "replicas"),
        ({"logLevel": "verbose"}, "logLevel"),
        ({"image": {"digest": "latest"}}, "digest"),
        ({"watchNamespaces": ["Lab"]}, "watchNamespaces"),
        ({"bridge": {"store": {"maxResultBytes": "1Gi"}}}, "maxResultBytes"),
        ({"bridge": {"store": {"type": "S3"}}}, "type"),
        ({"bridge": {"api": {"corsOrigins": ["*"]}}}, "corsOrigins"),
        ({"bridge": {"api": {"trustedProxies": ["ingress-nginx"]}}}, "trustedProxies"),
        ({"bridge": {"store": {"type": "s3"}}}, "bridge.store.s3.bucket"),
        ({"bridge": {"store": {"retention": {"days": "30d"}}}}, "days"),
        ({"runner": {"resources": {"limits": {"nvidia.com/gpu": 1}}}}, "gpu"),
        ({"runner": {"podTemplate": {"spec": {"hostNetwork": True}}}}, "hostNetwork"),
        ({"runner": {"podTemplate": {"spec": {"containers": []}}}}, "containers"),
        ({"bridge": {"serviceAccount": {"create": False}}}, "bridge.serviceAccount.name"),
        ({"operator": {"serviceAccount": {"create": False}}}, "operator.serviceAccount.name"),
    ],
)
def test_a_value_that_would_be_ignored_is_refused_by_name(refusal, values, named):
    assert named in refusal(**values)


def test_the_chart_can_be_part_of_another(render):
    assert render(**{"global": {"region": "eu"}})


def test_every_value_is_in_the_readme():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    readme = (CHART / "README.md").read_text()
    described = [path for path in leaves(values) if f"`{path}`" not in readme]
    # Contexts, requests and limits are described as a whole.
    whole = (
        "podSecurityContext.",
        "securityContext.",
        "runner.resources.",
        "sharedRunner.resources.",
        "operator.resources.",
        "bridge.resources.",
    )
    assert [path for path in described if not path.startswith(whole)] == []
