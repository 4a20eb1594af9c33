from pathlib import Path

import pytest

from batterysim import names
from batterysim.crd import FILES, build_crd, build_sweep_crd

ROOT = Path(__file__).parents[3]
CHARTS_CRDS = ROOT / "helm" / "batterysim" / "files" / "crds"
KEEP = {"helm.sh/resource-policy": "keep"}


def crds(manifests):
    return [manifest for manifest in manifests if manifest["kind"] == "CustomResourceDefinition"]


@pytest.mark.parametrize("file", FILES)
def test_the_chart_holds_the_generated_files(file):
    assert (CHARTS_CRDS / file).read_text() == (ROOT / "crds" / file).read_text(), "run `make generate`"


def test_the_rendered_crd_is_the_generated_one(render):
    specs = {crd["metadata"]["name"]: crd["spec"] for crd in crds(render())}
    assert specs == {
        names.CRD_NAME: build_crd()["spec"],
        names.SWEEP_CRD_NAME: build_sweep_crd()["spec"],
    }


def test_uninstalling_keeps_the_crd_and_so_all_simulations(render):
    assert [crd["metadata"]["annotations"] for crd in crds(render())] == [KEEP, KEEP]


def test_the_crds_go_with_the_release_when_asked(render):
    assert all("annotations" not in crd["metadata"] for crd in crds(render(crds={"keep": False})))


def test_the_crds_can_be_left_to_others(render):
    assert crds(render(crds={"enabled": False})) == []
