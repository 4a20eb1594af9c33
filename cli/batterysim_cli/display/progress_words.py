"""How far a simulation is, in words."""

from batterysim.status import Progress as RunProgress
from batterysim_cli.display.quantity import duration


def in_words(progress: RunProgress) -> str:
    """Say where a simulation is.

    >>> in_words(RunProgress(percent=40, stage="Solving", cycle=2, cycles=5, eta_seconds=9))
    'Solving, cycle 2 of 5, 9 s left'
    """
    parts: list[str] = [progress.stage]
    if progress.cycle is not None and progress.cycles is not None and progress.cycles > 1:
        parts.append(f"cycle {progress.cycle} of {progress.cycles}")
    if progress.simulated_seconds is not None:
        parts.append(f"{duration(progress.simulated_seconds)} simulated")
    if progress.eta_seconds is not None:
        parts.append(f"{duration(progress.eta_seconds)} left")
    return ", ".join(parts)
