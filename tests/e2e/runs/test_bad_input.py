"""Each mistake ends soon, with a reason and a way out, and costs no try that cannot help."""

from typing import Any

import pytest
from devtools.kube import Kube, Manifest
from kubernetes.client.exceptions import ApiException

from tests.e2e.waiting import until


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"cell__lowerCutoffVolts": 4.3, "cell__upperCutoffVolts": 4.2},
            "lowerCutoffVolts must be below upperCutoffVolts: swap them or correct one",
        ),
        (
            {"protocol": {"driveCycle": {"name": "US07"}}},
            'spec.protocol.driveCycle.name: Unsupported value: \\"US07\\": '
            'supported values: \\"US06\\", \\"UDDS\\", \\"WLTC\\"',
        ),
        (
            {"protocol__constantCurrent__durationSeconds": -1},
            "spec.protocol.constantCurrent.durationSeconds in body should be greater than 0",
        ),
        (
            {"protocol__driveCycle": {"name": "US06"}},
            "set exactly one of constantCurrent, constantPower",
        ),
        (
            {"cell__initialStateOfCharge": 1.5},
            "spec.cell.initialStateOfCharge in body should be less than or equal to 1",
        ),
        ({"model__family": "SPMX"}, "supported values"),
        ({"cell__parameterSet": "Chen2021"}, "supported values"),
        (
            {"output": {"points": 3, "periodSeconds": 1}},
            "set at most one of points, periodSeconds and solverPoints",
        ),
        (
            {"callback": {"url": "ftp://somewhere"}},
            "must be a URL with http:// or https:// and a host, as in https://jobs.example.com/done, not ftp://somewhere",
        ),
        (
            {"callback": {"url": "https://jobs.example.com", "secretRef": {"name": "../other"}}},
            "must be at most 253 lower-case letters, digits, '-' and '.'",
        ),
        (
            {"run__resources": {"limits": {"memory": "much"}}},
            "must be an amount such as 500m, 2 or 512Mi, not much",
        ),
        ({"run__resources": {"limits": {"cpu": -1}}}, "must be an amount such as 500m, 2 or 512Mi, not -1"),
        ({"run__queueName": "-lab"}, "with a letter or digit at both ends"),
    ],
)
def test_the_api_server_refuses_and_names_the_field(kube: Kube, simulation, changes, said):
    with pytest.raises(ApiException) as refused:
        kube.create(simulation(**changes))

    assert refused.value.status == 422
    assert said in refused.value.body


def test_an_unknown_field_is_refused_when_asked_strictly_as_kubectl_does(kube: Kube, simulation):
    with pytest.raises(ApiException, match=r"unknown field .*spec.cell.initialSoc"):
        kube.objects.create_namespaced_custom_object(
            "batterysim.dev",
            "v1alpha1",
            kube.namespace,
            "batterysimulations",
            simulation(cell__initialSoc=1),
            field_validation="Strict",
        )


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        (
            {"cell__parameters": {"Negative electrode thicknes [m]": 8e-5}},
            "UnknownParameter",
            "use 'Negative electrode thickness [m]'",
        ),
        ({"protocol__constantCurrent__currentAmperes": 200}, "InvalidSpec", "200 A is 40 C for a cell"),
        ({"model__options": {"thermal": "hot"}}, "InvalidSpec", "lumped"),
        (
            {"protocol": {"profile": {"quantity": "Current", "csv": "0,1\n1,nan\n"}}},
            "InvalidSpec",
            "line 2: the value is 'nan'",
        ),
        (
            {"protocol": {"experiment": {"steps": ["Rest for 1 hour", "Charge at 1C until 4.2"]}}},
            "InvalidSpec",
            "'Charge at 1C until 4.2': '4.2' (character 20): it has no unit",
        ),
    ],
)
def test_what_kubernetes_cannot_know_is_found_before_a_pod_is_started(
    kube: Kube, simulation, changes, reason, said
):
    manifest = simulation(**changes)
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    ended = kube.wait_for_end(name, timeout_seconds=20)[name]

    assert ended["status"]["phase"] == "Invalid"
    accepted = condition(ended, "Accepted")
    assert (accepted["status"], accepted["reason"]) == ("False", reason)
    assert said in accepted["message"]
    assert kube.jobs_of(ended) == []


