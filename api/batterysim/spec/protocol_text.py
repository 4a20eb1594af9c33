"""A protocol in a few words, as `kubectl get bsim` shows it."""

from typing import assert_never

from batterysim.spec.protocols.drive_cycle import DriveCycle
from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.protocols.profile import Profile, name_of
from batterysim.spec.protocols.protocol import (
    Cccv,
    ConstantCurrent,
    ConstantPower,
    ConstantVoltage,
    GivenProtocol,
    Impedance,
    Rest,
)
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.steps.experiment import steps_of


def describe_protocol(spec: BatterySimulationSpec) -> str:
    """Say what is done to the cell in a few words, as for a column.

    >>> from batterysim.checks.validation import parse_spec
    >>> describe_protocol(parse_spec({"cell": {"parameterSet": "Chen2020"},
    ...     "protocol": {"constantCurrent": {"currentAmperes": -2.5, "durationSeconds": 60}}}))
    'charge 2.5 A'
    """
    return _words(spec.protocol.given)


def _words(given: GivenProtocol) -> str:
    match given:
        case ConstantCurrent(c_rate=rate, current_amperes=amperes):
            text = _directed(amperes or 0.0, "A") if rate is None else _directed(rate, "C")
        case ConstantPower(power_watts=watts):
            text = _directed(watts, "W")
        case ConstantVoltage(volts=volts):
            text = f"hold {volts:g} V"
        case Cccv(charge_c_rate=rate, charge_current_amperes=amperes):
            text = f"CCCV {amperes:g} A" if rate is None else f"CCCV {rate:g} C"
        case Rest():
            text = "rest"
        case DriveCycle(name=name, repeat=repeat):
            text = _repeated(name, repeat)
        case Profile(quantity=quantity, repeat=repeat):
            text = _repeated(f"{name_of(quantity)} profile", repeat)
        case Experiment() as experiment:
            text = _experiment(experiment)
        case Impedance():
            text = "impedance"
        case _:
            assert_never(given)
    return text


def _directed(amount: float, unit: str) -> str:
    if amount == 0:
        return "rest"
    return f"{'discharge' if amount > 0 else 'charge'} {abs(amount):g} {unit}"


def _experiment(experiment: Experiment) -> str:
    count = len(steps_of(experiment))
    cycles = f", {experiment.cycles} cycles" if experiment.cycles > 1 else ""
    return f"{count} step{'s' if count > 1 else ''}{cycles}"


def _repeated(text: str, times: int) -> str:
    return f"{text}, {times} times" if times > 1 else text
