"""From a Job and its pods to how the run is."""

from datetime import datetime, timedelta

import pytest

from batterysim.failure import FINAL_EXIT_CODES, MESSAGE_MAX_LENGTH
from batterysim.status import LOG_TAIL_MAX_LENGTH
from batterysim_operator.reconcile.diagnosis import GONE_AFTER, LOST_AFTER, RESULT_GRACE, Diagnosis, diagnose
from batterysim_operator.reconcile.observation import Observation
from tests.builders import NOW, Json, ago, condition, job, pod, simulation

IMAGE_PULL = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "runner:1"'}
NO_IMAGE = (
    f"{IMAGE_PULL['message']}. Remedy: correct the chart's value runner.image, or let the nodes pull it"
)
WORDS = '{"reason": "SolverFailed", "message": "the equations could not be solved"}'
EVICTED = condition("DisruptionTarget", "True", "EvictionByEvictionAPI")
UNSCHEDULABLE = condition("PodScheduled", "False", "Unschedulable", message="0/1 nodes: insufficient cpu")
ACTIVE = job(active=1)


def diagnosed(
    job_: Json,
    pods: list[Json],
    now: datetime = NOW,
    status: Json | None = None,
    complaint: str | None = None,
) -> Diagnosis:
    """Diagnose a simulation with this Job and these pods."""
    return diagnose(Observation(simulation(status=status), job_, pods, now, job_complaint=complaint), job_)


def test_a_job_that_gets_no_pod_says_where_to_look() -> None:
    soon = diagnosed(job(age=5), [], NOW)
    later = diagnosed(job(age=60), [], NOW)

    assert (soon.reason, soon.requeue_after_seconds) == ("Starting", 2)
    assert (later.reason, later.requeue_after_seconds) == ("NoPod", 10)
    assert (
        later.message == f"the Job has no pod; see why with: kubectl describe job {job()['metadata']['name']}"
    )


@pytest.mark.parametrize(
    ("pods", "running", "reason", "message"),
    [
        ([], False, "Starting", "the pod is being started"),
        ([pod("Pending")], False, "Starting", "the pod is being started"),
        (
            [pod("Pending", waiting={"reason": "ContainerCreating"})],
            False,
            "Starting",
            "the pod is being started",
        ),
        (
            [pod("Pending", UNSCHEDULABLE)],
            False,
            "Unschedulable",
            "no node has room yet: 0/1 nodes: insufficient cpu",
        ),
        ([pod("Pending", waiting=IMAGE_PULL)], False, "ImagePullBackOff", NO_IMAGE),
        ([pod("Running")], True, "Running", "the runner is working"),
        ([pod("Succeeded")], True, "StoringResult", "the result is being stored"),
        (
            [pod("Failed", terminated={"exitCode": 75})],
            False,
            "Retrying",
            "attempt 1 failed, another one follows",
        ),
        (
            [pod("Failed", age=9, terminated={"exitCode": 75}), pod("Running", age=1)],
            True,
            "Running",
            "the runner is working",
        ),
    ],
)
def test_a_run_that_is_under_way(pods: list[Json], running: bool, reason: str, message: str) -> None:
    diagnosis = diagnosed(ACTIVE, pods, NOW)

    assert (diagnosis.running, diagnosis.reason, diagnosis.message) == (running, reason, message)
    assert diagnosis.failure is None


@pytest.mark.parametrize("code", FINAL_EXIT_CODES)
def test_a_final_exit_code_ends_the_run_with_the_runners_last_words(code: int) -> None:
    failure = diagnosed(ACTIVE, [pod("Failed", terminated={"exitCode": code, "message": WORDS})], NOW).failure

    assert failure is not None
    assert (failure.reason, failure.message) == ("SolverFailed", "the equations could not be solved")


@pytest.mark.parametrize("words", [None, "", "Traceback", '{"reason": "Infeasible"}', "[]"])
def test_a_runner_that_left_no_word(words: str | None) -> None:
    ended = {"exitCode": 66, "reason": "Error"} | ({} if words is None else {"message": words})

    failure = diagnosed(ACTIVE, [pod("Failed", terminated=ended)], NOW).failure

    assert failure is not None
    assert failure.reason == "RunnerCrashed"
    assert (
        failure.message == "the runner ended with exit code 66 (Error) and left no message; see the pod's log"
    )


