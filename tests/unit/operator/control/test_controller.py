"""One look at a simulation: what is read, what is written, and in which order."""

import asyncio
from collections.abc import Mapping

import pytest
from kubernetes.aio.client.exceptions import UnprocessableEntityException

from batterysim.continuation.likeness import likeness
from batterysim.names import ANNOTATION_RELEASE, job_name
from batterysim_kube.api_server import Json
from batterysim_kube.errors import ApiException
from batterysim_operator.control.controller import SimulationController
from batterysim_operator.control.workqueue import Key
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from tests.builders import NOW, UID, ago, condition, job, judge, pod, raw_spec, simulation, spec_of
from tests.unit.operator.fake_cluster import FakeCluster

KEY = Key("lab", "cell-discharge")
REFUSAL = (
    '{"kind": "Status", "message": "Job.batch \\"bsim\\" is invalid: '
    'requests: Invalid value: \\"4Gi\\": must be less than or equal to memory limit of 1Gi", '
    '"details": {"causes": [{"field": "spec.template.spec.containers[0].resources.requests"}]}}'
)
QUOTA = '{"kind": "Status", "message": "jobs.batch \\"bsim\\" is forbidden: exceeded quota: jobs0"}'
POLICY = '{"kind": "Status", "message": "every Job here needs the label team", "details": {"causes": [{}]}}'
WEBHOOK = '{"kind": "Status", "message": "Internal error occurred: failed calling webhook: no endpoints"}'


def controller(cluster: FakeCluster, release: str | None = None) -> SimulationController:
    settings = RunnerSettings(image="runner:1", bridge_url="http://bridge", release=release)
    return SimulationController(cluster, judge(), settings, lambda: NOW)


def status_of(cluster: FakeCluster) -> Json:
    assert cluster.object is not None
    status: Json = cluster.object["status"]
    return status


async def test_the_status_is_written_before_the_job_is_created() -> None:
    cluster = FakeCluster(simulation())

    await controller(cluster).reconcile(KEY)

    assert cluster.calls == ["read simulation", "apply status", "create job"]
    assert list(cluster.jobs) == [job_name(UID)]
    assert [event["reason"] for event in cluster.events] == ["Accepted"]


async def test_a_namespace_that_another_release_serves_as_well_is_told_once() -> None:
    cluster = FakeCluster(simulation(status={"jobName": job_name(UID)}))
    theirs = job()
    theirs["metadata"]["annotations"][ANNOTATION_RELEASE] = "pub-two/second"
    cluster.jobs[job_name(UID)] = theirs
    ours = controller(cluster, release="batterysim-system/batterysim")

    await ours.reconcile(KEY)
    await ours.reconcile(KEY)

    (told,) = [event for event in cluster.events if event["reason"] == "ServedTwice"]
    assert "release pub-two/second has started this run" in told["message"]
    assert "release batterysim-system/batterysim serves namespace 'lab', too" in told["message"]


async def test_a_job_of_ones_own_or_of_an_older_version_is_no_reason_to_tell() -> None:
    for release in ("batterysim-system/batterysim", None):
        cluster = FakeCluster(simulation(status={"jobName": job_name(UID)}))
        cluster.jobs[job_name(UID)] = job()
        if release is not None:
            cluster.jobs[job_name(UID)]["metadata"]["annotations"][ANNOTATION_RELEASE] = release

        await controller(cluster, release="batterysim-system/batterysim").reconcile(KEY)

        assert [event["reason"] for event in cluster.events if event["reason"] == "ServedTwice"] == []


async def test_a_second_look_writes_nothing() -> None:
    cluster = FakeCluster(simulation())
    await controller(cluster).reconcile(KEY)
    await controller(cluster).reconcile(KEY)  # sees the Job
    cluster.calls.clear()

    await controller(cluster).reconcile(KEY)

    assert cluster.calls == ["read simulation", "read job", "read pods"]
    assert len(cluster.events) == 1


