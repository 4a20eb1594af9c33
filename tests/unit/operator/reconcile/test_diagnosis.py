"""From a Job and its pods to how the run is."""

from datetime import timedelta

import pytest

from batterysim.failure import FINAL_EXIT_CODES, MESSAGE_MAX_LENGTH
from batterysim_operator.reconcile.diagnosis import RESULT_GRACE, diagnose
from tests.builders import NOW, Json, ago, condition, job, pod

IMAGE_PULL = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "runner:1"'}
WORDS = '{"reason": "SolverFailed", "message": "the equations could not be solved"}'
EVICTED = condition("DisruptionTarget", "True", "EvictionByEvictionAPI")
UNSCHEDULABLE = condition("PodScheduled", "False", "Unschedulable", message="0/1 nodes: insufficient cpu")
ACTIVE = job(active=1)


def test_a_job_that_gets_no_pod_says_where_to_look() -> None:
    soon = diagnose(job(age=5), [], NOW)
    later = diagnose(job(age=60), [], NOW)

    assert (soon.reason, soon.look_again_seconds) == ("Starting", 10)
    assert later.reason == "NoPod"
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
        ([pod("Pending", waiting=IMAGE_PULL)], False, "ImagePullBackOff", IMAGE_PULL["message"]),
        ([pod("Running")], True, "Running", "the runner is at work"),
        ([pod("Succeeded")], True, "StoringResult", "the result is being stored"),
        (
            [pod("Failed", terminated={"exitCode": 75})],
            False,
            "Retrying",
            "try 1 failed, another one follows",
        ),
        (
            [pod("Failed", age=9, terminated={"exitCode": 75}), pod("Running", age=1)],
            True,
            "Running",
            "the runner is at work",
        ),
    ],
)
def test_a_run_that_is_under_way(pods: list[Json], running: bool, reason: str, message: str) -> None:
    diagnosis = diagnose(ACTIVE, pods, NOW)

    assert (diagnosis.running, diagnosis.reason, diagnosis.message) == (running, reason, message)
    assert diagnosis.failure is None


@pytest.mark.parametrize("code", FINAL_EXIT_CODES)
def test_a_final_exit_code_ends_the_run_with_the_runners_last_words(code: int) -> None:
    failure = diagnose(ACTIVE, [pod("Failed", terminated={"exitCode": code, "message": WORDS})], NOW).failure

    assert failure is not None
    assert (failure.reason, failure.message) == ("SolverFailed", "the equations could not be solved")


@pytest.mark.parametrize("words", [None, "", "Traceback", '{"reason": "NoSuchReason", "message": ""}', "[]"])
def test_a_runner_that_left_no_word(words: str | None) -> None:
    ended = {"exitCode": 66, "reason": "Error"} | ({} if words is None else {"message": words})

    failure = diagnose(ACTIVE, [pod("Failed", terminated=ended)], NOW).failure

    assert failure is not None
    assert failure.reason == "RunnerCrashed"
    assert failure.message == "the runner ended with exit code 66 (Error) and left no word; see the pod's log"


@pytest.mark.parametrize(
    ("noticed", "said"), [("OOMKilled", "was killed because"), ("Error", "was killed, most likely because")]
)
def test_out_of_memory_is_final_and_says_what_to_raise(noticed: str, said: str) -> None:
    killed = pod("Failed", terminated={"exitCode": 137, "reason": noticed})

    failure = diagnose(ACTIVE, [killed], NOW).failure

    assert failure is not None
    assert failure.reason == "OutOfMemory"
    assert said in failure.message
    assert "raise spec.run.resources.limits.memory" in failure.message


@pytest.mark.parametrize("code", [137, 143, *FINAL_EXIT_CODES])
def test_an_eviction_is_no_failure(code: int) -> None:
    evicted = pod("Failed", EVICTED, age=9, terminated={"exitCode": code, "reason": "OOMKilled"})

    assert diagnose(ACTIVE, [evicted], NOW).reason == "Retrying"
    assert diagnose(ACTIVE, [evicted, pod("Running", age=1)], NOW).reason == "Running"


def test_a_job_that_has_used_up_its_tries_tells_the_last_ones_words() -> None:
    given_up = job(condition("Failed", "True", "BackoffLimitExceeded"), failed=2)
    older = pod("Failed", age=60, terminated={"exitCode": 70, "reason": "Error"})
    newer = pod(
        "Failed",
        age=9,
        terminated={"exitCode": 75, "message": '{"reason": "UploadFailed", "message": "no bridge"}'},
    )

    failure = diagnose(given_up, [newer, older], NOW).failure

    assert failure is not None
    assert (failure.reason, failure.message) == ("UploadFailed", "no bridge (last of 2 tries)")


def test_a_job_that_failed_without_a_pod_to_show_for_it() -> None:
    gone = job(condition("Failed", "True", "BackoffLimitExceeded", message="Job has reached its limit"))

    failure = diagnose(gone, [], NOW).failure

    assert failure is not None
    assert (failure.reason, failure.message) == ("RunnerCrashed", "the Job failed: Job has reached its limit")


@pytest.mark.parametrize("kind", ["Failed", "FailureTarget"])
def test_a_deadline_is_told_as_soon_as_kubernetes_has_decided(kind: str) -> None:
    late = job(condition(kind, "True", "DeadlineExceeded"))

    failure = diagnose(late, [pod("Running")], NOW).failure

    assert failure is not None
    assert failure.reason == "DeadlineExceeded"
    assert failure.message == (
        "the run took longer than spec.run.deadlineSeconds: raise it, or make the run shorter"
    )


@pytest.mark.parametrize(
    ("waiting", "complaint"),
    [
        (pod("Pending", UNSCHEDULABLE), "no node has room yet: 0/1 nodes: insufficient cpu"),
        (pod("Pending", waiting=IMAGE_PULL), IMAGE_PULL["message"]),
    ],
)
def test_a_deadline_says_what_the_pod_was_waiting_for(waiting: Json, complaint: str) -> None:
    failure = diagnose(job(condition("FailureTarget", "True", "DeadlineExceeded")), [waiting], NOW).failure

    assert failure is not None
    assert failure.message.endswith(f"(at the end it was waiting: {complaint})")


def test_a_deadline_explains_itself_even_after_a_very_long_complaint() -> None:
    waiting = pod("Pending", waiting={"reason": "ErrImagePull", "message": "x" * 9000})

    failure = diagnose(job(condition("Failed", "True", "DeadlineExceeded")), [waiting], NOW).failure

    assert failure is not None
    assert len(failure.message) <= MESSAGE_MAX_LENGTH


def test_a_complete_job_waits_a_while_for_its_result() -> None:
    done = job(condition("Complete", "True"), completionTime=ago(seconds=1))

    early = diagnose(done, [pod("Succeeded")], NOW)
    late = diagnose(done, [pod("Succeeded")], NOW + RESULT_GRACE)

    assert (early.running, early.reason, early.failure) == (True, "StoringResult", None)
    assert early.look_again_seconds is not None
    assert timedelta(0) < timedelta(seconds=early.look_again_seconds) <= RESULT_GRACE
    assert late.failure is not None
    assert late.failure.reason == "ResultMissing"


def test_a_condition_that_is_not_true_says_nothing() -> None:
    fine = job(condition("Failed", "False", "DeadlineExceeded"), condition("Complete", "False"), active=1)

    assert diagnose(fine, [pod("Running")], NOW).reason == "Running"
