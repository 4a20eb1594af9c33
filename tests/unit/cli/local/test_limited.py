"""A limit of time ends a run on this machine, too, also in the middle of a solve that never ends."""

import sys
from typing import Any

import pytest

from batterysim.failure import ExitCode, FailureReason
from batterysim.results import EndReason
from batterysim.status import Progress
from batterysim_cli.local.run import run, solve_here
from batterysim_runner.errors import EndedRunError
from tests.builders import constant_current, raw_spec, spec_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no process to watch it")

ENDLESS = {"volts": 2.5, "durationSeconds": 60}
"""Of a full cell, at once: the solver's steps become smaller and smaller."""


def limited(seconds: float, protocol: Any, **more: Any) -> Any:
    cell = {"initialStateOfCharge": 1.0}
    return raw_spec(cell=cell, protocol=protocol, solver={"wallClockLimitSeconds": seconds}, **more)


def test_a_solve_that_never_ends_is_ended() -> None:
    with pytest.raises(EndedRunError) as caught:
        run(limited(4, {"constantVoltage": ENDLESS}))

    assert caught.value.reason == FailureReason.WALL_CLOCK_LIMIT
    assert caught.value.exit_code == ExitCode.WALL_CLOCK_LIMIT


def test_what_came_before_is_kept() -> None:
    steps = [{"rest": True, "durationSeconds": 60}, ENDLESS]

    result = run(limited(20, {"experiment": {"structuredSteps": steps}}))

    assert result.summary.end_reason == EndReason.WALL_CLOCK_LIMIT
    assert result.summary.partial
    assert result.summary.end_time_seconds == 60


def test_a_run_within_its_limit_is_the_same_as_without_one() -> None:
    protocol = {"experiment": {"steps": ["Discharge at 1C for 10 minutes", "Rest for 5 minutes"]}}
    told: list[Progress] = []

    inside = solve_here("a", spec_of(**limited(100, protocol, model={"family": "SPM"})), told.append)
    without = run(raw_spec(cell={"initialStateOfCharge": 1.0}, protocol=protocol, model={"family": "SPM"}))

    assert inside.summary == without.summary
    assert inside.to_arrow().equals(without.to_arrow())
    assert told


def test_nothing_but_the_result_is_seen_of_the_process(capfd: pytest.CaptureFixture[str]) -> None:
    run(limited(100, constant_current(5, 60), model={"family": "SPM"}))

    assert capfd.readouterr() == ("", "")


def test_a_long_profile_may_have_a_limit() -> None:
    csv = "\n".join(f"{row},1.{row:012d}" for row in range(14_000))
    protocol = {"profile": {"quantity": "Current", "csv": csv}}

    result = run(limited(100, protocol, model={"family": "SPM"}, output={"periodSeconds": 100}))

    assert result.summary.end_reason == EndReason.DURATION_REACHED


def test_why_a_run_cannot_begin_is_told() -> None:
    protocol = {"constantCurrent": {"currentAmperes": -5, "durationSeconds": 60}}

    with pytest.raises(EndedRunError, match=r"at or above the upper cut-off of 4\.2 V") as caught:
        run(limited(100, protocol))

    assert caught.value.reason == FailureReason.INFEASIBLE