def test_the_end_of_the_log_of_a_runner_that_crashed_is_kept() -> None:
    """Its pod is removed within minutes."""
    ended = {"exitCode": 139, "reason": "Error", "message": "x" * 3000 + "Fatal Python error"}
    crashed = job(condition("Failed", "True", "BackoffLimitExceeded"), failed=1)

    failure = diagnosed(crashed, [pod("Failed", terminated=ended)], NOW).failure

    assert failure is not None
    assert failure.log_tail is not None
    assert failure.log_tail.endswith("Fatal Python error")
    assert len(failure.log_tail) == LOG_TAIL_MAX_LENGTH


def test_a_reason_of_a_later_runner_is_told_in_its_words() -> None:
    """The status has a fixed list of reasons, so that the API server would refuse another one."""
    ended = {"exitCode": 66, "message": '{"reason": "CoolantLost", "message": "fill it up"}'}

    failure = diagnosed(ACTIVE, [pod("Failed", terminated=ended)], NOW).failure

    assert failure is not None
    assert (failure.reason, failure.message) == ("RunnerCrashed", "CoolantLost: fill it up")


def test_a_lack_of_memory_is_told_at_once() -> None:
    """Another try has the same limit, and needs as much."""
    killed = pod("Failed", terminated={"exitCode": 137, "reason": "OOMKilled"})

    failure = diagnosed(ACTIVE, [killed], NOW).failure

    assert failure is not None
    assert failure.reason == "OutOfMemory"
    assert "raise spec.run.resources.limits.memory" in failure.message


@pytest.mark.parametrize("reason", ["ContainerStatusUnknown", "Error"])
def test_a_kill_that_is_no_lack_of_memory_is_not_called_one(reason: str) -> None:
    """A node that was reset: the kubelet finds the container no more and says 137."""
    killed = pod("Failed", terminated={"exitCode": 137, "reason": reason})
    given_up = job(condition("Failed", "True", "BackoffLimitExceeded"), failed=1)

    assert diagnosed(ACTIVE, [killed], NOW).reason == "Retrying"
    failure = diagnosed(given_up, [killed], NOW).failure

    assert failure is not None
    assert failure.reason == "RunnerCrashed"


@pytest.mark.parametrize("code", [137, 143, *FINAL_EXIT_CODES])
def test_an_eviction_is_no_failure(code: int) -> None:
    evicted = pod("Failed", EVICTED, age=9, terminated={"exitCode": code, "reason": "OOMKilled"})

    assert diagnosed(ACTIVE, [evicted], NOW).reason == "Retrying"
    assert diagnosed(ACTIVE, [evicted, pod("Running", age=1)], NOW).reason == "Running"


def test_a_job_that_has_used_up_its_tries_tells_the_last_ones_words() -> None:
    given_up = job(condition("Failed", "True", "BackoffLimitExceeded"), failed=2)
    older = pod("Failed", age=60, terminated={"exitCode": 70, "reason": "Error"})
    newer = pod(
        "Failed",
        age=9,
        terminated={"exitCode": 75, "message": '{"reason": "UploadFailed", "message": "no bridge"}'},
    )

    failure = diagnosed(given_up, [newer, older], NOW).failure

    assert failure is not None
    assert (failure.reason, failure.message) == ("UploadFailed", "no bridge (last of 2 attempts)")


def test_a_job_that_failed_without_a_pod_to_show_for_it() -> None:
    gone = job(condition("Failed", "True", "BackoffLimitExceeded", message="Job has reached its limit"))

    failure = diagnosed(gone, [], NOW).failure

    assert failure is not None
    assert (failure.reason, failure.message) == ("RunnerCrashed", "the Job failed: Job has reached its limit")


@pytest.mark.parametrize("kind", ["Failed", "FailureTarget"])
def test_a_deadline_is_told_as_soon_as_kubernetes_has_decided(kind: str) -> None:
    late = job(condition(kind, "True", "DeadlineExceeded"))

    failure = diagnosed(late, [pod("Running")], NOW).failure

    assert failure is not None
    assert failure.reason == "DeadlineExceeded"
    assert failure.message == (
        "the run took longer than spec.run.deadlineSeconds: raise it, or make the run shorter"
    )


