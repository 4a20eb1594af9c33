"""One look at a sweep: what is read, what is written, and in which order."""

from kubernetes.aio.client.exceptions import ForbiddenException

from batterysim.names import sweep_job_name
from batterysim.sweep.cluster.judge import SweepJudge
from batterysim_operator.control.sweep_controller import SweepController
from batterysim_operator.control.workqueue import Key
from tests.builders import NOW, UID, WorkHere
from tests.unit.operator.fake_cluster import FakeCluster
from tests.unit.operator.reconcile.sweep.builders import SETTINGS, accepted, job, sweep, sweep_pod

KEY = Key("lab", "c-rates")


def controller(cluster: FakeCluster) -> SweepController:
    return SweepController(cluster, SweepJudge(WorkHere()), SETTINGS, lambda: NOW)


async def test_the_status_is_written_before_the_job_is_created() -> None:
    cluster = FakeCluster(sweep())

    await controller(cluster).reconcile(KEY)

    assert cluster.calls == ["read sweep", "read job", "apply status", "create job"]
    assert list(cluster.jobs) == [sweep_job_name(UID)]
    assert [(event["reason"], event["involvedObject"]["kind"]) for event in cluster.events] == [
        ("Accepted", "BatterySweep")
    ]


async def test_a_job_that_is_refused_is_said_and_tried_again() -> None:
    cluster = FakeCluster(sweep())
    quota = ForbiddenException(status=403)
    quota.body = '{"message": "exceeded quota: jobs0"}'
    cluster.refusals = [quota]

    again = await controller(cluster).reconcile(KEY)

    assert again == 2.0
    assert cluster.object is not None
    assert "exceeded quota" in cluster.object["status"]["conditions"][1]["message"]


async def test_a_lost_pod_is_given_up() -> None:
    cluster = FakeCluster(sweep(status=accepted()))
    cluster.jobs = {sweep_job_name(UID): job()}
    lost = sweep_pod("Running")
    lost["metadata"]["deletionTimestamp"] = "2026-03-01T11:00:00Z"
    cluster.pods = [lost]

    await controller(cluster).reconcile(KEY)

    assert cluster.pods == []


async def test_a_sweep_that_is_gone_needs_nothing() -> None:
    assert await controller(FakeCluster()).reconcile(KEY) is None
