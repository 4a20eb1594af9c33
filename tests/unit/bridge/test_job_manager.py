"""The Job Manager is answered to the letter, shares runs, and hears of nothing but results and failures."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from batterysim import results
from batterysim.validation import parse_spec
from batterysim_bridge.app import create_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster import RefusedError
from batterysim_bridge.job_manager_request import SimulationType, read_request
from batterysim_bridge.job_manager_settings import JobManagerSettings
from batterysim_bridge.simulation import to_simulation

from .builders import SERIES, parquet, put
from .fake_cluster import FakeCluster

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
    served = JobManagerSettings("default", budget_seconds=0.05)
    return dataclasses.replace(bridge, settings=dataclasses.replace(bridge.settings, job_manager=served))


@pytest.fixture
async def client(bridge: Bridge) -> AsyncIterator[httpx.AsyncClient]:
    bridge.simulations.replace(None, await bridge.cluster.simulations(None))
    transport = httpx.ASGITransport(create_app(bridge))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://battery-simulation-service:8084"
    ) as it:
        yield it


def spec_of(simulation_type: SimulationType, **changes: object) -> dict[str, Any]:
    request = read_request(simulation_type, json.dumps(BODY | changes).encode())
    assert request is not None
    return request.spec


def end(cluster: FakeCluster, phase: str, version: int = 500, **status: Any) -> str:
    """Let the one simulation of the Job Manager end; return its UID."""
    ((name, manifest),) = cluster.manifests.items()
    manifest["status"] = {"phase": phase, **status}
    manifest["metadata"]["resourceVersion"] = str(version)
    cluster.objects[name] = to_simulation(manifest)
    uid: str = manifest["metadata"]["uid"]
    return uid


def test_a_cell_is_a_constant_current_of_so_many_hours() -> None:
    spec = parse_spec(spec_of(SimulationType.CELL, time=0.5))

    current = spec.protocol.constant_current
    assert current is not None
    assert (current.current_amperes, current.duration_seconds) == (2.0, 1800.0)
    assert (spec.model.family, spec.cell.label, spec.output.points) == ("DFN", "Chen2020", 100)
    assert (spec.cell.lower_cutoff_volts, spec.cell.upper_cutoff_volts) == (2.5, 4.2)
    assert spec.cell.nominal_capacity_ampere_hours == 5.0


def test_a_drive_cycle_is_us06_past_its_cut_offs_on_the_original_mesh() -> None:
    spec = parse_spec(spec_of(SimulationType.DRIVE_CYCLE, time=0.0, controlCurrent=0.0))

    assert spec.protocol.drive_cycle is not None
    assert spec.protocol.drive_cycle.name == "US06"
    assert (spec.cut_off_policy.lower, spec.cut_off_policy.upper) == ("Ignore", "Ignore")
    assert list(spec.solver.mesh.to_json_dict().values()) == [30, 30, 30, 10, 10]
    assert spec.output.points == 601


def test_absent_fields_are_what_the_original_took_for_them() -> None:
    request = read_request(SimulationType.CELL, b"{}")

    assert request is not None
    assert request.spec["cell"] == {
        "parameterSet": "Chen2020",
        "upperCutoffVolts": 4.2,
        "lowerCutoffVolts": 2.5,
        "nominalCapacityAmpereHours": 8.6,
    }
    assert request.spec["protocol"]["constantCurrent"] == {"currentAmperes": 5.0, "durationSeconds": 3600.0}


def test_equal_requests_have_one_name_whatever_their_spelling_and_id() -> None:
    first = read_request(SimulationType.CELL, b'{"time": 1, "controlCurrent": 2}')
    second = read_request(SimulationType.CELL, b'{"controlCurrent":2.0,"time":1.0,"id":"42"}')
    other = read_request(SimulationType.CELL, b'{"time": 1, "controlCurrent": 2.1}')

    assert first is not None
    assert second is not None
    assert other is not None
    assert first.name == second.name != other.name


async def test_it_is_answered_with_the_points_and_no_other_field(
    client: httpx.AsyncClient, cluster: FakeCluster, bridge: Bridge
) -> None:
    assert (await client.post(CELL, json=BODY)).status_code == 503
    put(bridge.store, parquet(), end(cluster, "Succeeded"))

    answer = await client.post(CELL, json=BODY)

    assert answer.status_code == 200
    assert answer.json() == {"jobStarted": True, "simulationType": "cell", "simulationResults": POINTS}


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
    bridge.simulations.replace(None, await cluster.simulations(None))

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
    end(cluster, "Succeeded")

    answer = await client.post(CELL, json=BODY)

    assert answer.status_code == 503
    assert cluster.manifests == {}


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


async def test_what_the_api_server_refuses_is_a_failure(
    client: httpx.AsyncClient, cluster: FakeCluster
) -> None:
    cluster.refusal = RefusedError(422, "no")

    answer = await client.post(DRIVE_CYCLE, json=BODY)

    assert answer.json() == {"jobStarted": False, "simulationType": "driveCycle", "simulationResults": None}


async def test_a_start_beyond_a_cut_off_is_a_failure_also_for_a_cycle_that_ignores_it(
    client: httpx.AsyncClient, cluster: FakeCluster, bridge: Bridge
) -> None:
    body = BODY | {"upperVoltage": 4.0}
    await client.post(DRIVE_CYCLE, json=body)
    put(bridge.store, parquet(), end(cluster, "Succeeded"))

    answer = await client.post(DRIVE_CYCLE, json=body)

    assert answer.json() == {"jobStarted": False, "simulationType": "driveCycle", "simulationResults": None}


async def test_without_the_setting_there_are_no_such_paths(bridge: Bridge, cluster: FakeCluster) -> None:
    off = dataclasses.replace(bridge, settings=dataclasses.replace(bridge.settings, job_manager=None))
    transport = httpx.ASGITransport(create_app(off))
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge:8084") as client:
        assert (await client.post(CELL, json=BODY)).status_code == 404
