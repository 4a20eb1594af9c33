"""The status of a BatterySweep. It stays below 16 KiB: nothing in it grows with the number of points."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from batterysim.contract import Report
from batterysim.failure import AnyFailureReason
from batterysim.results import Provenance
from batterysim.status import Condition, Failure

Count = Annotated[int, Field(ge=0)]
Text = Annotated[str, Field(max_length=500)]

MAX_BEST = 10
MAX_EXAMPLES = 10


class SweepPhase(StrEnum):
    """Where the sweep is, for people and columns. Programs read the conditions."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUSPENDED = "Suspended"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    INVALID = "Invalid"


class SweepDesign(Report):
    """The points."""

    points: Count
    """Number of points."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """SHA-256 of all points' values: equal hashes, equal points."""


class SweepProgress(Report):
    """How far the sweep is."""

    points: Count
    """Number of points."""
    done: Count = 0
    """Points that have ended, the failed ones included."""
    failed: Count = 0
    """Points that have failed."""
    points_per_second: Annotated[float, Field(ge=0)] | None = None
    """Pace since the sweep last started."""
    eta_seconds: Count | None = None
    """Estimated real time left, at this pace."""
    shards: Count = 0
    """Number of shards."""
    shards_done: Count = 0
    """Shards whose points have all ended."""


class FailedPoint(Report):
    """A point that has failed."""

    point: Count
    """Its number, from 0."""
    reason: AnyFailureReason
    """What went wrong, in one word."""
    message: Text
    """What went wrong and what to change."""


class SweepFailures(Report):
    """The points that have failed."""

    reasons: Annotated[dict[str, int], Field(max_length=20)]
    """How many points have failed, by reason."""
    examples: Annotated[list[FailedPoint], Field(max_length=MAX_EXAMPLES)]
    """A few of them."""


class BestPoint(Report):
    """One of the best points by spec.objective."""

    point: Count
    """Its number, from 0."""
    value: float
    """The value of the objective's metric."""
    values: Annotated[dict[str, str], Field(max_length=50)]
    """The varied values, as text."""


class SweepResults(Report):
    """Where the table is."""

    uri: Annotated[str, Field(max_length=2048)]
    """Where the bridge serves it. Ask for `?format=parquet`, `csv`, `json` or `arrow`."""
    rows: Count
    """Number of points in it."""
    parts: Count
    """Number of stored parts."""
    size_bytes: Count
    """Size of the stored parts."""
    removed_time: datetime | None = None
    """When retention removed the table. The other fields describe it as it was. Absent while it is
    available."""
    removal_message: Annotated[str, Field(max_length=200)] | None = None
    """Why it was removed."""


class BatterySweepStatus(Report):
    """The observed state of the sweep."""

    observed_generation: int | None = None
    """The generation of the spec that this status is about."""
    phase: SweepPhase | None = None
    """One word for people: Pending, Running, Suspended, Succeeded, Failed or Invalid."""
    conditions: Annotated[list[Condition], Field(max_length=16)] | None = None
    """The state of the sweep, for programs."""
    job_name: Annotated[str, Field(max_length=63)] | None = None
    """The Indexed Job, in the same namespace."""
    start_time: datetime | None = None
    """When the Job was created."""
    completion_time: datetime | None = None
    """When the sweep succeeded or failed for good."""
    design: SweepDesign | None = None
    """The points."""
    progress: SweepProgress | None = None
    """How far the sweep is."""
    failures: SweepFailures | None = None
    """The points that have failed."""
    best: Annotated[list[BestPoint], Field(max_length=MAX_BEST)] | None = None
    """The best points so far, the best one first."""
    results: SweepResults | None = None
    """Where the table is."""
    failure: Failure | None = None
    """Why there is no whole table."""
    provenance: Provenance | None = None
    """Versions and input that produced the table."""
