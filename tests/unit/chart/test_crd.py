from pathlib import Path

from batterysim import names
from batterysim.crd import build_crd

ROOT = Path(__file__).parents[3]
CHARTS_CRD = ROOT / "helm" / "batterysim" / "files" / "crds" / "batterysimulations.yaml"
KEEP = {"helm.sh/resource-policy": "keep"}


def crds(manifests):
    return [manifest for manifest in manifests if manifest["kind"] == "CustomResourceDefinition"]


def test_the_chart_holds_the_generated_file():
    generated = ROOT / "crds" / "batterysimulations.yaml"
    assert CHARTS_CRD.read_text() == generated.read_text(), "run `make generate`"


def test_the_rendered_crd_is_the_generated_one(render):
    (crd,) = crds(render())
    assert crd["metadata"]["name"] == names.CRD_NAME
    assert crd["spec"] == build_crd()["spec"]


def test_uninstalling_keeps_the_crd_and_so_all_simulations(render):
    (crd,) = crds(render())
    assert crd["metadata"]["annotations"] == KEEP


def test_the_crd_goes_with_the_release_when_asked(render):
    (crd,) = crds(render(crds={"keep": False}))
    assert "annotations" not in crd["metadata"]


def test_the_crd_can_be_left_to_others(render):
    assert crds(render(crds={"enabled": False})) == []
