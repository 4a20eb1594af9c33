"""What keeps a run from starting is said with what can be done about it."""

import pytest

from batterysim.failure import MESSAGE_MAX_LENGTH
from batterysim_operator.reconcile.obstacles import not_admitted, obstacles_of, suspended
from tests.builders import Json, condition, job, pod


def message_of(obstacle: Json) -> str:
    """Return what is said about a pod."""
    ((_, message),) = obstacles_of([obstacle])
    return message


def waiting(container: str, reason: str, words: str) -> Json:
    """Return a pod with a container that waits for this."""
    held = pod("Pending")
    held["status"]["containerStatuses"] = [
        {"name": container, "state": {"waiting": {"reason": reason, "message": words}}}
    ]
    return held


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (
            'jobs.batch "bsim-1" is forbidden: exceeded quota: jobs0, requested: count/jobs.batch=1',
            "wait until other runs have ended, or raise ResourceQuota jobs0",
        ),
        (
            'pods "bsim-1-a" is forbidden: failed quota: team: must specify limits.cpu for: runner',
            "set these resources in spec.run.resources",
        ),
        (
            'spec.containers[0].resources.requests: Invalid value: "200m": must be less than or equal to cpu '
            "limit of 100m",
            "create a simulation whose spec.run.resources fit the LimitRange",
        ),
        (
            'pods "bsim-1-a" is forbidden: maximum memory usage per Container is 64Mi, but limit is 2Gi',
            "create a simulation whose spec.run.resources fit the LimitRange",
        ),
        (
            'failed calling webhook "hook.example.org": failed to call webhook: service "hook" not found',
            "restore the service of webhook hook.example.org; the run then starts by itself",
        ),
        (
            "ValidatingAdmissionPolicy 'teams' with binding 'teams' denied request: name your team",
            "exempt what has the label app.kubernetes.io/managed-by=batterysim-operator",
        ),
        (
            'admission webhook "days.example.org" denied the request: not on a Thursday',
            "exempt what has the label app.kubernetes.io/managed-by=batterysim-operator",
        ),
        (
            'pods "bsim-1-a" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
            "correct the chart's value runner.podTemplate",
        ),
        (
            "unable to create new content in namespace lab because it is being terminated",
            "create the simulation in another namespace",
        ),
        (
            'jobs.batch is forbidden: User "system:serviceaccount:batterysim-system:batterysim-operator" '
            'cannot create resource "jobs" in API group "batch"',
            "give the operator its rights back",
        ),
    ],
)
def test_each_refusal_has_its_remedy(words: str, remedy: str) -> None:
    message = not_admitted(words)

    assert message.startswith(f"{words}. Remedy: ")
    assert remedy in message


def test_nothing_is_advised_about_unknown_words() -> None:
    assert not_admitted("the stars are not right") == "the stars are not right"


def test_long_words_do_not_cut_the_remedy_off() -> None:
    message = not_admitted(f"exceeded quota: q, {'requested: count/x=1, ' * 100}")

    assert len(message) == MESSAGE_MAX_LENGTH
    assert message.endswith("…. Remedy: wait until other runs have ended, or raise ResourceQuota q")


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("0/1 nodes are available: 1 Insufficient cpu.", "lower spec.run.resources.requests"),
        ("0/1 nodes are available: 1 node(s) had untolerated taint(s).", "runner.tolerations"),
    ],
)
def test_a_pod_without_a_node_has_its_remedy(words: str, remedy: str) -> None:
    message = message_of(pod("Pending", condition("PodScheduled", "False", "Unschedulable", message=words)))

    assert message.startswith(f"no node has room yet: {words.rstrip('.')}. Remedy: ")
    assert remedy in message


def test_the_runners_image_is_the_charts() -> None:
    message = message_of(waiting("runner", "ErrImagePull", "no such host"))

    assert message == "no such host. Remedy: correct the chart's value runner.image, or let the nodes pull it"


def test_a_container_of_others_is_named_with_where_it_comes_from() -> None:
    message = message_of(waiting("mesh", "ImagePullBackOff", "no such host"))

    assert message == (
        "container 'mesh', which the chart's value runner.podTemplate or a webhook has added: no such host. "
        "Remedy: correct its image there"
    )


def test_a_container_of_others_that_crashes_has_a_log() -> None:
    message = message_of(waiting("mesh", "CrashLoopBackOff", "back-off 10s restarting failed container"))

    assert message.endswith("Remedy: see kubectl logs pod-5 --container mesh")


def test_a_suspended_job_can_be_resumed() -> None:
    held = {**job(), "spec": {"suspend": True}}

    assert suspended(held) == (
        "the Job is suspended, by a queue such as Kueue or by hand. Remedy: wait for the queue, or kubectl "
        f'patch job {held["metadata"]["name"]} --patch \'{{"spec":{{"suspend":false}}}}\''
    )
