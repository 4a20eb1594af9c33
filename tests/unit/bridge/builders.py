"""A small result, and the requests that bring it to the bridge."""

import base64
import dataclasses
import hashlib
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from batterysim import results
from batterysim.results import EndReason, Provenance, ResultMetadata, RunnerTimes, Summary
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_bridge.store.store import ResultKey, ResultRecord, ResultStore

NAMESPACE = "default"
NAME = "cell-discharge"
UID = "2e620a05-93ef-410a-a182-457474af7b62"
OTHER_UID = "8f660195-c8ba-4f3c-baa1-165b78a2d433"
RUNNER_TOKEN = "runner-token"
READER_TOKEN = "reader-token"
WRITER_TOKEN = "writer-token"
API_TOKEN = "token-for-the-api-server"
RESULT_PATH = f"/v1/simulations/{NAMESPACE}/{NAME}/result"
PROGRESS_PATH = f"/v1/simulations/{NAMESPACE}/{NAME}/progress"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

METADATA = ResultMetadata(
    summary=Summary(
        end_reason=EndReason.LOWER_CUT_OFF,
        end_time_seconds=3571.4285714,
        discharge_capacity_ampere_hours=4.9603174603,
        discharge_energy_watt_hours=17.82345678,
        start_volts=4.0655559,
        end_volts=2.5,
        min_volts=2.5,
        max_volts=4.0655559,
        max_temperature_celsius=25.0,
    ),
    provenance=Provenance(
        pybamm_version="26.10",
        runner_version="0.1.0",
        image="batterysim-runner:test",
        spec_sha256="0" * 64,
        pod_name="runner-pod",
    ),
    times=RunnerTimes(runner_started_time=NOON, solver_imported_time=NOON, solved_time=NOON),
)

# The third voltage needs all 17 digits; a sum of thirds and tenths is where short output shows.
SERIES = {
    results.TIME: [0.0, 1785.7142857142856, 3571.4285714285713],
    results.CURRENT: [5.0, 5.0, 5.0],
    results.VOLTAGE: [4.065555900000001, 3.6000000000000005, 0.1 + 0.2],
    results.DISCHARGE_CAPACITY: [0.0, 2.4801587301587302, 4.96031746031746],
}


def with_settings(bridge: Bridge, **settings: object) -> Bridge:
    """Return the bridge with some settings other than it has."""
    return dataclasses.replace(bridge, settings=bridge.settings.model_copy(update=settings))


def parquet(
    series: dict[results.Column, list[float]] = SERIES, metadata: str | None = METADATA.model_dump_json()
) -> bytes:
    """Return a result file as the runner writes it."""
    fields = [
        pa.field(column.name, pa.float64(), metadata={results.UNIT_METADATA_KEY: column.unit.encode()})
        for column in series
    ]
    file_metadata = {results.PARQUET_METADATA_KEY: metadata.encode()} if metadata is not None else None
    sink = io.BytesIO()
    pq.write_table(pa.table(list(series.values()), schema=pa.schema(fields, metadata=file_metadata)), sink)
    return sink.getvalue()


def digest(content: bytes) -> str:
    """Return the value of Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def upload_headers(content: bytes, token: str = RUNNER_TOKEN) -> dict[str, str]:
    """Return the headers of a good upload."""
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": results.PARQUET_MEDIA_TYPE,
        "Content-Digest": digest(content),
    }


def simulation(
    name: str = NAME, version: int = 1, phase: str | None = "Running", **metadata: Any
) -> ObjectState:
    """Return a simulation as it is kept in memory, made from the API server's JSON."""
    return to_simulation(manifest(name, version, phase, **metadata))


def manifest(
    name: str = NAME, version: int = 1, phase: str | None = "Running", **metadata: Any
) -> dict[str, Any]:
    """Return a simulation as the API server has it."""
    own = {
        "namespace": NAMESPACE,
        "name": name,
        "uid": UID,
        "resourceVersion": str(version),
        "creationTimestamp": "2026-11-24T12:00:00Z",
        "managedFields": [{"manager": "kubectl-create"}],
    }
    return {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "BatterySimulation",
        "metadata": own | metadata,
        "spec": {
            "cell": {"parameterSet": "Chen2020"},
            "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}},
        },
        "status": {} if phase is None else {"phase": phase},
    }


def record(content: bytes, uid: str = UID, namespace: str = NAMESPACE) -> ResultRecord:
    """Return the record of a result."""
    return ResultRecord(
        namespace=namespace,
        name=NAME,
        uid=uid,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        rows=3,
        metadata=METADATA,
        received_time=NOON,
        stored_time=NOON,
    )


def put(store: ResultStore, content: bytes, uid: str = UID) -> ResultRecord:
    """Store a result."""
    with store.incoming() as file:
        file.write_bytes(content)
        return store.commit(file, record(content, uid))


def stored_bytes(store: ResultStore, key: ResultKey) -> bytes | None:
    """Return the content of a stored result; None if there is none."""
    found = store.find(key)
    if found is None:
        return None
    with store.open(found) as file:
        return file.read()


def files_under(root: Path) -> set[str]:
    """Return the paths of all files, relative to a directory."""
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