class Racing(FakeCluster):
    """Its runner ends, and with it the Job, while the Job is being read."""

    async def job(self, namespace: str, name: str) -> Json | None:
        await asyncio.sleep(0)
        word = '{"reason": "Infeasible", "message": "use a smaller current"}'
        self.pods = [pod("Failed", terminated={"exitCode": 65, "message": word})]
        return job(condition("Failed", "True", "PodFailurePolicy"), failed=1)


async def test_a_pods_last_words_are_not_missed_when_its_job_fails_meanwhile() -> None:
    cluster = Racing(simulation(status={"jobName": job_name(UID)}))
    cluster.pods = [pod("Running")]

    await controller(cluster).reconcile(KEY)

    assert status_of(cluster)["failure"] == {"reason": "Infeasible", "message": "use a smaller current"}


async def test_a_simulation_that_is_gone_is_forgotten() -> None:
    assert await controller(FakeCluster()).reconcile(KEY) is None


async def test_a_settled_simulation_costs_one_read() -> None:
    cluster = FakeCluster(simulation(spec=raw_spec(cell={"parameters": {"zzz": 1.0}})))
    await controller(cluster).reconcile(KEY)
    cluster.calls.clear()

    assert await controller(cluster).reconcile(KEY) is None
    assert cluster.calls == ["read simulation"]


class Overtaken(FakeCluster):
    """Somebody else writes the object right after it is read."""

    async def simulation(self, namespace: str, name: str) -> Json | None:
        read = await super().simulation(namespace, name)
        assert self.object is not None
        self.object["metadata"]["resourceVersion"] = "999"
        return read


async def test_what_has_changed_since_it_was_read_is_looked_at_again_at_once() -> None:
    cluster = Overtaken(simulation())

    assert await controller(cluster).reconcile(KEY) == 0.0
    assert cluster.jobs == {}


class Vanishing(FakeCluster):
    """The object is deleted right after it is read."""

    async def simulation(self, namespace: str, name: str) -> Json | None:
        read = await super().simulation(namespace, name)
        self.object = None
        return read


async def test_what_was_deleted_since_it_was_read_gets_no_job() -> None:
    cluster = Vanishing(simulation())

    assert await controller(cluster).reconcile(KEY) is None
    assert cluster.jobs == {}


async def test_a_job_that_is_invalid_makes_the_simulation_so_with_what_the_api_server_says() -> None:
    cluster = FakeCluster(simulation())
    cluster.refusals = [UnprocessableEntityException(status=422, body=REFUSAL)]

    assert await controller(cluster).reconcile(KEY) is None

    status = status_of(cluster)
    assert status["phase"] == "Invalid"
    assert status["failure"]["reason"] == "InvalidSpec"
    assert status["failure"]["message"] == (
        'Kubernetes rejects the Job, correct spec.run: Job.batch "bsim" is invalid: '
        'requests: Invalid value: "4Gi": must be less than or equal to memory limit of 1Gi'
    )
    assert [event["reason"] for event in cluster.events] == ["Accepted", "Invalid"]


async def test_after_the_correction_of_what_kubernetes_has_rejected_the_run_begins() -> None:
    cluster = FakeCluster(simulation())
    cluster.refusals = [UnprocessableEntityException(status=422, body=REFUSAL)]
    await controller(cluster).reconcile(KEY)
    assert "jobName" not in status_of(cluster)  # which would lock the spec
    assert cluster.object is not None
    cluster.object["metadata"]["generation"] = 2

    await controller(cluster).reconcile(KEY)

    assert list(cluster.jobs) == [job_name(UID)]
    assert status_of(cluster)["phase"] == "Pending"


