"""Who has a simulation, and when a runner is taken for lost. Pure."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_bridge.shared import claims
from batterysim_bridge.shared.claims import Host, SignOfLife
from tests.builders import NOW, raw_spec, simulation

HOST = Host("runner-abcde", "pod-uid", "1a")
LONG_AGO = NOW - timedelta(hours=1)


def waiting(**status: Any) -> ObjectState:
    return to_simulation(simulation(spec=raw_spec(run={"isolation": "Process"}), status=status))


def claimed(seconds_ago: float = 0, attempt: int = 1, **status: Any) -> ObjectState:
    """Return a simulation that HOST got some time ago, and has been renewed then."""
    claim = claims.new_claim(waiting(attempt=attempt), HOST, "secret", at(-seconds_ago))
    return waiting(claim=claim.to_json_dict(), attempt=attempt, **status)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def lost(run: ObjectState, sign: SignOfLife | None = None, since: datetime = LONG_AGO) -> str | None:
    outcome = claims.loss(run, sign, NOW, since)
    return None if outcome is None else outcome.message


@pytest.mark.parametrize(
    "status",
    [
        {"jobName": "bsim-1"},
        {"phase": "Failed"},
        {"phase": "Invalid"},
        {"results": {"uri": "http://bridge/r"}},
    ],
    ids=["Job", "failed", "invalid", "result"],
)
def test_what_is_not_handed_out(status: dict[str, Any]) -> None:
    assert claims.may_be_handed_out(waiting())
    assert not claims.may_be_handed_out(waiting(**status))


def test_a_simulation_that_asks_for_a_job_is_nothing_for_a_shared_runner() -> None:
    assert not claims.may_be_handed_out(to_simulation(simulation()))


def test_an_attempt_is_handed_out_once_and_the_next_only_when_it_is_granted() -> None:
    run = claimed(attempt=1)

    assert not claims.may_be_handed_out(run)
    granted = run._replace(shared=run.shared and run.shared._replace(granted_attempt=2))
    assert claims.may_be_handed_out(granted)
    assert not claims.is_under_way(granted)


def test_a_deleted_simulation_is_not_handed_out() -> None:
    gone = simulation(spec=raw_spec(run={"isolation": "Process"}), deletionTimestamp="2026-03-01T12:00:00Z")

    assert not claims.may_be_handed_out(to_simulation(gone))


def test_a_credential_is_good_for_its_attempt_only() -> None:
    run = claimed()

    assert claims.holds("secret", run)
    assert not claims.holds("another", run)
    granted = run._replace(shared=run.shared and run.shared._replace(granted_attempt=2))
    assert not claims.holds("secret", granted)


def test_a_credential_is_no_good_any_more_when_the_attempt_has_ended() -> None:
    run = claimed(20)
    outcome = claims.loss(run, None, NOW, LONG_AGO)
    assert outcome is not None

    over = waiting(claim=claims.ended(run, outcome).to_json_dict())

    assert not claims.holds("secret", over)
    assert not claims.holds("secret", claimed(phase="Failed"))


def test_the_credential_itself_is_not_in_the_status() -> None:
    credential = claims.new_credential()
    claim = claims.new_claim(waiting(), HOST, credential, NOW).to_json_dict()

    assert credential not in str(claim)
    assert len(credential) > 43


def test_a_runner_is_lost_when_nobody_has_heard_of_it_for_a_lease() -> None:
    assert lost(claimed(14)) is None
    assert "has not reported for 15 s" in (lost(claimed(16)) or "")


def test_a_heartbeat_that_is_not_in_the_status_yet_counts() -> None:
    run = claimed(16)
    sign = SignOfLife("1a", at(-1), frozenset({(run.uid, 1)}))

    assert lost(run, sign) is None


def test_nobody_is_lost_because_the_bridge_was_away() -> None:
    assert lost(claimed(3600), since=at(-14)) is None
    assert lost(claimed(3600), since=at(-16)) is not None


def test_a_process_is_lost_as_soon_as_another_one_runs_in_its_pod() -> None:
    assert "another one runs in its pod" in (lost(claimed(3), SignOfLife("2b", at(-1))) or "")
    assert lost(claimed(3), SignOfLife("0f", at(-10))) is None  # the one before


def test_what_a_runner_does_not_have_has_never_come_there() -> None:
    nothing = SignOfLife("1a", at(-0.1), frozenset())

    assert lost(claimed(4), nothing) is None
    assert "did not receive" in (lost(claimed(6), nothing) or "")
