"""A simulation takes its BPX file from a ConfigMap of its own namespace, or says that there is none."""

import json

from devtools.kube import Kube
from kubernetes.client.exceptions import ApiException

from tests.builders import bpx_document
from tests.e2e.waiting import until

REFERENCE = {"bpx": {"configMapKeyRef": {"name": "lg-m50", "key": "lg-m50.json"}}}


def test_a_bpx_file_in_a_config_map_is_solved(kube: Kube, simulation):
    remove_config_map(kube)
    kube.core.create_namespaced_config_map(
        kube.namespace,
        {"metadata": {"name": "lg-m50"}, "data": {"lg-m50.json": json.dumps(bpx_document())}},
    )
    manifest = simulation(cell=REFERENCE | {"initialStateOfCharge": 1.0})
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    ended = kube.wait_for_end(name)[name]

    assert ended["status"]["phase"] == "Succeeded", ended["status"]
    assert 4.98 < ended["status"]["summary"]["dischargeCapacityAmpereHours"] < 5.0


def test_a_config_map_that_is_not_there_is_named(kube: Kube, simulation):
    remove_config_map(kube)
    manifest = simulation(cell=REFERENCE)
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    until(lambda: "failure" in kube.get(name).get("status", {}), 60)

    status = kube.get(name)["status"]
    assert status["failure"]["reason"] == "InvalidSpec"
    assert status["failure"]["message"].startswith(
        "spec.cell.bpx.configMapKeyRef: key 'lg-m50.json' of ConfigMap 'lg-m50' is not in namespace"
    )
    assert len(kube.pods_of(kube.get(name))) == 1


def remove_config_map(kube: Kube) -> None:
    try:
        kube.core.delete_namespaced_config_map("lg-m50", kube.namespace)
    except ApiException as error:
        if error.status != 404:
            raise