async def test_a_deadline_that_is_raised_during_the_run_holds_for_its_job() -> None:
    cluster = FakeCluster(simulation())
    await controller(cluster).reconcile(KEY)
    cluster.pods = [pod("Running")]
    assert cluster.object is not None
    cluster.object["metadata"]["generation"] = 2
    cluster.object["spec"]["run"] = {"deadlineSeconds": 100_000, "retries": 5}
    cluster.calls.clear()

    await controller(cluster).reconcile(KEY)

    spec = cluster.jobs[job_name(UID)]["spec"]
    assert (spec["activeDeadlineSeconds"], spec["backoffLimit"]) == (100_000, 5)
    # The other way round a crash between the two would lose the edit.
    assert cluster.calls[-2:] == ["change job", "apply status"]


async def test_the_job_of_a_run_that_has_ended_is_removed_after_its_time() -> None:
    cluster = FakeCluster(simulation())
    await controller(cluster).reconcile(KEY)
    assert cluster.jobs[job_name(UID)]["spec"]["ttlSecondsAfterFinished"] == 86_400
    assert cluster.object is not None
    cluster.object["status"]["results"] = {"rows": 101}
    cluster.calls.clear()

    await controller(cluster).reconcile(KEY)

    assert cluster.jobs[job_name(UID)]["spec"]["ttlSecondsAfterFinished"] == 300
    # The other way round the Job could be gone before its end is known.
    assert cluster.calls[-2:] == ["apply status", "change job"]


async def test_a_job_that_cannot_be_tidied_stops_nothing() -> None:
    cluster = FakeCluster(simulation(status={"jobName": job_name(UID), "results": {"rows": 101}}))
    cluster.jobs[job_name(UID)] = job()
    cluster.change_job = refuse  # type: ignore[method-assign]

    assert await controller(cluster).reconcile(KEY) is None

    assert status_of(cluster)["phase"] == "Succeeded"


async def refuse(*_: object) -> None:
    raise ApiException(status=403, reason="Forbidden")


async def test_a_pod_whose_node_is_lost_is_given_up_and_the_user_is_told() -> None:
    cluster = FakeCluster(simulation())
    await controller(cluster).reconcile(KEY)
    lost = pod("Running", age=600)
    lost["metadata"] |= {"deletionTimestamp": ago(minutes=5)}
    lost["spec"] = {"nodeName": "node-7"}
    cluster.pods = [lost]

    await controller(cluster).reconcile(KEY)

    assert cluster.pods == []
    assert status_of(cluster)["conditions"][1]["reason"] == "NodeLost"
    assert cluster.events[-1]["reason"] == "NodeLost"


@pytest.mark.parametrize(
    ("code", "body", "said"),
    [
        (403, QUOTA, "exceeded quota: jobs0"),
        (422, POLICY, "every Job here needs the label team"),
        (400, POLICY, "every Job here needs the label team"),
        (500, WEBHOOK, "failed calling webhook"),
        (404, '{"message": "namespaces \\"lab\\" not found"}', "not found"),
    ],
    ids=["quota", "policy", "webhook that denies", "webhook that is down", "no namespace"],
)
async def test_a_job_that_is_not_admitted_now_is_told_and_tried_again(
    code: int, body: str, said: str
) -> None:
    cluster = FakeCluster(simulation())
    cluster.refusals = [ApiException(status=code, body=body)] * 2

    again = await controller(cluster).reconcile(KEY)

    assert again == 2
    assert status_of(cluster)["phase"] == "Pending"
    waiting = status_of(cluster)["conditions"][1]
    assert waiting["reason"] == "JobNotAdmitted"
    assert said in waiting["message"]
    assert [event["reason"] for event in cluster.events] == ["Accepted", "JobNotAdmitted"]
    written = cluster.calls.count("apply status")
    await controller(cluster).reconcile(KEY)
    assert cluster.calls.count("apply status") == written  # nothing new to say
    await controller(cluster).reconcile(KEY)
    assert list(cluster.jobs) == [job_name(UID)]
    await controller(cluster).reconcile(KEY)
    assert status_of(cluster)["conditions"][1]["reason"] == "Starting"


