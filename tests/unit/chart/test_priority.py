"""Operator and bridge go before runs, which need them to end, and runs displace nothing."""

import json


def priority_class(manifests, name):
    (found,) = (
        item for item in manifests if item["kind"] == "PriorityClass" and item["metadata"]["name"] == name
    )
    return found


def pod_spec(manifests, component):
    (found,) = (
        item
        for item in manifests
        if item["kind"] == "Deployment" and item["metadata"]["name"] == f"batterysim-{component}"
    )
    return found["spec"]["template"]["spec"]


def runner_class(manifests):
    (container,) = pod_spec(manifests, "operator")["containers"]
    settings = {item["name"]: item.get("value") for item in container["env"]}
    return json.loads(settings["BATTERYSIM_RUNNER"])["priorityClass"]


def test_operator_and_bridge_are_before_runs(render):
    manifests = render()

    system = priority_class(manifests, "batterysim-system")
    runner = priority_class(manifests, "batterysim-runner")
    assert pod_spec(manifests, "operator")["priorityClassName"] == "batterysim-system"
    assert pod_spec(manifests, "bridge")["priorityClassName"] == "batterysim-system"
    assert runner_class(manifests) == "batterysim-runner"
    assert system["value"] > 0 > runner["value"]
    assert runner["preemptionPolicy"] == "Never"
    assert not system.get("globalDefault")
    assert not runner.get("globalDefault")


def test_classes_of_the_cluster_take_their_place(render):
    manifests = render(
        priorityClasses={"create": False},
        operator={"priorityClassName": "important"},
        bridge={"priorityClassName": "important"},
        runner={"priorityClassName": "batch"},
    )

    assert not [item for item in manifests if item["kind"] == "PriorityClass"]
    assert pod_spec(manifests, "operator")["priorityClassName"] == "important"
    assert pod_spec(manifests, "bridge")["priorityClassName"] == "important"
    assert runner_class(manifests) == "batch"


def test_without_any_class_pods_have_the_clusters_default(render):
    manifests = render(priorityClasses={"create": False})

    assert "priorityClassName" not in pod_spec(manifests, "operator")
    assert "priorityClassName" not in pod_spec(manifests, "bridge")
    assert runner_class(manifests) == ""
