"""What the pod gives the runner."""

from pathlib import Path

import pytest

from batterysim.spec.documents.contents import ContentReference, UnreadableContentError
from batterysim_operator.reconcile.job import build_job
from batterysim_operator.settings import RunnerSettings
from batterysim_runner.pod.inputs import Inputs
from tests.builders import NOW, simulation, spec_of

ENVIRONMENT = {
    "BATTERYSIM_NAMESPACE": "lab",
    "BATTERYSIM_NAME": "cell",
    "BATTERYSIM_BRIDGE_URL": "http://bridge:8084",
    "BATTERYSIM_IMAGE": "runner:1",
    "BATTERYSIM_POD_NAME": "bsim-1-abcde",
}


def test_in_a_pod_the_files_are_where_the_operator_mounts_them() -> None:
    inputs = Inputs.from_environment(ENVIRONMENT)

    assert inputs.input_dir == Path("/var/run/batterysim")
    assert inputs.termination_log == Path("/dev/termination-log")


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_a_missing_variable_is_named(missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        Inputs.from_environment({name: value for name, value in ENVIRONMENT.items() if name != missing})


def test_the_operator_sets_everything_that_the_runner_needs() -> None:
    job = build_job(
        simulation(), spec_of(), RunnerSettings(image="runner:1", bridge_url="http://bridge"), NOW
    )
    (container,) = job["spec"]["template"]["spec"]["containers"]

    assert {item["name"] for item in container["env"]} == set(ENVIRONMENT)
    assert container["volumeMounts"][0]["mountPath"] == str(Inputs.from_environment(ENVIRONMENT).input_dir)


def test_the_token_is_read_anew_at_each_use(tmp_path: Path) -> None:
    inputs = Inputs.from_environment(ENVIRONMENT | {"BATTERYSIM_INPUT_DIR": str(tmp_path)})
    (tmp_path / "token").write_text("first\n", encoding="utf-8")
    assert inputs.read_token() == "first"

    (tmp_path / "token").write_text("second\n", encoding="utf-8")

    assert inputs.read_token() == "second"


BPX = ContentReference(("cell", "bpx"), "cells", "mine.json", "references/bpx.json")


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    (tmp_path / "references").mkdir()
    return Inputs.from_environment(ENVIRONMENT | {"BATTERYSIM_INPUT_DIR": str(tmp_path)})


def test_what_the_spec_refers_to_is_read_where_the_operator_mounts_it(inputs: Inputs) -> None:
    (inputs.input_dir / "references" / "bpx.json").write_text('{"a": "µm"}', encoding="utf-8")

    assert inputs.read_reference(BPX) == '{"a": "µm"}'


def test_a_content_that_the_kubelet_did_not_find(inputs: Inputs) -> None:
    with pytest.raises(UnreadableContentError, match="is not in namespace 'lab': create it first"):
        inputs.read_reference(BPX)


def test_a_content_that_is_no_text(inputs: Inputs) -> None:
    (inputs.input_dir / "references" / "bpx.json").write_bytes(b"\xff\xfe")

    with pytest.raises(UnreadableContentError, match="must be text in UTF-8: save it as such"):
        inputs.read_reference(BPX)
