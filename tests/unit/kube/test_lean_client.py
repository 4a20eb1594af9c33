"""Operator and bridge start without the blocking client of Kubernetes, which can still be imported."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys
import {package}.__main__
loaded = {{"requests", "oauthlib", "kubernetes.config"}} & set(sys.modules)
import kubernetes.config
print(json.dumps([sorted(loaded), kubernetes.client.Configuration(host="https://a.example").host]))
"""


@pytest.mark.parametrize("package", ["batterysim_bridge", "batterysim_operator"])
def test_the_blocking_client_is_imported_when_somebody_asks_for_it(package: str) -> None:
    program = PROGRAM.format(package=package)
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == [[], "https://a.example"]
