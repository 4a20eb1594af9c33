"""Names of any length run, `generateName` as well, and a name that comes again is another run."""

import json
import subprocess
from collections.abc import Callable

from devtools.kube import Kube, Manifest

LONGEST = 253


def test_the_longest_names_run(kube: Kube, simulation: Callable[..., Manifest]) -> None:
    """A label has room for 63 characters, and must not end with a dot."""
    first = simulation(model__family="SPM")["metadata"]["name"]
    names = [f"{first}-{'x' * LONGEST}"[:LONGEST], f"{first}-{'y' * LONGEST}"[:62] + ".z", f"{first}.b.c"]
    for name in names:
        manifest = simulation(model__family="SPM")
        manifest["metadata"]["name"] = name
        kube.create(manifest)

    ended = kube.wait_for_end(*names)

    assert {item["status"]["phase"] for item in ended.values()} == {"Succeeded"}


def test_kubectl_create_generates_a_name(kube: Kube, simulation: Callable[..., Manifest]) -> None:
    manifest = simulation(model__family="SPM")
    manifest["metadata"] = {"generateName": f"{manifest['metadata']['name']}-"}

    made = subprocess.run(
        ["kubectl", "create", "--namespace", kube.namespace, "--filename", "-", "--output", "name"],
        input=json.dumps(manifest),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    name = made.strip().rpartition("/")[2]

    assert name.startswith(manifest["metadata"]["generateName"])
    assert kube.wait_for_end(name)[name]["status"]["phase"] == "Succeeded"


def test_the_same_name_again_at_once_is_another_run(kube: Kube, simulation: Callable[..., Manifest]) -> None:
    manifest = simulation(model__family="SPM", protocol__constantCurrent__currentAmperes=5)
    name = manifest["metadata"]["name"]
    first = kube.create(manifest)
    kube.delete(name)  # while it is being started
    manifest["spec"]["protocol"]["constantCurrent"]["currentAmperes"] = 4

    second = kube.create(manifest)

    ended = kube.wait_for_end(name)[name]
    assert ended["status"]["phase"] == "Succeeded"
    assert ended["metadata"]["uid"] == second["metadata"]["uid"] != first["metadata"]["uid"]
    assert ended["status"]["protocol"] == "discharge 4 A"
    (job,) = kube.jobs_of(ended)
    assert job.metadata.name == ended["status"]["jobName"]
