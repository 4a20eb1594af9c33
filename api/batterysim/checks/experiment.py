"""What is wrong with the structured steps of an experiment, as far as it can be known without PyBaMM."""

from batterysim.checks.problem import Problem
from batterysim.failure import FailureReason
from batterysim.spec.protocol import Step
from batterysim.spec.simulation import BatterySimulationSpec

_ENDS = "durationSeconds, untilVolts or untilAmperes"


def experiment_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check each structured step for an end, and for ends that it could never reach."""
    experiment = spec.protocol.experiment
    if experiment is None:
        return []
    return [
        Problem(FailureReason.INVALID_SPEC, f"{_field(number)}{field}", message)
        for number, step in enumerate(experiment.structured_steps or ())
        for field, message in _wrong(step)
    ]


def _field(number: int) -> str:
    return f"spec.protocol.experiment.structuredSteps[{number}]"


def _wrong(step: Step) -> list[tuple[str, str]]:
    """Return field and message of everything that is wrong with a step."""
    if step.text is not None:
        return [
            (f".{field}", f"{value:g} is given beside text {step.text!r}: write the step's end into its text")
            for field, value in _given_ends(step)
        ]
    if _is_rest(step):
        return _wrong_rest(step)
    wrong = []
    if not _given_ends(step):
        wrong.append(("", f"the step has no end: set at least one of {_ENDS}"))
    if step.volts is not None and step.until_volts is not None:
        text = f"{step.until_volts:g} V is never reached while {step.volts:g} V are held: remove it"
        wrong.append((".untilVolts", text))
    if step.until_amperes is not None and (step.current_amperes is not None or step.c_rate is not None):
        text = (
            f"{step.until_amperes:g} A is never reached by a constant current: remove it, and set "
            "durationSeconds or untilVolts"
        )
        wrong.append((".untilAmperes", text))
    return wrong


def _wrong_rest(step: Step) -> list[tuple[str, str]]:
    wrong = [
        (f".{field}", f"{value:g} cannot end a rest: remove it, and set durationSeconds")
        for field, value in _given_ends(step)
        if field != "durationSeconds"
    ]
    if step.duration_seconds is None and not wrong:
        wrong.append(("", "a rest has no end of its own: set durationSeconds"))
    return wrong


def _is_rest(step: Step) -> bool:
    return bool(step.rest) or 0 in (step.current_amperes, step.c_rate, step.power_watts)


def _given_ends(step: Step) -> list[tuple[str, float]]:
    ends = {
        "durationSeconds": step.duration_seconds,
        "untilVolts": step.until_volts,
        "untilAmperes": step.until_amperes,
    }
    return [(field, value) for field, value in ends.items() if value is not None]
