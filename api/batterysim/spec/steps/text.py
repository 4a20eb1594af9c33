"""A step of an experiment in words, as PyBaMM would have it said."""

from batterysim.spec.protocols.experiment import Step
from batterysim.spec.protocols.profile import name_of
from batterysim.spec.steps.experiment import passings


def describe_step(step: Step) -> str:
    """Say what a step does and when it ends.

    >>> describe_step(Step(c_rate=-0.5, duration_seconds=3600, until_volts=4.2))
    'Charge at 0.5C for 3600 s or until 4.2 V'
    >>> describe_step(Step(current_amperes=0, duration_seconds=3_540_000))
    'Rest for 3540000 s'
    """
    text = (step.text or _action(step)) + _ends(step)
    if step.ambient_temperature_celsius is not None:
        text += f" at {step.ambient_temperature_celsius:g} oC"
    return text


def _action(step: Step) -> str:
    for amount, unit in ((step.current_amperes, " A"), (step.c_rate, "C"), (step.power_watts, " W")):
        if amount is not None:
            if amount == 0:
                return "Rest"
            return f"{'Discharge' if amount > 0 else 'Charge'} at {abs(amount):g}{unit}"
    if step.drive_cycle is not None:
        return _repeated(f"Follow {step.drive_cycle.name}", step.drive_cycle.repeat)
    if step.profile is not None:
        return _repeated(f"Follow a {name_of(step.profile.quantity)} profile", step.profile.repeat)
    if step.volts is not None:
        return f"Hold at {step.volts:g} V"
    return "Rest" if step.ohms is None else f"Discharge at {step.ohms:g} Ohm"


def _repeated(text: str, times: int) -> str:
    return f"{text} {times} times" if times > 1 else text


def _ends(step: Step) -> str:
    ends = []
    if step.duration_seconds is not None:
        ends.append(f"for {step.duration_seconds:.15g} s")
    if step.until_volts is not None:
        ends.append(f"until {step.until_volts:g} V")
    if step.until_amperes is not None:
        ends.append(f"until {step.until_amperes:g} A")
    if step.until_state_of_charge is not None:
        ends.append(f"until {100 * step.until_state_of_charge:g} % SoC")
    if step.until_ampere_hours is not None:
        ends.append(f"until {step.until_ampere_hours:g} A.h")
    ends += [f"until {passing}" for passing in passings(step.until)]
    return " " + " or ".join(ends) if ends else ""
