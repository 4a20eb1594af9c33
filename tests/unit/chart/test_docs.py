"""The values on the pages of the docs are values that the chart takes."""

import json
import re
from pathlib import Path

import pytest
import yaml

PAGE = Path(__file__).parents[3] / "docs" / "results-store.md"
EXAMPLES = [
    yaml.safe_load(block) for block in re.findall(r"```yaml\n(bridge:\n.*?)```", PAGE.read_text(), re.DOTALL)
]


def test_there_are_examples():
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize("values", EXAMPLES)
def test_an_example_can_be_installed(render, values):
    (bridge,) = [
        manifest
        for manifest in render(**values)
        if manifest["kind"] == "Deployment" and manifest["metadata"]["name"] == "batterysim-bridge"
    ]

    variables = {
        item["name"]: item.get("value") for item in bridge["spec"]["template"]["spec"]["containers"][0]["env"]
    }
    store = values["bridge"]["store"]
    settings = json.loads(variables["BATTERYSIM_RESULT_STORE"])
    assert ("s3" in settings) == (store.get("type") == "s3")
    assert settings["retention"]["days"] == store.get("retention", {}).get("days", 0)