@pytest.mark.parametrize(
    ("waiting", "complaint"),
    [
        (pod("Pending", UNSCHEDULABLE), "no node has room yet: 0/1 nodes: insufficient cpu"),
        (pod("Pending", waiting=IMAGE_PULL), NO_IMAGE),
    ],
)
def test_a_deadline_says_what_the_pod_was_waiting_for(waiting: Json, complaint: str) -> None:
    failure = diagnosed(job(condition("FailureTarget", "True", "DeadlineExceeded")), [waiting], NOW).failure

    assert failure is not None
    assert failure.message == (
        f"the run did not begin within spec.run.deadlineSeconds. At the end it was waiting: {complaint}"
    )


def test_a_deadline_keeps_the_cause_when_the_pods_are_gone() -> None:
    """The Job controller removes them before they can be looked at."""
    waited = {
        "conditions": [condition("Succeeded", "Unknown", "Unschedulable", message="no node has room yet")]
    }
    late = job(condition("Failed", "True", "DeadlineExceeded"))

    failure = diagnosed(late, [], NOW, waited).failure

    assert failure is not None
    assert failure.message == (
        "the run did not begin within spec.run.deadlineSeconds. At the end it was waiting: "
        "Unschedulable: no node has room yet"
    )


def test_a_run_that_had_begun_is_told_to_raise_its_deadline() -> None:
    began = {
        "timeline": {"runnerStartedTime": ago(seconds=60)},
        "conditions": [condition("Succeeded", "Unknown", "Unschedulable", message="no node has room yet")],
    }

    failure = diagnosed(job(condition("Failed", "True", "DeadlineExceeded")), [], NOW, began).failure

    assert failure is not None
    assert failure.message.startswith("the run took longer than spec.run.deadlineSeconds: raise it")
    assert "at the end it was waiting: Unschedulable" in failure.message


def test_a_pod_that_the_deadline_ended_is_no_cause() -> None:
    """The Job controller ends the pod first, and says why in the Job only afterwards."""
    ending = {
        "conditions": [condition("Succeeded", "Unknown", "PodEnding", message="the pod is being terminated")]
    }

    failure = diagnosed(job(condition("Failed", "True", "DeadlineExceeded")), [], NOW, ending).failure

    assert failure is not None
    assert failure.message == (
        "the run took longer than spec.run.deadlineSeconds: raise it, or make the run shorter"
    )


def test_a_pod_that_ends_before_it_began_still_says_why() -> None:
    ending = deleted(ago_seconds=-20)
    ending["status"] = pod("Pending", waiting=IMAGE_PULL)["status"]

    seen = diagnosed(ACTIVE, [ending], NOW)

    assert (seen.running, seen.reason) == (False, "ImagePullBackOff")


def test_what_the_job_controller_says_about_a_pod_that_it_cannot_make() -> None:
    words = 'Error creating: pods "bsim-x" is forbidden: exceeded quota: pods0, requested: pods=1'

    seen = diagnosed(job(age=60), [], NOW, complaint=words)

    assert (seen.reason, seen.requeue_after_seconds) == ("PodNotAdmitted", 10)
    assert seen.message.startswith(f"{words}. Remedy: ")


def test_a_job_that_kueue_holds_back_names_its_queue() -> None:
    suspended = {**job(age=60), "spec": {"suspend": True}}
    suspended["metadata"] = {**suspended["metadata"], "labels": {"kueue.x-k8s.io/queue-name": "lab"}}

    assert "in queue 'lab': see kubectl describe localqueue lab" in diagnosed(suspended, [], NOW).message


def test_a_suspended_job_is_called_so() -> None:
    suspended = {**job(age=60), "spec": {"suspend": True}}

    assert diagnosed(suspended, [], NOW).reason == "Suspended"


def test_a_pod_behind_a_gate_is_not_called_unschedulable() -> None:
    gated = pod("Pending", condition("PodScheduled", "False", "SchedulingGated"))

    assert diagnosed(ACTIVE, [gated], NOW).reason == "SchedulingGated"


def test_an_init_container_that_cannot_start_is_told() -> None:
    waiting = pod("Pending")
    waiting["status"]["initContainerStatuses"] = [{"name": "mesh", "state": {"waiting": IMAGE_PULL}}]

    seen = diagnosed(ACTIVE, [waiting], NOW)

    assert seen.reason == "ImagePullBackOff"
    assert "container 'mesh'" in seen.message
    assert IMAGE_PULL["message"] in seen.message


def deleted(*, ago_seconds: float) -> Json:
    """Return a pod whose grace period has ended so long ago."""
    ending = pod("Running", age=600)
    ending["metadata"]["deletionTimestamp"] = ago(seconds=ago_seconds)
    ending["spec"] = {"nodeName": "node-7"}
    return ending


