"""Renders the chart as `helm install` would."""

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

CHART = Path(__file__).parents[3] / "helm" / "batterysim"
# Some builds of Helm do not know of any recent version when no cluster is asked.
KUBERNETES_VERSION = "1.34.0"

Manifest = dict[str, Any]
Render = Callable[..., list[Manifest]]


class RenderError(Exception):
    """What Helm says about values that it refuses."""


def rendered(
    release: str, chart: Path, version: str = KUBERNETES_VERSION, values: str = ""
) -> list[Manifest]:
    """Return the manifests of a release of a chart, for a cluster of some version. values: as YAML."""
    if shutil.which("helm") is None:
        pytest.skip('needs helm on PATH: run `hack/cluster up`, then eval "$(hack/cluster env)"')
    documents = yaml.safe_load_all(_helm_template(release, chart, version, values))
    return [document for document in documents if document]


@cache
def _helm_template(release: str, chart: Path, version: str, values: str) -> str:
    done = subprocess.run(
        [
            *("helm", "template", release, str(chart), "--namespace", "batterysim-system"),
            *("--kube-version", version, "--values", "-"),
        ],
        input=values,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RenderError(done.stderr)
    return done.stdout


@pytest.fixture(scope="session")
def render() -> Render:
    """Return a function from values, as keyword arguments, to the chart's manifests."""

    def of_values(**values: object) -> list[Manifest]:
        return rendered("batterysim", CHART, values=json.dumps(values))

    return of_values


@pytest.fixture(scope="session")
def refusal(render: Render) -> Callable[..., str]:
    """Return a function from values to what Helm says when it refuses them."""

    def refused(**values: object) -> str:
        with pytest.raises(RenderError) as caught:
            render(**values)
        return str(caught.value)

    return refused
