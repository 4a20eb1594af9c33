"""What the operator and the bridge report: the status of a BatterySimulation.

Two writers share it by server-side apply. The bridge owns `claim`, `progress`, `results`, `summary`,
`provenance` and `timeline.runner*`/`timeline.result*`; the operator owns the rest. Series never go into
status.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from batterysim.contract import Report
from batterysim.failure import MESSAGE_MAX_LENGTH, AnyFailureReason
from batterysim.results import Provenance, Summary
from batterysim.spec.run_policy import Isolation

LOG_TAIL_MAX_LENGTH = 2048


class Phase(StrEnum):
    """Where the simulation is, for people and columns. Programs read the conditions."""

    QUEUED = "Queued"
    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    INVALID = "Invalid"


ENDED_PHASES = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.INVALID})
"""After which nothing more comes."""


class Stage(StrEnum):
    """What the runner is doing. Readers take any other word, too, which a newer runner may have."""

    STARTING = "Starting"
    SOLVING = "Solving"
    STORING = "Storing"
    DONE = "Done"


class WaitReason(StrEnum):
    """Reasons of the condition Succeeded while it is Unknown. There are others, in the kubelet's words."""

    QUEUED = "Queued"
    WAITING_FOR_RUNNER = "WaitingForRunner"
    STARTING = "Starting"
    RUNNING = "Running"
    STORING_RESULT = "StoringResult"
    RETRYING = "Retrying"
    SUSPENDED = "Suspended"
    WAITING_FOR_RESULT = "WaitingForResult"
    JOB_NOT_ADMITTED = "JobNotAdmitted"
    NO_POD = "NoPod"
    POD_NOT_ADMITTED = "PodNotAdmitted"
    UNSCHEDULABLE = "Unschedulable"
    NODE_LOST = "NodeLost"


AT_WORK = frozenset({WaitReason.STARTING, WaitReason.RUNNING, WaitReason.STORING_RESULT})
"""Reasons of runs that wait for nothing."""


class ConditionType(StrEnum):
    """The conditions, which programs read. Only a BatterySweep has Suspended."""

    ACCEPTED = "Accepted"
    SUCCEEDED = "Succeeded"
    FINISHED = "Finished"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    SUSPENDED = "Suspended"
    CALLBACK_DELIVERED = "CallbackDelivered"


class Condition(Report):
    """One aspect of the state, after the Kubernetes API conventions (metav1.Condition)."""

    type: Annotated[str, Field(max_length=316)]
    """Accepted: the spec is valid. Succeeded: True with a stored result, False when failed for good, Unknown
    while under way. Finished: True after any end; the reason says which. Reconciling: True until then.
    Stalled: True after an end without a result. kstatus, Flux and Argo CD read these two. CallbackDelivered:
    True once the callback's receiver has answered with a 2xx. Suspended: True while a sweep is held."""
    status: Literal["True", "False", "Unknown"]
    """Whether it holds."""
    reason: Annotated[str, Field(max_length=1024)]
    """Why, in one word."""
    message: Annotated[str, Field(max_length=32768)] = ""
    """Why, for a person."""
    last_transition_time: datetime
    """When `status` last changed."""
    observed_generation: int | None = None
    """The generation of the spec that this is about."""


class Progress(Report):
    """How far the run is."""

    percent: Annotated[int, Field(ge=0, le=100)]
    """Completed share of the protocol's duration."""
    stage: Annotated[str, Field(max_length=60)]
    """What the runner is doing: Starting, Solving, Storing or Done."""
    simulated_seconds: Annotated[float, Field(ge=0)] | None = None
    """Simulated time so far, once a run takes more than a second."""
    cycle: Annotated[int, Field(ge=1)] | None = None
    """The cycle of an experiment that is under way, from 1."""
    cycles: Annotated[int, Field(ge=1)] | None = None
    """Number of cycles."""
    step: Annotated[int, Field(ge=1)] | None = None
    """The step of that cycle that was completed last, from 1."""
    steps: Annotated[int, Field(ge=1)] | None = None
    """Number of steps per cycle."""
    eta_seconds: Annotated[int, Field(ge=0)] | None = None
    """Estimated real time left, at the pace so far."""


class StoredResult(Report):
    """Where the result is, and how to check that it is complete."""

    uri: Annotated[str, Field(max_length=2048)]
    """Where the bridge serves it. Ask for `?format=parquet`, `csv` or `json`."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the stored Parquet file, in hexadecimal."""
    size_bytes: Annotated[int, Field(ge=0)]
    """Size of the stored Parquet file."""
    rows: Annotated[int, Field(ge=0)]
    """Number of points in time."""
    removed_time: datetime | None = None
    """When retention removed the result. The other fields describe the result as it was. Absent while the
    result is available."""
    removal_message: Annotated[str, Field(max_length=200)] | None = None
    """Why it was removed."""


class Failure(Report):
    """Why there is no result."""

    reason: AnyFailureReason
    """What went wrong, in one word."""
    message: Annotated[str, Field(max_length=MESSAGE_MAX_LENGTH + 200)]
    """What went wrong and what to change."""
    log_tail: Annotated[str, Field(max_length=LOG_TAIL_MAX_LENGTH)] | None = None
    """The end of the runner's log, if it was killed or crashed. Its pod goes soon after the end."""


