"""How a sweep is run."""

from typing import Annotated

from pydantic import Field

from batterysim.contract import Contract
from batterysim.spec.number import Number, WholeNumber
from batterysim.spec.run_policy import QueueName, Resources


class SweepRun(Contract):
    """How the sweep is run. On one machine only pointTimeoutSeconds and maxFailedPoints have an effect."""

    shards: Annotated[WholeNumber, Field(ge=1, le=10_000)] | None = None
    """Number of parts into which the points are divided; each is solved by one pod. Default: one for every
    5000 points, and at least as many as parallelism."""
    parallelism: Annotated[WholeNumber, Field(ge=1, le=1000)] = 2
    """Number of pods at the same time."""
    point_timeout_seconds: Annotated[Number, Field(gt=0, le=86_400)] = 600
    """A point that takes longer fails with WallClockLimit."""
    max_failed_points: Annotated[WholeNumber, Field(ge=0)] | None = None
    """The sweep ends early when more points than this have failed. Default: it never does."""
    retries: Annotated[WholeNumber, Field(ge=0, le=20)] = 3
    """Number of retries of each pod after a failure that may not recur. Evictions do not count."""
    suspend: bool = False
    """Whether to hold the sweep. Its pods end, and what is stored is kept."""
    queue_name: QueueName | None = None
    """The LocalQueue of Kueue that admits the Job. Default: none."""
    deadline_seconds: Annotated[WholeNumber, Field(ge=1, le=2_592_000)] = 86_400
    """The sweep fails with DeadlineExceeded when it takes longer."""
    ttl_seconds_after_finished: Annotated[WholeNumber, Field(ge=60, le=31_536_000)] = 3600
    """How long the Job and its pods (with their logs) stay after the end. The table and this object stay."""
    resources: Resources = Resources()
    """Resources of each pod."""