def test_a_pod_that_cannot_be_ended_is_given_up_a_minute_after_its_grace() -> None:
    """The API server keeps the pod of a lost node for ever, and the Job makes no other one."""
    early = diagnosed(ACTIVE, [deleted(ago_seconds=30)], NOW)
    late = diagnosed(ACTIVE, [deleted(ago_seconds=GONE_AFTER.total_seconds() + 1)], NOW)

    assert (early.running, early.reason, early.lost_pod) == (False, "PodEnding", None)
    assert early.requeue_after_seconds == pytest.approx(31.0, abs=1)
    assert (late.running, late.reason) == (False, "NodeLost")
    assert "node-7 does not answer" in late.message
    assert late.lost_pod is not None


def unheard(*, since_seconds: float, reason: str = "", containers_ready: str = "True") -> Json:
    """Return a pod as the node controller leaves it when the kubelet has stopped to answer."""
    since = ago(seconds=since_seconds)
    silent = pod(
        "Running",
        condition("Ready", "False", reason, lastTransitionTime=since),
        condition("ContainersReady", containers_ready, ""),
    )
    silent["status"]["containerStatuses"] = [{"name": "runner", "ready": True}]
    silent["spec"] = {"nodeName": "node-7"}
    return silent


def test_a_node_that_does_not_answer_is_told_after_two_minutes() -> None:
    early = diagnosed(ACTIVE, [unheard(since_seconds=50)], NOW)
    late = diagnosed(ACTIVE, [unheard(since_seconds=LOST_AFTER.total_seconds() + 1)], NOW)

    assert (early.running, early.reason) == (True, "Running")
    assert early.requeue_after_seconds == pytest.approx(70, abs=1)
    assert (late.running, late.reason) == (False, "NodeLost")
    assert "kubectl delete node node-7" in late.message
    assert late.lost_pod is None  # Kubernetes deletes it by itself, unless the node comes back


@pytest.mark.parametrize(
    ("reason", "containers_ready"), [("ContainersNotReady", "False"), ("ReadinessGatesNotReady", "True")]
)
def test_a_sidecar_or_a_gate_that_is_not_ready_is_no_lost_node(reason: str, containers_ready: str) -> None:
    """The kubelet, which answers, gives a reason; the runner's own container is ready."""
    waiting = unheard(since_seconds=3600, reason=reason, containers_ready=containers_ready)

    seen = diagnosed(ACTIVE, [waiting], NOW)

    assert (seen.running, seen.reason) == (True, "Running")


def test_pods_of_another_job_say_nothing() -> None:
    """Of an earlier Job of the same simulation, or of whoever has put our label on a pod."""
    stranger = pod("Failed", terminated={"exitCode": 64, "message": WORDS})
    stranger["metadata"]["ownerReferences"][0]["uid"] = "another"
    free = pod("Failed", terminated={"exitCode": 64, "message": WORDS})
    del free["metadata"]["ownerReferences"]

    seen = diagnosed(ACTIVE, [stranger, free, pod("Running", age=1)], NOW)

    assert (seen.reason, seen.failure) == ("Running", None)


def test_a_deadline_explains_itself_even_after_a_very_long_complaint() -> None:
    waiting = pod("Pending", waiting={"reason": "ErrImagePull", "message": "x" * 9000})

    failure = diagnosed(job(condition("Failed", "True", "DeadlineExceeded")), [waiting], NOW).failure

    assert failure is not None
    assert len(failure.message) <= MESSAGE_MAX_LENGTH


def test_a_complete_job_waits_a_while_for_its_result() -> None:
    done = job(condition("Complete", "True"), completionTime=ago(seconds=1))

    early = diagnosed(done, [pod("Succeeded")], NOW)
    late = diagnosed(done, [pod("Succeeded")], NOW + RESULT_GRACE)

    assert (early.running, early.reason, early.failure) == (True, "StoringResult", None)
    assert early.requeue_after_seconds is not None
    assert timedelta(0) < timedelta(seconds=early.requeue_after_seconds) <= RESULT_GRACE
    assert late.failure is not None
    assert late.failure.reason == "ResultMissing"


def test_a_condition_that_is_not_true_says_nothing() -> None:
    fine = job(condition("Failed", "False", "DeadlineExceeded"), condition("Complete", "False"), active=1)

    assert diagnosed(fine, [pod("Running")], NOW).reason == "Running"
