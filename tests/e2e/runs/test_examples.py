"""Each object that examples/ offers succeeds on the cluster, and its result comes in every format."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from devtools.kube import Kube, Manifest, Results

EXAMPLES = Path(__file__).parents[3] / "examples"
NAMES = sorted(
    document["metadata"]["name"]
    for file in EXAMPLES.glob("*.yaml")
    for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))
    if document["kind"] == "BatterySimulation"
)
FORMATS = ["parquet", "csv", "json", "bdf", "zip", "arrow"]
# Thirty cycles of ageing, beside all the others on two cores.
LONGEST_SECONDS = 300


@pytest.fixture(scope="module")
def ended(kube: Kube) -> Iterator[dict[str, Manifest]]:
    """All examples, as a user applies them."""
    kubectl = ("kubectl", "--namespace", kube.namespace)
    subprocess.run([*kubectl, "apply", "-f", EXAMPLES], check=True, capture_output=True)
    yield kube.wait_for_end(*NAMES, timeout_seconds=LONGEST_SECONDS)
    subprocess.run([*kubectl, "delete", "-f", EXAMPLES], check=True, capture_output=True)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_succeeds(ended: dict[str, Manifest], name: str) -> None:
    status = ended[name]["status"]

    assert status["phase"] == "Succeeded", status
    assert status["results"]["rows"] > 1
    assert not status["summary"].get("partial")


@pytest.mark.parametrize("name", NAMES)
def test_its_result_comes_in_every_format(
    kube: Kube, results: Results, ended: dict[str, Manifest], name: str
) -> None:
    answers = {kind: results.get(kube.namespace, name, kind) for kind in FORMATS}

    assert {kind: answer.status_code for kind, answer in answers.items()} == dict.fromkeys(FORMATS, 200)
    assert all(answer.content for answer in answers.values())