def test_an_invalid_simulation_runs_once_it_is_corrected(kube: Kube, simulation):
    manifest = simulation(cell__parameters={"Separator porosit": 0.5})
    name = manifest["metadata"]["name"]
    kube.create(manifest)
    kube.wait_for_end(name, timeout_seconds=20)

    kube.patch(name, {"spec": {"cell": {"parameters": None}}})

    until(lambda: kube.get(name)["status"]["phase"] == "Succeeded", 60)
    status = kube.get(name)["status"]
    assert "failure" not in status


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        (
            {"protocol__constantCurrent__currentAmperes": 5, "cell__initialStateOfCharge": 0.0},
            "Infeasible",
            "at time 0 the voltage is at or below the lower cut-off of 2.5 V",
        ),
        (
            {"protocol__constantCurrent__currentAmperes": -5, "cell__initialStateOfCharge": 1.0},
            "Infeasible",
            "at time 0 the voltage is at or above the upper cut-off of 4.2 V",
        ),
        (
            {"protocol__constantCurrent__currentAmperes": 20, "cutOffPolicy__lower": "Ignore"},
            "SolverFailed",
            "PyBaMM could not solve the model",
        ),
    ],
)
def test_what_no_try_can_help_is_tried_once(kube: Kube, simulation, changes, reason, said):
    manifest = simulation(**changes)
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    ended = kube.wait_for_end(name, timeout_seconds=60)[name]

    assert ended["status"]["phase"] == "Failed"
    assert ended["status"]["failure"]["reason"] == reason
    assert said in ended["status"]["failure"]["message"]
    assert "Traceback" not in ended["status"]["failure"]["message"]
    assert condition(ended, "Succeeded")["status"] == "False"
    assert tries(kube, ended) == 1
    # Of what could be solved for a while, that part is kept.
    assert ("results" in ended["status"]) == (reason == "SolverFailed")
    assert ended["status"].get("summary", {}).get("partial", False) == (reason == "SolverFailed")


def test_a_run_past_its_deadline_is_ended(kube: Kube, simulation):
    # Minutes of work, and long enough for a busy node to begin it.
    manifest = simulation(
        "ageing", model__family="DFN", protocol__experiment__cycles=500, run__deadlineSeconds=8
    )
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    ended = kube.wait_for_end(name, timeout_seconds=60)[name]

    assert ended["status"]["failure"]["reason"] == "DeadlineExceeded"
    assert "raise it, or make the run shorter" in ended["status"]["failure"]["message"]
    assert len(kube.pods_of(ended)) <= 1


def test_too_little_memory_is_named(kube: Kube, simulation):
    memory = {"requests": {"memory": "24Mi"}, "limits": {"memory": "24Mi"}}
    manifest = simulation(run__resources=memory)
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    ended = kube.wait_for_end(name, timeout_seconds=60)[name]

    assert ended["status"]["failure"]["reason"] == "OutOfMemory"
    assert "raise spec.run.resources.limits.memory" in ended["status"]["failure"]["message"]
    # Now and then the kubelet misses that the kernel ended a container, and does not call it OOMKilled. That
    # pod is tried again; one that it has called so ends the simulation.
    assert len([pod for pod in kube.pods_of(ended) if was_out_of_memory(pod)]) == 1


def tries(kube: Kube, ended: Manifest) -> int:
    return ended["status"].get("attempt") or len(kube.pods_of(ended))


def was_out_of_memory(pod: Any) -> bool:
    (container,) = pod.status.container_statuses
    terminated = container.state.terminated
    return terminated is not None and terminated.reason == "OOMKilled"


def condition(simulation, kind):
    return next(item for item in simulation["status"]["conditions"] if item["type"] == kind)
