"""What the bridge writes into a BatterySimulation's status."""

from datetime import datetime

from batterysim import names
from batterysim.results import Summary
from batterysim.status import Progress, Stage, StoredResult, Timeline
from batterysim_bridge.store.store import ResultRecord

SUMMARY_DIGITS = 6
DONE = Progress(percent=100, stage=Stage.DONE)


def stored_result(record: ResultRecord, bridge_url: str) -> StoredResult:
    """Return where the result is."""
    return StoredResult(
        uri=names.result_uri(bridge_url, record.namespace, record.name),
        sha256=record.sha256,
        size_bytes=record.size_bytes,
        rows=record.rows,
    )


def removed_result_status(
    record: ResultRecord, bridge_url: str, removed_time: datetime, message: str
) -> dict[str, object]:
    """Return the bridge's part of the status of a simulation whose result retention has removed.

    Everything else stays in it: what a writer leaves out of its part, the API server takes away.
    """
    removed = stored_result(record, bridge_url).model_copy(
        update={"removed_time": removed_time, "removal_message": message}
    )
    return {**result_status(record, bridge_url), "results": removed.to_json_dict()}


def result_status(record: ResultRecord, bridge_url: str) -> dict[str, object]:
    """Return the bridge's part of the status of a simulation whose result is stored."""
    times = record.metadata.times
    timeline = Timeline(
        runner_started_time=times.runner_started_time,
        solver_imported_time=times.solver_imported_time,
        solved_time=times.solved_time,
        result_received_time=record.received_time,
        result_stored_time=record.stored_time,
    )
    return {
        "progress": DONE.to_json_dict(),
        "summary": rounded(record.metadata.summary).to_json_dict(),
        "results": stored_result(record, bridge_url).to_json_dict(),
        "provenance": record.metadata.provenance.to_json_dict(),
        "timeline": timeline.to_json_dict(),
    }


def rounded(summary: Summary) -> Summary:
    """Round a summary's numbers to what a person can use."""
    return summary.model_copy(
        update={
            name: float(f"{value:.{SUMMARY_DIGITS}g}") for name, value in summary if isinstance(value, float)
        }
    )
