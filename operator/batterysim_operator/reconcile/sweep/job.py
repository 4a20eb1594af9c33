"""The Indexed Job of a sweep: one index for each shard. Pure."""

from datetime import datetime
from typing import Any

from batterysim import names
from batterysim.failure import STOPPED_EXIT_CODE
from batterysim.spec.documents.contents import references
from batterysim.sweep.cluster.shards import count_shards
from batterysim.sweep.contents import sweep_references
from batterysim.sweep.run_policy import SweepRun
from batterysim.sweep.spec import BatterySweepSpec
from batterysim_operator.reconcile.job_changes import (
    BACKSTOP_SECONDS,
    LEFT_OVER_SECONDS,
    change,
    has_ended,
)
from batterysim_operator.reconcile.observation import Manifest
from batterysim_operator.reconcile.runner_job import (
    END_AT_FINAL_CODES,
    IGNORE_EVICTIONS,
    SWEEP,
    job_of,
    marks_of,
)
from batterysim_operator.reconcile.runner_pod import RunnerPod, template_of
from batterysim_operator.reconcile.runner_settings import RunnerSettings

COMMAND = ("python", "-m", "batterysim_runner.sweep.shard")
GRACE_SECONDS = 30
"""For the rows that are not stored yet."""

DEFAULTS = SweepRun()

IGNORE_STOPPED: dict[str, Any] = {
    "action": "Ignore",
    "onExitCodes": {
        "containerName": names.RUNNER_CONTAINER,
        "operator": "In",
        "values": [STOPPED_EXIT_CODE],
    },
}
"""To be suspended does not count as an attempt."""


def build_sweep_job(
    sweep: Manifest, spec: BatterySweepSpec, settings: RunnerSettings, now: datetime
) -> dict[str, Any]:
    """Return the Job that runs a sweep, with its name derived from the sweep's UID.

    now: when it is created.
    """
    metadata = sweep["metadata"]
    shards = count_shards(spec)
    for_pods = _for_pods(spec, shards)
    marks = marks_of(sweep, SWEEP, settings)
    of_job = {
        "completionMode": "Indexed",
        "completions": shards,
        "parallelism": spec.run.parallelism,
        "suspend": spec.run.suspend,
        # A shard that has failed for good does not end the others.
        "backoffLimitPerIndex": spec.run.retries,
        "activeDeadlineSeconds": spec.run.deadline_seconds,
        "ttlSecondsAfterFinished": BACKSTOP_SECONDS,
        "podReplacementPolicy": "Failed",
        "podFailurePolicy": {"rules": [IGNORE_EVICTIONS, IGNORE_STOPPED, END_AT_FINAL_CODES]},
        "template": template_of(_pod(metadata, spec, for_pods), settings, marks, for_pods),
    }
    name, queue_name = names.sweep_job_name(metadata["uid"]), spec.run.queue_name
    return job_of(sweep, SWEEP, name, settings, now, queue_name=queue_name, spec=of_job)


def _pod(metadata: Manifest, spec: BatterySweepSpec, for_pods: Manifest) -> RunnerPod:
    return RunnerPod(
        metadata["namespace"],
        metadata["name"],
        spec.run.resources,
        [*references(for_pods["simulation"]), *sweep_references(for_pods)],
        COMMAND,
        {"BATTERYSIM_UID": metadata["uid"]},
        GRACE_SECONDS,
    )


def _for_pods(spec: BatterySweepSpec, shards: int) -> dict[str, Any]:
    """Return what pods need of a spec."""
    run = spec.run.model_copy(update={"shards": shards}).to_json_dict()
    wanted = ("shards", "pointTimeoutSeconds", "maxFailedPoints", "parallelism")
    return {**spec.to_json_dict(), "run": {name: run[name] for name in wanted if name in run}}


def edit_sweep_job(sweep: Manifest, job: Manifest) -> dict[str, Any] | None:
    """Return the change after which a Job follows spec.run as it is now; None: it does already.

    Of one in a queue, Kueue says whether it is suspended, and for how many pods there is room.
    """
    run = _run(sweep)
    wanted: dict[str, Any] = {
        "activeDeadlineSeconds": int(run.get("deadlineSeconds", DEFAULTS.deadline_seconds))
    }
    if names.LABEL_KUEUE_QUEUE not in job["metadata"].get("labels", {}):
        wanted["suspend"] = bool(run.get("suspend", DEFAULTS.suspend))
        wanted["parallelism"] = int(run.get("parallelism", DEFAULTS.parallelism))
    return change(job, wanted)


def tidy_sweep_job(
    sweep: Manifest, job: Manifest, now: datetime, *, is_failure: bool
) -> dict[str, Any] | None:
    """Return the change after which the Job of an ended sweep is soon removed; None: it needs none.

    is_failure: its pods have nothing left to do, and are stopped at once.
    """
    ttl = int(_run(sweep).get("ttlSecondsAfterFinished", DEFAULTS.ttl_seconds_after_finished))
    wanted: dict[str, Any] = {"ttlSecondsAfterFinished": ttl}
    status = job.get("status") or {}
    if "startTime" in status and not has_ended(job):
        ran = int((now - datetime.fromisoformat(status["startTime"])).total_seconds())
        wanted["activeDeadlineSeconds"] = max(1, ran) if is_failure else ran + LEFT_OVER_SECONDS
    return change(job, wanted)


def _run(sweep: Manifest) -> Manifest:
    run: Manifest = sweep["spec"].get("run") or {}
    return run
