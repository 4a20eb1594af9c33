"""Changes of a Job that exists: those that its user has made in spec.run, and those after its end."""

from batterysim.status import Phase
from batterysim_operator.reconcile.job_changes import edit, tidy
from tests.builders import NOW, Json, ago, condition, job, raw_spec, simulation


def running(run: Json | None = None, *, generation: int = 2) -> Json:
    """Return a simulation that started 60 s ago, whose spec.run was edited since."""
    status = {"observedGeneration": 1, "startTime": ago(seconds=60)}
    return simulation(spec=raw_spec(run=run or {}), status=status, generation=generation)


def made(age: float, *conditions: Json, started: float | None = None, **spec: int) -> Json:
    """Return a Job that was created `age` seconds ago."""
    status = {} if started is None else {"startTime": ago(seconds=started)}
    return {**job(*conditions, age=age, **status), "spec": spec}


def test_an_edited_deadline_counts_from_when_the_simulation_was_accepted() -> None:
    """The Job was created 40 s after that, because of a quota."""
    waited = made(20, activeDeadlineSeconds=960, backoffLimit=2)

    assert edit(running({"deadlineSeconds": 2000}), waited) == {"spec": {"activeDeadlineSeconds": 1960}}


def test_edited_retries() -> None:
    as_made = made(60, activeDeadlineSeconds=100, backoffLimit=2)

    change = edit(running({"deadlineSeconds": 100, "retries": 7}), as_made)

    assert change == {"spec": {"backoffLimit": 7}}


def test_a_job_that_follows_its_spec_is_not_edited() -> None:
    as_made = made(60, activeDeadlineSeconds=100, backoffLimit=2)

    assert edit(running({"deadlineSeconds": 100}), as_made) is None


def test_an_edit_that_was_observed_is_not_made_twice() -> None:
    """Kueue and others may have changed the Job since."""
    assert edit(running({"deadlineSeconds": 100}, generation=1), made(60, activeDeadlineSeconds=5)) is None


def test_a_job_that_has_ended_gets_its_users_time_to_live() -> None:
    ended = made(60, condition("Complete", "True"), started=59, ttlSecondsAfterFinished=86_400)

    change = tidy(running({"ttlSecondsAfterFinished": 60}), ended, NOW, Phase.SUCCEEDED)

    assert change == {"spec": {"ttlSecondsAfterFinished": 60}}


def test_a_runner_that_goes_on_after_the_end_is_stopped_within_a_minute() -> None:
    still_running = made(60, started=50, ttlSecondsAfterFinished=300, activeDeadlineSeconds=3600)

    assert tidy(running(), still_running, NOW, Phase.SUCCEEDED) == {"spec": {"activeDeadlineSeconds": 110}}


def test_a_run_that_has_failed_for_good_is_not_tried_again() -> None:
    between_two_tries = made(
        60, started=50, ttlSecondsAfterFinished=300, activeDeadlineSeconds=55, backoffLimit=2
    )

    assert tidy(running(), between_two_tries, NOW, Phase.FAILED) == {"spec": {"backoffLimit": 0}}
    assert tidy(running(), between_two_tries, NOW, Phase.SUCCEEDED) is None


def test_a_deadline_that_comes_before_that_stays() -> None:
    still_running = made(60, started=50, ttlSecondsAfterFinished=300, activeDeadlineSeconds=55)

    assert tidy(running(), still_running, NOW, Phase.SUCCEEDED) is None
