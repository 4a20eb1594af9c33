"""examples/job-manager/ is what the API server takes."""

import subprocess
from pathlib import Path

from devtools.kube import Kube

EXAMPLE = Path(__file__).parents[3] / "examples" / "job-manager"


def test_the_api_server_takes_all_of_it(kube: Kube) -> None:
    command = [
        "kubectl",
        "--namespace",
        kube.namespace,
        "apply",
        "--dry-run=server",
        "-o",
        "name",
        "-k",
        EXAMPLE,
    ]

    applied = subprocess.run(command, capture_output=True, text=True, check=False)

    assert applied.returncode == 0, applied.stderr
    assert {
        line.rpartition("-")[0] if line.startswith("secret/") else line for line in applied.stdout.split()
    } == {
        "secret/database-storage",
        "secret/rabbitmq",
        "service/battery-simulation-service",
        "service/database",
        "service/database-storage",
        "service/job-manager-service",
        "service/queue-service",
        "service/rabbitmq",
        "deployment.apps/database",
        "deployment.apps/job-manager-service",
        "deployment.apps/queue-service",
        "statefulset.apps/database-storage",
        "statefulset.apps/rabbitmq",
    }


def test_no_placeholder_of_an_image_is_left(kube: Kube) -> None:
    built = subprocess.run(["kubectl", "kustomize", EXAMPLE], check=True, capture_output=True, text=True)

    assert "YOUR-" not in built.stdout
    assert "image: registry.example.org/job-manager:latest" in built.stdout
