"""The Job Manager is answered to the letter, shares runs, and hears of nothing but results and failures."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from batterysim import results
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_bridge.app import create_app, create_job_manager_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.cluster import ClusterError, Listing, RefusedError
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_bridge.job_manager.settings import JobManagerSettings

from ..builders import SERIES, parquet, put, with_settings
from ..fake_cluster import FakeCluster

CELL = "/cell/simulate"
DRIVE_CYCLE = "/drivecycle/simulate"
BODY = {
    "simulationType": "cell",
    "time": 1.0,
    "upperVoltage": 4.2,
    "lowerVoltage": 2.5,
    "nominalCell": 5.0,
    "controlCurrent": 2.0,
}
CELL_FAILURE = {"jobStarted": False, "simulationType": "cell", "simulationResults": None}
# 4.06 V at the start, and on the way past the lower cut-off's 2.5 V to 0.3 V
POINTS = [
    {"time": 0.0, "voltage": 4.065555900000001, "current": 5.0, "dcap": 0.0},
    {"time": 1785.7142857142856, "voltage": 3.6000000000000005, "current": 5.0, "dcap": 2.4801587301587302},
    {"time": 3571.4285714285713, "voltage": 0.1 + 0.2, "current": 5.0, "dcap": 4.96031746031746},
]


@pytest.fixture
def bridge(bridge: Bridge) -> Bridge:
    return serving(bridge, JobManagerSettings(namespace="default", budget_seconds=0.05, pause_seconds=0.01))


def serving(bridge: Bridge, settings: JobManagerSettings | None) -> Bridge:
    return with_settings(bridge, job_manager=settings)


@pytest.fixture
async def client(bridge: Bridge) -> AsyncIterator[httpx.AsyncClient]:
    bridge.simulations.replace(None, await bridge.cluster.listing(None))
    async with client_of(bridge) as it:
        yield it


def client_of(bridge: Bridge) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(bridge))
    return httpx.AsyncClient(transport=transport, base_url="http://battery-simulation-service:8084")


def end(cluster: FakeCluster, phase: str, version: int = 500, **status: Any) -> str:
    """Let the one simulation of the Job Manager end; return its UID."""
    ((name, manifest),) = cluster.manifests.items()
    manifest["status"] = {"phase": phase, **status}
    manifest["metadata"]["resourceVersion"] = str(version)
    cluster.objects[name] = to_simulation(manifest)
    uid: str = manifest["metadata"]["uid"]
    return uid


async def test_it_is_answered_with_the_points_and_no_other_field(
    client: httpx.AsyncClient, cluster: FakeCluster, bridge: Bridge
) -> None:
    assert (await client.post(CELL, json=BODY)).status_code == 503
    put(bridge.store, parquet(), end(cluster, "Succeeded"))

    answer = await client.post(CELL, json=BODY)

    assert answer.status_code == 200
    assert answer.json() == {"jobStarted": True, "simulationType": "cell", "simulationResults": POINTS}


async def test_only_what_says_that_it_is_json_is_taken(
    client: httpx.AsyncClient, cluster: FakeCluster
) -> None:
    """A page of another site has a browser send what it likes, but not with this Content-Type."""
    for headers in ({}, {"Content-Type": "text/plain"}):
        answer = await client.post(CELL, content=json.dumps(BODY), headers=headers)
        assert answer.json() == CELL_FAILURE

    assert cluster.manifests == {}


async def test_a_simulation_of_the_name_that_somebody_else_has_made_is_no_answer(
    client: httpx.AsyncClient, cluster: FakeCluster, bridge: Bridge
) -> None:
    """The name can be told beforehand, and the answer would be that of whoever made it."""
    await client.post(CELL, json=BODY)
    put(bridge.store, parquet(), end(cluster, "Succeeded"))
    ((_, manifest),) = cluster.manifests.items()
    manifest["spec"]["cell"]["nominalCapacityAmpereHours"] = 1.0

    answer = await client.post(CELL, json=BODY)

    assert answer.status_code == 503
    assert "another simulation" in answer.json()["detail"]


async def test_the_api_servers_defaults_make_no_other_simulation(
    client: httpx.AsyncClient, cluster: FakeCluster, bridge: Bridge
) -> None:
    await client.post(CELL, json=BODY)
    put(bridge.store, parquet(), end(cluster, "Succeeded"))
    ((_, manifest),) = cluster.manifests.items()
    manifest["spec"] = BatterySimulationSpec.model_validate(manifest["spec"]).to_json_dict()

    assert (await client.post(CELL, json=BODY)).status_code == 200


async def test_there_is_an_end_to_what_is_under_way(bridge: Bridge, cluster: FakeCluster) -> None:
    """500 requests without a token once made 499 Jobs."""
    settings = JobManagerSettings(
        namespace="default", budget_seconds=0.01, max_unfinished=3, pause_seconds=0.001
    )
    bridge = serving(bridge, settings)
    async with client_of(bridge) as client:
        for number in range(10):
            answer = await client.post(CELL, json=BODY | {"time": 1.0 + number * 1e-9})
            bridge.simulations.replace(None, await cluster.listing(None))
            assert answer.status_code == 503

    assert len(cluster.manifests) == 3
    assert "3 simulations of the Job Manager are unfinished" in answer.json()["detail"]


async def test_what_memory_does_not_show_yet_counts_as_under_way(
    bridge: Bridge, cluster: FakeCluster
) -> None:
    """The watch may be behind, or away, while anyone can ask for more."""
    settings = JobManagerSettings(
        namespace="default", budget_seconds=0.01, max_unfinished=3, pause_seconds=0.001
    )
    bridge = serving(bridge, settings)
    async with client_of(bridge) as client:
        bodies = [BODY | {"time": 1.0 + number * 1e-9} for number in range(20)]
        await asyncio.gather(*(client.post(CELL, json=body) for body in bodies[:10]))
        for body in bodies[10:]:
            await client.post(CELL, json=body)
    assert len(cluster.manifests) == 3

    for manifest in cluster.manifests.values():
        manifest["status"] = {"phase": "Succeeded"}
    now = tuple(to_simulation(manifest) for manifest in cluster.manifests.values())
    bridge.simulations.replace(None, Listing(now, "1000"))
    async with client_of(bridge) as client:
        await client.post(CELL, json=BODY | {"time": 2.0})
    assert len(cluster.manifests) == 4


async def test_at_a_port_of_their_own_there_is_nothing_but_these_paths(bridge: Bridge) -> None:
    bridge = serving(bridge, JobManagerSettings(namespace="default", port=8085, budget_seconds=0.01))
    theirs = httpx.ASGITransport(create_job_manager_app(bridge))
    ours = httpx.ASGITransport(create_app(bridge))
    async with (
        httpx.AsyncClient(transport=theirs, base_url="http://b:8085") as their_port,
        httpx.AsyncClient(transport=ours, base_url="http://b:8084") as our_port,
    ):
        assert (await their_port.post(CELL, json=BODY)).status_code == 503
        assert (await their_port.post(CELL, content=b"{")).json() == CELL_FAILURE
        for path in ("/", "/v1/simulations", "/metrics", "/healthz", "/v1/openapi.json"):
            assert (await their_port.get(path)).status_code == 404
        assert (await our_port.post(CELL, json=BODY)).status_code == 404


async def test_a_point_with_a_nan_is_left_out(
    client: httpx.AsyncClient, cluster: FakeCluster, bridge: Bridge
) -> None:
    await client.post(CELL, json=BODY)
    put(
        bridge.store,
        parquet(SERIES | {results.VOLTAGE: [4.065555900000001, float("nan"), 0.1 + 0.2]}),
        end(cluster, "Succeeded"),
    )

    answer = await client.post(CELL, json=BODY)

    assert answer.json()["simulationResults"] == [POINTS[0], POINTS[2]]


async def test_a_run_longer_than_the_budget_is_503_and_the_repetition_joins_it(
    client: httpx.AsyncClient, cluster: FakeCluster, bridge: Bridge
) -> None:
    first = await client.post(CELL, json=BODY)
    second = await client.post(CELL, json=BODY)

    assert (first.status_code, second.status_code) == (503, 503)
    assert first.headers["Retry-After"]
    assert len(cluster.manifests) == 1


async def test_equal_requests_at_the_same_time_share_a_run(
    client: httpx.AsyncClient, cluster: FakeCluster
) -> None:
    await asyncio.gather(*(client.post(CELL, json=BODY) for _ in range(10)))

    ((name, manifest),) = cluster.manifests.items()
    assert name.startswith("job-manager-cell-")
    assert manifest["metadata"]["labels"] == {"batterysim.dev/created-by": "job-manager"}


async def test_whoever_waits_hears_of_the_end_at_once(
    client: httpx.AsyncClient, cluster: FakeCluster, bridge: Bridge
) -> None:
    await client.post(CELL, json=BODY)
    waiting = asyncio.create_task(client.post(CELL, json=BODY))
    await asyncio.sleep(0.01)

    put(bridge.store, parquet(), end(cluster, "Succeeded"))
    bridge.simulations.replace(None, await cluster.listing(None))

    assert (await waiting).status_code == 200


@pytest.mark.parametrize("reason", ["Infeasible", "SolverFailed", "DeadlineExceeded"])
async def test_what_has_failed_is_a_failure_with_200(
    client: httpx.AsyncClient, cluster: FakeCluster, reason: str
) -> None:
    await client.post(CELL, json=BODY)
    end(
        cluster,
        "Failed",
        failure={"reason": reason},
        conditions=[{"type": "Succeeded", "lastTransitionTime": "2026-11-24T11:59:50Z"}],
    )

    answer = await client.post(CELL, json=BODY)

    assert (answer.status_code, answer.json()) == (200, CELL_FAILURE)


@pytest.mark.parametrize("phase", ["Failed", "Running"], ids=["told by the operator", "just stored"])
async def test_a_part_of_a_result_is_a_failure(
    client: httpx.AsyncClient, cluster: FakeCluster, phase: str
) -> None:
    await client.post(CELL, json=BODY)
    end(
        cluster,
        phase,
        results={"sha256": "0" * 64},
        summary={"endReason": "SolverFailed", "partial": True},
        failure={"reason": "SolverFailed"},
        conditions=[{"type": "Succeeded", "lastTransitionTime": "2026-11-24T11:59:50Z"}],
    )

    answer = await client.post(CELL, json=BODY)

    assert (answer.status_code, answer.json()) == (200, CELL_FAILURE)


async def test_what_failed_long_ago_of_the_cluster_is_tried_again(
    client: httpx.AsyncClient, cluster: FakeCluster
) -> None:
    await client.post(CELL, json=BODY)
    first = end(
        cluster,
        "Failed",
        failure={"reason": "DeadlineExceeded"},
        conditions=[{"type": "Succeeded", "lastTransitionTime": "2026-11-24T10:00:00Z"}],
    )

    answer = await client.post(CELL, json=BODY)

    ((_, manifest),) = cluster.manifests.items()
    assert answer.status_code == 503
    assert "status" not in manifest
    assert first


async def test_a_result_that_retention_took_is_made_anew(
    client: httpx.AsyncClient, cluster: FakeCluster
) -> None:
    await client.post(CELL, json=BODY)
    end(cluster, "Succeeded", results={"removedTime": "2026-11-24T12:00:00Z"})

    answer = await client.post(CELL, json=BODY)

    assert answer.status_code == 503
    assert cluster.manifests == {}


async def test_a_result_that_the_store_does_not_show_costs_no_simulation(
    client: httpx.AsyncClient, cluster: FakeCluster
) -> None:
    """The volume may not be mounted, or the prefix of the bucket may be wrong."""
    await client.post(CELL, json=BODY)
    end(cluster, "Succeeded", results={"sha256": "0" * 64})

    answer = await client.post(CELL, json=BODY)

    assert (answer.status_code, answer.json()["retryable"]) == (503, True)
    assert answer.json()["type"].endswith(":store-unavailable")
    assert len(cluster.manifests) == 1


async def test_a_damaged_result_is_503_after_a_pause(
    client: httpx.AsyncClient, cluster: FakeCluster, bridge: Bridge
) -> None:
    await client.post(CELL, json=BODY)
    put(bridge.store, parquet()[:-100], end(cluster, "Succeeded"))
    began = time.monotonic()

    answer = await client.post(CELL, json=BODY)

    assert (answer.status_code, answer.json()["retryable"]) == (503, True)
    assert time.monotonic() - began >= 0.01


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[1, 2]",
        b"\xff\xfe",
        b'{"time": "long"}',
        b'{"time": true}',
        b'{"time": 0.0}',
        b'{"time": -1}',
        b'{"time": NaN}',
        b'{"time": 1e308}',
        b'{"time": 1' + b"0" * 400 + b"}",
        b'{"time": 1.0, "time": 2.0}',
        b'{"time": null}',
        b'{"nominalCell": 0.0}',
        b'{"upperVoltage": 0.0}',
        b'{"lowerVoltage": 4.2, "upperVoltage": 2.5}',
        b'{"controlCurrent": 1e6}',
        b'{"simulationType": "cell", "pad": "' + b"x" * 70_000 + b'"}',
        b"[" * 100_000,
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
async def test_what_nobody_can_simulate_is_a_failure_and_creates_nothing(
    client: httpx.AsyncClient, cluster: FakeCluster, body: bytes
) -> None:
    answer = await client.post(CELL, content=body)

    assert (answer.status_code, answer.json()) == (200, CELL_FAILURE)
    assert cluster.manifests == {}


async def test_another_type_of_content_is_a_failure_and_creates_nothing(
    client: httpx.AsyncClient, cluster: FakeCluster
) -> None:
    answer = await client.post(CELL, json=BODY, headers={"Content-Type": "application/xml"})

    assert (answer.status_code, answer.json()) == (200, CELL_FAILURE)
    assert cluster.manifests == {}


async def test_what_the_api_server_finds_wrong_is_a_failure(
    client: httpx.AsyncClient, cluster: FakeCluster
) -> None:
    cluster.refusal = RefusedError(422, "no")

    answer = await client.post(DRIVE_CYCLE, json=BODY)

    assert answer.json() == {"jobStarted": False, "simulationType": "driveCycle", "simulationResults": None}


@pytest.mark.parametrize(
    ("refusal", "slug"),
    [
        (RefusedError(403, "exceeded quota"), "not-admitted"),
        (RefusedError(404, "no such namespace"), "not-admitted"),
        (ClusterError("no answer"), "cluster-unavailable"),
    ],
    ids=["quota", "no namespace", "API server down"],
)
async def test_what_may_go_well_later_is_503_after_a_pause(
    bridge: Bridge, cluster: FakeCluster, refusal: Exception, slug: str
) -> None:
    cluster.refusal = refusal
    pause_seconds = 0.05
    began = time.monotonic()
    async with client_of(
        serving(bridge, JobManagerSettings(namespace="default", pause_seconds=pause_seconds))
    ) as client:
        answer = await client.post(CELL, json=BODY)

    assert (answer.status_code, answer.json()["type"]) == (503, f"urn:batterysim:problem:{slug}")
    assert time.monotonic() - began >= pause_seconds


async def test_the_points_are_posted_back_to_where_the_settings_say(
    bridge: Bridge, cluster: FakeCluster
) -> None:
    url = "http://job-manager-service:8083"
    settings = JobManagerSettings(namespace="default", budget_seconds=0.01, post_back_url=url)
    async with client_of(serving(bridge, settings)) as client:
        await client.post(CELL, json=BODY | {"id": "42"})

    ((_, manifest),) = cluster.manifests.items()
    assert manifest["spec"]["callback"] == {"url": f"{url}/simulateCell", "format": "jobManager", "id": "42"}


async def test_a_start_beyond_a_cut_off_is_a_failure_also_for_a_cycle_that_ignores_it(
    client: httpx.AsyncClient, cluster: FakeCluster, bridge: Bridge
) -> None:
    body = BODY | {"upperVoltage": 4.0}
    await client.post(DRIVE_CYCLE, json=body)
    put(bridge.store, parquet(), end(cluster, "Succeeded"))

    answer = await client.post(DRIVE_CYCLE, json=body)

    assert answer.json() == {"jobStarted": False, "simulationType": "driveCycle", "simulationResults": None}


async def test_without_the_setting_there_are_no_such_paths(bridge: Bridge) -> None:
    async with client_of(serving(bridge, None)) as client:
        assert (await client.post(CELL, json=BODY)).status_code == 404
