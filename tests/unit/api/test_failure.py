"""Exit codes say whether another try can help; last words fit where they are left."""

import pytest

from batterysim.failure import (
    FINAL_EXIT_CODES,
    MESSAGE_MAX_LENGTH,
    ExitCode,
    FailureReason,
    TerminationMessage,
    shorten,
)

KUBELETS_LIMIT_BYTES = 4096


def test_which_exit_codes_are_final() -> None:
    assert set(FINAL_EXIT_CODES) == {
        ExitCode.INVALID_SPEC,
        ExitCode.INFEASIBLE,
        ExitCode.SOLVER_FAILED,
        ExitCode.RESULT_REFUSED,
        ExitCode.WALL_CLOCK_LIMIT,
        ExitCode.OUT_OF_MEMORY,
    }


def test_no_exit_code_is_one_that_a_shell_or_a_signal_gives() -> None:
    assert all(code == 0 or 64 <= code < 126 for code in ExitCode)


def test_a_short_message_stays_as_it_is() -> None:
    assert shorten("too hot") == "too hot"
    assert shorten("x" * MESSAGE_MAX_LENGTH) == "x" * MESSAGE_MAX_LENGTH


def test_a_long_message_is_cut_visibly() -> None:
    cut = shorten("x" * (MESSAGE_MAX_LENGTH + 1))

    assert len(cut) == MESSAGE_MAX_LENGTH
    assert cut.endswith("x…")


@pytest.mark.parametrize("character", ["x", '"', "\n", "é", "電"])
def test_the_longest_last_words_are_not_cut_by_the_kubelet(character: str) -> None:
    words = TerminationMessage(reason=FailureReason.INVALID_SPEC, message=shorten(character * 5000))

    assert len(words.model_dump_json(by_alias=True).encode()) <= KUBELETS_LIMIT_BYTES
