"""How a sweep is run."""

from typing import Annotated

from pydantic import Field

from batterysim.contract import Contract, Rule
from batterysim.spec.number import NUMBER, WHOLE_NUMBER
from batterysim.spec.run_policy import QueueName, Resources


class SweepRetention(Contract):
    """How long a sweep and its table are kept."""

    sweep_seconds: Annotated[int, Field(ge=60, le=315_360_000), WHOLE_NUMBER] | None = None
    """The sweep is deleted this long after its end, and its table with it. Default: the setting for its
    namespace; without one it stays."""
    table_seconds: Annotated[int, Field(ge=60, le=315_360_000), WHOLE_NUMBER] | None = None
    """The table is removed this long after it was stored. The sweep and its status stay. Default: the limits
    of the result store."""


class SweepRun(Contract):
    """How the sweep is run. On one machine only pointTimeoutSeconds and maxFailedPoints have an effect."""

    rules = (
        Rule(
            "!self.suspend || !has(self.queueName)",
            "a sweep in a queue is held by Kueue: deactivate its Workload, or leave out suspend or queueName",
            lambda run: not run.suspend or run.queue_name is None,
        ),
    )

    shards: Annotated[int, Field(ge=1, le=10_000), WHOLE_NUMBER] | None = None
    """Number of parts into which the points are divided; each is solved by one pod. Default: one for every
    5000 points, and at least as many as parallelism. It cannot change once the sweep has started."""
    parallelism: Annotated[int, Field(ge=1, le=1000), WHOLE_NUMBER] = 2
    """Number of pods at the same time."""
    point_timeout_seconds: Annotated[float, Field(gt=0, le=86_400), NUMBER] = 600
    """A point that takes longer fails with WallClockLimit."""
    max_failed_points: Annotated[int, Field(ge=0), WHOLE_NUMBER] | None = None
    """The sweep ends early when more points than this have failed. Default: it never does."""
    retries: Annotated[int, Field(ge=0, le=20), WHOLE_NUMBER] = 3
    """Number of retries of each shard's pod after a failure that may not recur. Evictions do not count. It
    cannot change once the sweep has started."""
    suspend: bool = False
    """Whether to hold the sweep. Its pods end, and what is stored is kept."""
    queue_name: QueueName | None = None
    """The LocalQueue of Kueue that admits the Job. Default: none."""
    deadline_seconds: Annotated[int, Field(ge=1, le=2_592_000), WHOLE_NUMBER] = 86_400
    """The sweep fails with DeadlineExceeded when it takes longer."""
    ttl_seconds_after_finished: Annotated[int, Field(ge=60, le=31_536_000), WHOLE_NUMBER] = 3600
    """How long the Job and its pods (with their logs) stay after the end. The table and this object stay."""
    retention: SweepRetention = SweepRetention()
    """How long the sweep and its table are kept."""
    resources: Resources = Resources()
    """Resources of each pod."""