async def test_a_job_that_could_not_be_created_for_now_is_left_to_the_queue() -> None:
    cluster = FakeCluster(simulation())
    cluster.refusals = [ApiException(status=500)]
    with pytest.raises(ApiException):
        await controller(cluster).reconcile(KEY)

    await controller(cluster).reconcile(KEY)

    assert list(cluster.jobs) == [job_name(UID)]


async def test_the_end_is_told_by_an_event() -> None:
    cluster = FakeCluster(simulation())
    await controller(cluster).reconcile(KEY)
    cluster.pods = [pod("Failed", terminated={"exitCode": 66})]

    assert await controller(cluster).reconcile(KEY) is None

    assert [(event["type"], event["reason"]) for event in cluster.events] == [
        ("Normal", "Accepted"),
        ("Warning", "Failed"),
    ]


class WithoutEvents(FakeCluster):
    """The operator may not create events here."""

    async def create_event(self, manifest: Json) -> None:
        raise ApiException(status=403, reason="Forbidden")


async def test_an_event_that_cannot_be_told_stops_nothing() -> None:
    cluster = WithoutEvents(simulation())

    await controller(cluster).reconcile(KEY)

    assert list(cluster.jobs) == [job_name(UID)]


class TwoSimulations(FakeCluster):
    """A simulation, and the one that it goes on from."""

    earlier: Json | None = None

    async def simulation(self, namespace: str, name: str) -> Json | None:
        return self.earlier if name == "first" else await super().simulation(namespace, name)


async def test_a_simulation_that_goes_on_from_another_one_is_looked_at_until_that_has_ended() -> None:
    cluster = TwoSimulations(simulation(spec=raw_spec(cell={"initialState": {"fromResult": "first"}})))
    ours = controller(cluster)

    assert await ours.reconcile(KEY) == 5
    assert status_of(cluster)["phase"] == "Queued"
    assert cluster.jobs == {}

    key = likeness(spec_of()).to_json_dict()
    stored = {"phase": "Succeeded", "results": {"rows": 3}, "provenance": {"finalState": key}}
    cluster.earlier = simulation(name="first", status=stored)
    await ours.reconcile(KEY)

    assert list(cluster.jobs) == [job_name(UID)]


class Chain(FakeCluster):
    """Simulations that each wait for the next one: `chain` has their names."""

    def __init__(self, item: Json, chain: Mapping[str, str]) -> None:
        super().__init__(item)
        self.chain = chain

    async def simulation(self, namespace: str, name: str) -> Json | None:
        if name not in self.chain:
            return await super().simulation(namespace, name)
        waits = {"type": "Succeeded", "status": "Unknown", "reason": "WaitingForResult"}
        spec = raw_spec(cell={"initialState": {"fromResult": self.chain[name]}})
        return simulation(name=name, spec=spec, status={"phase": "Queued", "conditions": [waits]})


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        (
            {"first": KEY.name},
            f"'{KEY.name}' from that of 'first', 'first' from that of '{KEY.name}': in a circle",
        ),
        ({"first": "b", "b": "c", "c": "b"}, "'b' from that of 'c', 'c' from that of 'b': in a circle"),
        ({"first": "nobody"}, "which is Queued"),
        ({"first": "1"} | {str(n): str(n + 1) for n in range(1, 100)}, "which is Queued"),
    ],
    ids=["of two", "further on", "none", "too long to be looked at"],
)
async def test_a_circle_of_simulations_that_wait_for_one_another_is_named(
    chain: Mapping[str, str], said: str
) -> None:
    cluster = Chain(simulation(spec=raw_spec(cell={"initialState": {"fromResult": "first"}})), chain)

    await controller(cluster).reconcile(KEY)

    (condition,) = (item for item in status_of(cluster)["conditions"] if item["type"] == "Succeeded")
    assert said in condition["message"]