class OutcomeReason(StrEnum):
    """Why an attempt on a shared runner ended, unless by a failure of the run."""

    HANDED_BACK = "HandedBack"
    """Its runner could not finish it, for no fault of the run's. It does not count as an attempt."""
    HOST_LOST = "HostLost"
    """Its runner no longer reports."""


class Outcome(Report):
    """How an attempt on a shared runner ended, unless by a result."""

    exit_code: int
    """Exit code of the runner in a Job: 64 to 69 are final, anything else may be retried."""
    reason: Annotated[str, Field(max_length=60)]
    """A failure's reason, or HandedBack or HostLost."""
    message: Annotated[str, Field(max_length=MESSAGE_MAX_LENGTH)]
    """What happened, for a person."""
    time: datetime
    """When it was reported."""


class Claim(Report):
    """Which shared runner has the simulation."""

    attempt: Annotated[int, Field(ge=1)]
    """The attempt that was handed out; status.attempt is the one that may be."""
    host: Annotated[str, Field(max_length=253)]
    """The runner's pod, in the same namespace."""
    host_uid: Annotated[str, Field(max_length=63)]
    """That pod's UID."""
    process: Annotated[str, Field(max_length=63)]
    """Random number that identifies the process in that pod, because a container may restart."""
    credential_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the credential that the runner presents with each message for this attempt."""
    claimed_time: datetime
    """When it was handed out."""
    renew_time: datetime
    """When the runner last reported, to within a few seconds."""
    outcome: Outcome | None = None
    """How the attempt ended, if not with a result."""


class CallbackStatus(Report):
    """Deliveries to the callback's receiver, past and due."""

    message_id: Annotated[str, Field(max_length=100)]
    """Id of the message (header webhook-id), the same for every attempt, so that receivers can discard
    duplicates."""
    attempts: Annotated[int, Field(ge=0)] = 0
    """Attempts since the spec last changed. Times when the bridge had no result to send do not count."""
    first_attempt_time: datetime | None = None
    """Time of the first of these attempts. Delivery is given up three days later."""
    next_attempt_time: datetime | None = None
    """Time of the next attempt. Absent once delivered or given up."""
    delivered_time: datetime | None = None
    """When the receiver answered with a 2xx."""
    last_error: Annotated[str, Field(max_length=1024)] | None = None
    """Error of the last failed attempt."""


class Timeline(Report):
    """When each stage was reached, to the microsecond, which shows where the time went."""

    accepted_time: datetime | None = None
    """When the operator accepted the spec."""
    job_created_time: datetime | None = None
    """When the operator created the runner Job."""
    runner_started_time: datetime | None = None
    """When the runner's process started."""
    solver_imported_time: datetime | None = None
    """When PyBaMM was imported."""
    solved_time: datetime | None = None
    """When the solution was complete."""
    result_received_time: datetime | None = None
    """When the bridge began to receive the result."""
    result_stored_time: datetime | None = None
    """When the result was safely in the store."""
    succeeded_time: datetime | None = None
    """When the operator completed the status."""


class BatterySimulationStatus(Report):
    """The observed state of the simulation."""

    observed_generation: int | None = None
    """The generation of the spec that this status is about."""
    phase: Phase | None = None
    """One word for people: Queued, Pending, Running, Succeeded, Failed or Invalid."""
    protocol: Annotated[str, Field(max_length=100)] | None = None
    """The protocol in a few words."""
    conditions: Annotated[list[Condition], Field(max_length=16)] | None = None
    """The state of the simulation, for programs."""
    job_name: Annotated[str, Field(max_length=63)] | None = None
    """The runner Job, in the same namespace. Absent while there is none, and for runs on shared runners."""
    isolation: Isolation | None = None
    """How it is run: as a Job, or as a Process of a shared runner."""
    queue_position: Annotated[int, Field(ge=1)] | None = None
    """Position in the queue while Queued, from 1, as last checked."""
    attempt: Annotated[int, Field(ge=1)] | None = None
    """Number of the Job's current pod, or of the current process: 1, plus 1 for each retry."""
    failed_attempts: Annotated[int, Field(ge=0)] | None = None
    """How many attempts on shared runners have failed in a way that counts against run.retries."""
    claim: Claim | None = None
    """The shared runner that has claimed it."""
    start_time: datetime | None = None
    """When the Job was created, or the first process started."""
    completion_time: datetime | None = None
    """When the simulation succeeded or failed for good."""
    progress: Progress | None = None
    """How far the run is."""
    summary: Summary | None = None
    """The result in a few numbers, rounded to six digits; the result file has them in full."""
    results: StoredResult | None = None
    """Where the result is."""
    failure: Failure | None = None
    """Why there is no result, or only the part of one before the solver failed."""
    callback: CallbackStatus | None = None
    """The callback's deliveries."""
    provenance: Provenance | None = None
    """Versions and input that produced the result."""
    timeline: Timeline | None = None
    """When each stage was reached."""
