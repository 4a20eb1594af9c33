"""The installed release answers for itself, under the restricted Pod Security profile."""

import subprocess

from devtools.kube import SYSTEM_NAMESPACE, Kube


def test_the_charts_own_test_passes():
    command = ["helm", "test", "batterysim", "--namespace", SYSTEM_NAMESPACE, "--timeout", "60s"]

    answer = subprocess.run(command, capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "Phase:          Succeeded" in answer.stdout


def test_the_releases_namespace_enforces_the_restricted_profile(kube: Kube):
    labels = kube.core.read_namespace(SYSTEM_NAMESPACE).metadata.labels

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
