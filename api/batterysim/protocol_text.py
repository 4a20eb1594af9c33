"""A protocol in a few words, as `kubectl get bsim` shows it."""

from batterysim.spec import BatterySimulationSpec


def describe_protocol(spec: BatterySimulationSpec) -> str:
    """Say what is done to the cell in a few words, as for a column.

    >>> from batterysim.validation import parse_spec
    >>> describe_protocol(parse_spec({"cell": {"parameterSet": "Chen2020"},
    ...     "protocol": {"constantCurrent": {"currentAmperes": -2.5, "durationSeconds": 60}}}))
    'charge 2.5 A'
    """
    if spec.protocol.drive_cycle is not None:
        return spec.protocol.drive_cycle.name
    if spec.protocol.experiment is not None:
        experiment = spec.protocol.experiment
        cycles = f", {experiment.cycles} cycles" if experiment.cycles > 1 else ""
        return f"{len(experiment.steps)} step{'s' if len(experiment.steps) > 1 else ''}{cycles}"
    constant = spec.protocol.constant_current
    if constant is None or constant.current_amperes == 0:
        return "rest"
    direction = "discharge" if constant.current_amperes > 0 else "charge"
    return f"{direction} {abs(constant.current_amperes):g} A"
