import re
from pathlib import Path

import pytest
import yaml

from .conftest import RenderError, rendered

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
    assert render(**{"global": {"region": "eu"}, "enabled": True})


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_chart_around_it_can_leave_it_out(tmp_path, is_enabled):
    """Helm removes the dependency, and its values have to be valid all the same."""
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "batterysim").symlink_to(CHART)
    dependency = {"name": "batterysim", "version": "0.1.0", "condition": "batterysim.enabled"}
    chart = {"apiVersion": "v2", "name": "lab", "version": "1.0.0", "dependencies": [dependency]}
    (tmp_path / "Chart.yaml").write_text(yaml.safe_dump(chart))
    (tmp_path / "values.yaml").write_text(yaml.safe_dump({"batterysim": {"enabled": is_enabled}}))

    manifests = rendered("lab", tmp_path)

    assert bool(manifests) is is_enabled


def test_nothing_else_can_leave_it_out(refusal):
    assert "enabled: only a chart that has this one as a dependency" in refusal(enabled=False)


@pytest.mark.parametrize("file", ["README.md", "helm/batterysim/README.md", "docs/versions.md"])
def test_the_papers_name_the_kubernetes_version_that_the_chart_requires(file):
    required = yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"]
    version = required.removeprefix(">=").removesuffix(".0-0")

    text = (CHART.parents[1] / file).read_text()

    assert re.findall(r"(1\.\d+) or later", text) == [version]


@pytest.mark.parametrize("version", ["v1.31.4-gke.1183000", "v1.32.9-eks-abc", "v1.33.1+k3s1", "v1.34.4"])
def test_versions_of_clouds_are_taken(version):
    assert rendered("batterysim", CHART, version)


def test_a_cluster_that_is_too_old_is_refused():
    with pytest.raises(RenderError, match=r"chart requires kubeVersion: >=1\.31\.0-0"):
        rendered("batterysim", CHART, "v1.30.2-eks-abc")


def test_the_readme_has_a_way_past_a_crd_of_another_release():
    """Helm refuses it with "invalid ownership metadata", and says nothing of what to do."""
    uninstall = (CHART / "README.md").read_text().partition("## Uninstall")[2]

    for said in ("invalid ownership metadata", "--set crds.enabled=false", "--take-ownership"):
        assert said in uninstall


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
