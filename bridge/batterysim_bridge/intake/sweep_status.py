"""What the bridge writes into a BatterySweep's status, and into a whole table's manifest. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from batterysim import names
from batterysim.contract import Report
from batterysim.sweep.cluster.tally import ShardTally, SweepTally, add_up
from batterysim.sweep.status import BestPoint, Count, SweepDesign, SweepProgress, SweepResults
from batterysim_bridge.cluster.sweeps import SweepIdentity
from batterysim_bridge.intake.status_patch import SUMMARY_DIGITS
from batterysim_bridge.store.tables.tables import StoredPart, part_name

MANIFEST_KIND = "BatterySweepTable"


class ShardRecord(Report):
    """How far a shard is, and what is stored of it."""

    tally: ShardTally
    """What its pod has reported last."""
    rows: Count = 0
    """Number of rows in its parts."""
    parts: Count = 0
    """Number of its parts."""
    size_bytes: Count = 0
    """Size of its parts."""


class Pace(NamedTuple):
    """How fast a sweep is; None where that is not known.

    since: seconds, by a clock that only goes forward, from which on points are counted.
    done: how many had ended then.
    """

    since: float
    done: int

    def rate(self, now: float, done: int) -> float | None:
        """Return points per second."""
        seconds = now - self.since
        return (done - self.done) / seconds if seconds >= 1 and done > self.done else None


def sweep_status(
    sweep: SweepIdentity, records: Iterable[ShardRecord], rate: float | None, bridge_url: str
) -> dict[str, object]:
    """Return the bridge's part of the status: all of it, for what is left out is taken away."""
    shards = list(records)
    together = add_up(record.tally for record in shards)
    progress = SweepProgress(
        points=together.design_points,
        done=together.done,
        failed=together.failed,
        points_per_second=None if rate is None else float(f"{rate:.3g}"),
        eta_seconds=None if rate is None else round((together.design_points - together.done) / rate),
        shards=max((record.tally.shards for record in shards), default=0),
        shards_done=together.shards_done,
    )
    status: dict[str, object] = {
        "design": SweepDesign(points=together.design_points, sha256=together.design_sha256).to_json_dict(),
        "progress": progress.to_json_dict(),
        "failures": together.failures.to_json_dict(),
        "best": [_rounded(point).to_json_dict() for point in together.best],
        "results": stored_table(sweep, shards, bridge_url).to_json_dict(),
    }
    if together.provenance is not None:
        status["provenance"] = together.provenance.to_json_dict()
    return status


def _rounded(point: BestPoint) -> BestPoint:
    """Round a value to what a person can use; the table has it in full."""
    return point.model_copy(update={"value": float(f"{point.value:.{SUMMARY_DIGITS}g}")})


def stored_table(sweep: SweepIdentity, shards: Sequence[ShardRecord], bridge_url: str) -> SweepResults:
    """Return where the table is."""
    return SweepResults(
        uri=names.points_uri(bridge_url, sweep.namespace, sweep.name),
        rows=sum(record.rows for record in shards),
        parts=sum(record.parts for record in shards),
        size_bytes=sum(record.size_bytes for record in shards),
    )


def is_whole(records: Mapping[int, ShardRecord]) -> bool:
    """Tell whether every shard has ended."""
    shards = max((record.tally.shards for record in records.values()), default=0)
    return shards > 0 and sum(record.tally.is_over for record in records.values()) == shards


def table_manifest(
    sweep: SweepIdentity, together: SweepTally, parts: Sequence[StoredPart], now: datetime
) -> dict[str, object]:
    """Return what is said about a whole table, next to it."""
    return {
        "apiVersion": names.API_VERSION,
        "kind": MANIFEST_KIND,
        "metadata": {"namespace": sweep.namespace, "name": sweep.name, "uid": sweep.uid},
        "completedTime": now.isoformat(),
        **together.to_json_dict(),
        "parts": [{"path": part_name(part.shard, part.part), "sizeBytes": part.size_bytes} for part in parts],
    }
