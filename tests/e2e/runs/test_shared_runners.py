"""Runs on shared runners: the same end as in a pod of one's own, only sooner, and each attempt once."""

import io
from collections.abc import Callable, Iterator

import pyarrow.parquet as pq
import pytest
from devtools.kube import Kube, Manifest, Results

from batterysim import names

SHARED_NAMESPACE = "batterysim-shared"
PROCESS = {"isolation": "Process"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Kube]:
    """The namespace that `hack/deploy` gives a shared runner."""
    kube = Kube(SHARED_NAMESPACE)
    yield kube
    for item in kube.objects.list_namespaced_custom_object(
        names.GROUP, names.VERSION, SHARED_NAMESPACE, names.PLURAL
    )["items"]:
        kube.delete(item["metadata"]["name"])


@pytest.fixture(scope="module")
def shared_results(shared: Kube, url: str) -> Results:
    return Results(url, shared.reader_token())


def run(kube: Kube, manifest: Manifest) -> Manifest:
    name = kube.create(manifest)["metadata"]["name"]
    return kube.wait_for_end(name)[name]


def test_a_process_succeeds_without_a_job_and_says_who_ran_it(
    shared: Kube, simulation: Callable[..., Manifest]
) -> None:
    ended = run(shared, simulation(run=PROCESS))

    status = ended["status"]
    assert (status["phase"], status["isolation"], status["attempt"]) == ("Succeeded", "Process", 1)
    assert "jobName" not in status
    assert shared.jobs_of(ended) == []
    assert status["claim"]["host"].startswith("batterysim-shared-runner-")
    assert status["provenance"]["podName"] == status["claim"]["host"]


@pytest.mark.parametrize("example", ["cell-discharge", "us06-drive-cycle"])
def test_the_stored_numbers_are_those_of_a_job(
    shared: Kube, shared_results: Results, simulation: Callable[..., Manifest], example: str
) -> None:
    ended = [run(shared, simulation(example, run={"isolation": way})) for way in ("Job", "Process")]

    by_job, by_process = (
        pq.read_table(io.BytesIO(shared_results.fetch(SHARED_NAMESPACE, item["metadata"]["name"], "parquet")))
        for item in ended
    )
    assert by_job.equals(by_process)
    assert ended[0]["status"]["summary"] == ended[1]["status"]["summary"]


def test_what_cannot_be_solved_fails_with_the_reason_that_a_pod_gives(
    shared: Kube, simulation: Callable[..., Manifest]
) -> None:
    ended = [
        run(shared, simulation(run={"isolation": way}, cell__initialStateOfCharge=0.0))
        for way in ("Job", "Process")
    ]

    failures = [item["status"]["failure"] for item in ended]
    assert failures[0] == failures[1]
    assert failures[0]["reason"] == "Infeasible"


def test_a_solver_that_does_not_return_is_ended_at_its_limit(
    shared: Kube, simulation: Callable[..., Manifest]
) -> None:
    hold = {"constantVoltage": {"volts": 2.5, "durationSeconds": 60}}
    manifest = simulation(run=PROCESS, cell__initialStateOfCharge=1, solver__wallClockLimitSeconds=3)
    manifest["spec"]["protocol"] = hold

    status = run(shared, manifest)["status"]

    assert (status["phase"], status["failure"]["reason"]) == ("Failed", "WallClockLimit")


def test_the_deadline_ends_a_run(shared: Kube, simulation: Callable[..., Manifest]) -> None:
    manifest = simulation(run=PROCESS | {"deadlineSeconds": 4}, cell__initialStateOfCharge=1)
    manifest["spec"]["protocol"] = {"constantVoltage": {"volts": 2.5, "durationSeconds": 60}}

    status = run(shared, manifest)["status"]

    assert (status["phase"], status["failure"]["reason"]) == ("Failed", "DeadlineExceeded")


def test_what_a_shared_runner_cannot_offer_becomes_a_job_or_fails_as_the_user_says(
    shared: Kube, simulation: Callable[..., Manifest]
) -> None:
    wanted = PROCESS | {"resources": {"limits": {"memory": "1Gi"}}}
    job = run(shared, simulation(run=wanted))["status"]
    refused = run(shared, simulation(run=wanted | {"isolationFallback": "Fail"}))["status"]

    assert (job["phase"], job["isolation"]) == ("Succeeded", "Job")
    assert refused["phase"] == "Failed"
    assert "spec.run.resources" in refused["failure"]["message"]
