"""Simulations and results such as real ones are, for benchmarks."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from batterysim import names, results
from batterysim.results import EndReason, Provenance, ResultMetadata, RunnerTimes, Summary
from batterysim.status import Stage
from batterysim_bridge.store.directory import DirectoryStore
from batterysim_bridge.store.store import ResultRecord
from devtools.fake_api_server import Manifest

NAMESPACE = "default"
UID = "00000000-0000-4000-8000-{:012d}"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def name_of(number: int) -> str:
    """Return the name of one of the simulations."""
    return f"run-{number:05d}"


def simulation(number: int) -> Manifest:
    """Return a simulation that has succeeded, with a status as long as a real one's."""
    text = "2026-11-24T12:00:00.123456Z"
    stages = (
        *("acceptedTime", "jobCreatedTime", "runnerStartedTime", "solverImportedTime", "solvedTime"),
        *("resultReceivedTime", "resultStoredTime", "succeededTime"),
    )
    uri = names.result_uri("http://batterysim-bridge.batterysim-system.svc:8084", NAMESPACE, name_of(number))
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {
            "namespace": NAMESPACE,
            "name": name_of(number),
            "uid": UID.format(number),
            "creationTimestamp": f"2026-11-{1 + number % 24:02d}T12:00:00Z",
            "labels": {"campaign": f"c{number % 20}", "cell": "chen2020"},
        },
        "spec": {
            "cell": {"parameterSet": "Chen2020"},
            "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}},
        },
        "status": {
            "phase": "Succeeded",
            "protocol": "discharge 5 A",
            "jobName": names.job_name(UID.format(number)),
            "conditions": [
                {"type": kind, "status": "True", "reason": "Valid", "lastTransitionTime": text}
                for kind in ("Accepted", "Succeeded")
            ],
            "progress": {"percent": 100, "stage": Stage.DONE.value},
            "summary": metadata().summary.to_json_dict(),
            "results": {"uri": uri, "sha256": "0" * 64, "sizeBytes": 12_345, "rows": 100},
            "provenance": metadata().provenance.to_json_dict(),
            "timeline": dict.fromkeys(stages, text),
        },
    }


def metadata() -> ResultMetadata:
    """Return what a result says about itself."""
    return ResultMetadata(
        summary=Summary(
            end_reason=EndReason.LOWER_CUT_OFF,
            end_time_seconds=3555.5,
            discharge_capacity_ampere_hours=4.93819,
            discharge_energy_watt_hours=17.295,
            start_volts=4.06556,
            end_volts=2.5,
            min_volts=2.5,
            max_volts=4.06556,
            max_temperature_celsius=25.0,
        ),
        provenance=Provenance(
            pybamm_version="26.10",
            runner_version="0.1.0",
            image="bench",
            spec_sha256="0" * 64,
            pod_name="bench",
        ),
        times=RunnerTimes(runner_started_time=NOW, solver_imported_time=NOW, solved_time=NOW),
    )


def store_long_result(directory: Path, points: int) -> None:
    """Store a result of many points for the first simulation."""
    values = [3.7 + 0.1 * ((number * 7919) % points) / points for number in range(points)]
    columns = {column.name: values for column in results.DEFAULT_COLUMNS}
    columns[results.TIME.name] = [float(number) for number in range(points)]
    table = pa.table(columns).replace_schema_metadata(
        {results.PARQUET_METADATA_KEY: metadata().model_dump_json(by_alias=True)}
    )
    store = DirectoryStore(directory)
    with store.incoming() as file:
        pq.write_table(table, file, **results.PARQUET_OPTIONS)
        record = ResultRecord(
            namespace=NAMESPACE,
            name=name_of(0),
            uid=UID.format(0),
            sha256="0" * 64,
            size_bytes=file.stat().st_size,
            rows=points,
            metadata=metadata(),
            received_time=NOW,
            stored_time=NOW,
        )
        store.commit(file, record)
