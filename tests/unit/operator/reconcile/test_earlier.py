"""A simulation that goes on from another one waits for it, and learns before a pod starts if it never can."""

from dataclasses import replace
from typing import Any

import pytest

from batterysim.continuation.likeness import likeness
from batterysim_operator.reconcile.decision import Decision
from tests import builders
from tests.builders import Json, observation, raw_spec, simulation, spec_of
from tests.unit.operator.reconcile.test_decision import SETTINGS, told

GOING_ON = raw_spec(cell={"initialState": {"fromResult": "first"}})
KEY = likeness(spec_of()).to_json_dict()
STORED = {"phase": "Succeeded", "results": {"rows": 3}, "provenance": {"finalState": KEY}}


def decide(earlier: Json | None, spec: Json = GOING_ON) -> Decision:
    return builders.decide(replace(observation(simulation(spec=spec)), earlier=earlier), SETTINGS)


def first(**status: Any) -> Json:
    return simulation(name="first", status=status)


def message(decision: Decision) -> str:
    assert decision.status is not None
    (said,) = (item for item in decision.status.conditions or () if item.type == "Succeeded")
    return said.message


def test_it_starts_when_the_earlier_result_is_stored() -> None:
    decision = decide(first(**STORED))

    assert decision.job is not None
    assert told(decision) == ("Pending", "Unknown", "Starting")


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        (
            None,
            "it goes on from the result of 'first', which does not exist in this namespace. "
            "Remedy: create it, or correct spec.cell.initialState.fromResult",
        ),
        (simulation(name="first"), "it goes on from the result of 'first', which is Pending"),
        (first(phase="Running"), "it goes on from the result of 'first', which is Running"),
    ],
    ids=["not there", "not seen yet", "running"],
)
def test_until_then_it_waits_without_a_job(earlier: Json | None, said: str) -> None:
    decision = decide(earlier)

    assert decision.job is None
    assert told(decision) == ("Queued", "Unknown", "WaitingForResult")
    assert message(decision) == said
    assert decision.requeue_after_seconds == 5
    assert decision.status is not None
    assert (decision.status.job_name, decision.status.start_time) == (None, None)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({"phase": "Failed"}, "'first' is Failed, so it has no state to go on from"),
        ({"phase": "Invalid"}, "'first' is Invalid, so it has no state to go on from"),
        (
            STORED
            | {"results": {"removedTime": "2026-03-01T12:00:00Z", "removalMessage": "older than a day"}},
            "the result of 'first' is no longer stored (older than a day): run it again",
        ),
        (STORED | {"provenance": {}}, "the result of 'first' has no state to go on from"),
        (
            STORED | {"provenance": {"finalState": KEY | {"model": "0" * 16}}},
            "the result of 'first' cannot be continued, because spec.model (family and options) of the two",
        ),
        (
            STORED | {"provenance": {"finalState": KEY | {"cell": "0" * 16, "mesh": "0" * 16}}},
            "functions) and spec.solver.mesh of the two simulations differ",
        ),
    ],
    ids=["failed", "invalid", "removed", "no state", "another model", "another cell and mesh"],
)
def test_what_never_can_go_on_is_invalid_before_a_pod_starts(status: Json, said: str) -> None:
    decision = decide(first(**status))

    assert decision.job is None
    assert told(decision) == ("Invalid", "False", "InvalidSpec")
    assert said in message(decision)
    assert message(decision).startswith("spec.cell.initialState.fromResult: ")


def test_it_does_not_wait_for_itself() -> None:
    own = simulation(spec=raw_spec(cell={"initialState": {"fromResult": "cell-discharge"}}))

    decision = builders.decide(replace(observation(own), earlier=own), SETTINGS)

    assert told(decision) == ("Invalid", "False", "InvalidSpec")
    assert "cannot go on from its own result" in message(decision)


def test_a_cell_in_a_config_map_is_left_to_the_runner() -> None:
    bpx = {"parameterSet": None, "bpx": {"configMapKeyRef": {"name": "cells", "key": "a.json"}}}
    spec = raw_spec(cell={**bpx, "initialState": {"fromResult": "first"}})
    del spec["cell"]["parameterSet"]

    assert decide(first(**STORED), spec).job is not None


def test_on_shared_runners_it_gets_a_job_and_says_why() -> None:
    decision = decide(first(**STORED), GOING_ON | {"run": {"isolation": "Process"}})

    assert decision.job is not None


def test_a_circle_is_named_and_waits_for_a_correction() -> None:
    seen = replace(observation(simulation(spec=GOING_ON)), earlier=first(), circle=["a", "first"])

    decision = builders.decide(seen, SETTINGS)

    assert told(decision) == ("Queued", "Unknown", "WaitingForResult")
    assert message(decision) == (
        "it goes on from the result of 'first', and 'a' from that of 'first', 'first' from that of 'a': in a "
        "circle none can be the first. Remedy: correct spec.cell.initialState.fromResult of one of them"
    )


@pytest.mark.parametrize(
    ("minutes", "seconds"), [(0, 5), (1, 5), (5, 15), (60, 60)], ids=["new", "short", "longer", "an hour"]
)
def test_what_has_waited_long_is_looked_at_less_often(minutes: int, seconds: float) -> None:
    waiting = simulation(spec=GOING_ON)
    waiting["metadata"]["creationTimestamp"] = builders.ago(seconds=60 * minutes)

    decision = builders.decide(observation(waiting), SETTINGS)

    assert decision.requeue_after_seconds == seconds
