"""Random specs of the shape of a compiled simulation."""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from batterysim.catalogue.parameter_names import NOMINAL_CAPACITY
from batterysim.catalogue.parameters import MANAGED_PARAMETERS, drive_cycle
from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim_runner.compiled.file import Description
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.run import CompiledRun, compiled_run
from batterysim_runner.compiled.shape import Shape

SECTION_ROWS = (60, 300)
NOT_SCALED = {"Reference temperature [K]", "Number of electrodes connected in parallel to make a cell"}
"""Numbers that are definitions or counts: the random cells keep them."""


class Drawn(NamedTuple):
    """A random spec, as a user would write it, and its run with compiled equations."""

    raw: dict[str, Any]
    run: CompiledRun


def drawn(shape: Shape, library: Library, seed: int = 0) -> Iterator[Drawn]:
    """Yield valid specs of a shape without end, all with other numbers. Some of them cannot begin.

    Raises:
        LookupError: the shape is not compiled.
    """
    equations = library.find(shape)
    if equations is None:
        raise LookupError(f"{shape.name} is not compiled")
    for raw in _random_specs(shape, equations.description, seed):
        try:
            run = compiled_run(parse_spec(raw), library)
        except InvalidSpecError:
            continue
        if run is not None:
            yield Drawn(raw, run)


def _random_specs(shape: Shape, description: Description, seed: int) -> Iterator[dict[str, Any]]:
    """Yield specs of a shape without end; not all of them are valid."""
    draw = random.Random(f"{shape.name} {seed}")  # noqa: S311 - no secret
    while True:
        yield {
            "model": {"family": shape.family, "options": dict(shape.options)},
            "cell": _cell(shape, description, draw),
            "protocol": _protocol(shape, description, draw),
            "cutOffPolicy": {
                side: draw.choices(["Stop", "Ignore"], [0.8, 0.2])[0] for side in ("lower", "upper")
            },
            "solver": {"mesh": dict(shape.mesh)},
            # The same times, whenever a run ends.
            "output": {} if shape.control.is_table else {"points": 801},
        }


def _cell(shape: Shape, description: Description, draw: random.Random) -> dict[str, Any]:
    names = sorted(description.inputs.defaults.keys() - MANAGED_PARAMETERS.keys() - NOT_SCALED)
    varied = [name for name in names if "Initial" not in name and "Open-circuit" not in name]
    cell: dict[str, Any] = {
        "parameterSet": shape.parameter_set,
        "parameters": {
            name: description.inputs.defaults[name] * draw.uniform(0.95, 1.05)
            for name in draw.sample(varied, draw.randint(0, 12))
        },
        "initialStateOfCharge": draw.choices([draw.uniform(0.05, 0.95), 0, 1], [0.8, 0.1, 0.1])[0],
    }
    if draw.random() < 0.5:
        cell["ambientTemperatureCelsius"] = draw.uniform(10, 40)
    if draw.random() < 0.3:
        low, high = (
            description.inputs.defaults[f"{side} voltage cut-off [V]"] for side in ("Lower", "Upper")
        )
        cell["lowerCutoffVolts"] = low + draw.uniform(-0.1, 0.3) * (high - low)
    if draw.random() < 0.3:
        cell["nominalCapacityAmpereHours"] = description.inputs.defaults[NOMINAL_CAPACITY] * 0.9
    return cell


def _protocol(shape: Shape, description: Description, draw: random.Random) -> dict[str, Any]:
    capacity = description.inputs.defaults[NOMINAL_CAPACITY]
    if shape.control.is_table:
        name = draw.choice(["US06", "UDDS"])
        # US06 is the current of a cell of about 5 A.h.
        scale = draw.uniform(0.2, 1) * capacity / 5
        if draw.random() < 0.1:
            return {"driveCycle": {"name": name, "scale": scale}}
        return {"profile": {"quantity": "Current", "csv": _section(name, draw), "scale": scale}}
    # Of a slower one the end says little: at C/30 the voltage takes 1e-4 s for 1e-8 V.
    rate = draw.choice([-1, 1]) * draw.uniform(0.2, 2)
    seconds = draw.uniform(0.1, 1.2) * 3600 / abs(rate)
    if shape.control.quantity == "Power":
        return {"constantPower": {"powerWatts": rate * capacity * 3.6, "durationSeconds": seconds}}
    if draw.random() < 0.15:
        return {"rest": {"durationSeconds": seconds}}
    return {"constantCurrent": {"cRate": rate, "durationSeconds": seconds}}


def _section(name: str, draw: random.Random) -> str:
    """Return some minutes of a drive cycle, as CSV: more of them fit into an hour than whole ones."""
    amperes = drive_cycle(name).values
    count = draw.randint(*SECTION_ROWS)
    start = draw.randrange(len(amperes) - count)
    return "\n".join(f"{second},{value!r}" for second, value in enumerate(amperes[start : start + count]))
