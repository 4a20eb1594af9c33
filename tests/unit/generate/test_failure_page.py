"""The page about failures has every reason, as the contract explains it."""

from pathlib import Path

from generate.failure_page import render

from batterysim.failure import FAILURES, FailureReason

PAGE = Path(__file__).parents[3] / "docs" / "failures.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run `make generate`"


def test_every_reason_is_explained_with_a_remedy() -> None:
    assert set(FAILURES) == set(FailureReason)
    for reason, facts in FAILURES.items():
        assert f"| `{reason}` |" in render()
        assert facts.meaning.endswith(".")
        assert facts.remedy.endswith(".")


def test_only_what_may_end_otherwise_is_retried() -> None:
    retried = {reason for reason, facts in FAILURES.items() if facts.is_retried}

    assert retried == {FailureReason.UPLOAD_FAILED, FailureReason.RUNNER_CRASHED}
