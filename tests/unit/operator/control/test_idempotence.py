"""Looking twice changes nothing: what a decision writes leads to the same decision."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batterysim.names import job_name
from batterysim_operator.reconcile.decision import Decision
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from batterysim_operator.reconcile.status import differs
from tests.builders import UID, Json, ago, condition, decide, job, observation, pod, raw_spec, simulation

SETTINGS = RunnerSettings(image="runner:1", bridge_url="http://bridge:8084")
EXIT_CODES = (1, 64, 65, 66, 67, 70, 75, 137, 143)

pods = st.one_of(
    st.sampled_from(["Pending", "Running", "Succeeded", "Failed", "Unknown"]).map(pod),
    st.sampled_from(EXIT_CODES).map(lambda code: pod("Failed", terminated={"exitCode": code})),
    st.just(pod("Failed", condition("DisruptionTarget", "True"), terminated={"exitCode": 137})),
    st.just(pod("Pending", condition("PodScheduled", "False", message="no room"))),
    st.just(pod("Pending", waiting={"reason": "ErrImagePull"})),
)
ends = st.sampled_from(
    [
        [],
        [condition("Failed", "True", "BackoffLimitExceeded")],
        [condition("FailureTarget", "True", "DeadlineExceeded")],
        [condition("Complete", "True")],
    ]
)
jobs = st.builds(
    lambda end, active, failed: job(*end, active=active, failed=failed, completionTime=ago(seconds=9)),
    ends,
    st.integers(0, 1),
    st.integers(0, 3),
)
specs = st.sampled_from(
    [
        raw_spec(),
        raw_spec(run={"retries": 0}),
        raw_spec(cell={"parameters": {"zzz": 1.0}}),
        raw_spec(callback={"url": "http://jobs.example.com:99999/"}),
    ]
)
bridges_part = st.sampled_from(
    [
        {},
        {"results": {"rows": 101}, "summary": {"endReason": "DurationReached"}},
        {"progress": {"percent": 0}},
    ]
)
steps = st.tuples(specs, st.none() | jobs, st.lists(pods, max_size=3), bridges_part)


def apply(before: Json, decision: Decision) -> Json:
    """Return the status as server-side apply leaves it: the operator's fields replaced, others kept."""
    assert decision.status is not None
    bridges = {name: before[name] for name in ("results", "summary", "progress") if name in before}
    return decision.status.to_json_dict() | bridges


@given(st.lists(steps, min_size=1, max_size=5))
def test_deciding_again_on_what_was_decided_changes_nothing(history: list[Any]) -> None:
    status: Json = {}
    for generation, (spec, job_, pods_, bridges) in enumerate(history, start=1):
        status = status | bridges
        seen = observation(simulation(spec=spec, status=status, generation=generation), job_, *pods_)
        decision = decide(seen, SETTINGS)
        if decision.status is None:
            continue
        status = apply(status, decision)

        again = decide(
            observation(simulation(spec=spec, status=status, generation=generation), job_, *pods_), SETTINGS
        )

        assert again.status is None or not differs(again.status, status)


@given(st.lists(steps, min_size=1, max_size=5))
def test_an_end_is_never_undone(history: list[Any]) -> None:
    status: Json = {}
    ended: str | None = None
    for generation, (spec, job_, pods_, bridges) in enumerate(history, start=1):
        status = status | bridges
        decision = decide(
            observation(simulation(spec=spec, status=status, generation=generation), job_, *pods_), SETTINGS
        )
        if decision.status is not None:
            status = apply(status, decision)
        if ended is not None:
            assert status["phase"] == ended
            assert decision.job is None
        ended = status["phase"] if status["phase"] in ("Succeeded", "Failed") else None


@given(steps)
def test_an_observation_is_only_read(step: Any) -> None:
    spec, job_, pods_, bridges = step
    seen = observation(simulation(spec=spec, status={"jobName": job_name(UID), **bridges}), job_, *pods_)
    before = copy.deepcopy(seen)

    decide(seen, SETTINGS)

    assert seen == before
