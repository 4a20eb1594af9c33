"""Whether compiled simulations equal PyBaMM's own: for each, random cells, states, protocols and limits.

What PyBaMM makes of a spec is what the runner solves without compiled simulations. Both have the same end
reason or the same error, and their voltages differ by less than 1e-8 V at each point, their ends by less than
1e-6 s. Where they differ by more, because one of them has repeated a step that the other has accepted, they
are solved once more with tight tolerances, which leave the equations alone to differ. Where they still do,
PyBaMM is compared with itself, at tolerances that differ by a tenth or a fifth: what is beyond its own
scatter is unequal.

It takes hours, and goes on where it was stopped: what is recorded of the same file is not repeated.

python -m evidence.compiled DIRECTORY [--inputs N] [--processes N] [--only TEXT]
"""

import argparse
import hashlib
import json
import os
import random
import resource
import signal
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from batterysim.catalogue.parameter_names import NOMINAL_CAPACITY
from batterysim.catalogue.parameters import MANAGED_PARAMETERS, drive_cycle
from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim.results import TIME, VOLTAGE, EndReason, SolvedFrom
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.compiled.file import SUFFIX, Description
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.run import compiled_run
from batterysim_runner.compiled.shape import Shape, catalogue
from batterysim_runner.engine import prepare
from batterysim_runner.errors import RunError
from batterysim_runner.report.trace import Trace

INPUTS = 50
MOST_VOLTS = 1e-8
MOST_SECONDS = 1e-6
MOST_CPU_SECONDS = 20
RECORD = Path("out/compiled-campaign.jsonl")
SECTION_ROWS = (60, 300)
TIGHT = (1e-8, 1e-7, 1e-6)
"""Relative tolerances, until PyBaMM can solve it; the absolute ones are a hundredth of them."""

NEARLY_TIGHT = (0.8, 0.9, 1.1, 1.2)
SCATTER = 3
NOT_SCALED = {"Reference temperature [K]", "Number of electrodes connected in parallel to make a cell"}
"""Numbers that are definitions or counts: the random cells keep them."""


class Difference(NamedTuple):
    """What differs between both.

    ended: how both ended, or the error of both; where they do not agree, both.
    """

    volts: float
    seconds: float
    ended: str
    agree: bool

    @property
    def is_small(self) -> bool:
        """Whether both are equal."""
        return self.agree and self.volts <= MOST_VOLTS and self.seconds <= MOST_SECONDS

    def is_within(self, own: "Difference") -> bool:
        """Whether they differ by no more than what is known to have equal equations.

        An end is where a voltage passes a limit, so that the scatter of voltages is one of ends as well.
        """
        volts = max(SCATTER * own.volts, MOST_VOLTS)
        seconds = max(SCATTER * own.seconds, MOST_SECONDS * volts / MOST_VOLTS)
        return self.agree and self.volts <= volts and self.seconds <= seconds


class Comparison(NamedTuple):
    """A spec solved both ways.

    asked: with its own tolerances. tight: with tight ones; None: not needed. own: the most by which PyBaMM
        differs from itself with tolerances that are nearly as tight; None: not needed.
    """

    spec: dict[str, Any]
    asked: Difference
    tight: Difference | None = None
    own: Difference | None = None

    @property
    def has_end(self) -> bool:
        """Whether it says something: near the model's limit voltages run away."""
        return self.asked.ended not in (UNENDED.ended, EndReason.MODEL_LIMIT)

    @property
    def is_equal(self) -> bool:
        """Whether both have the same equations."""
        if not self.has_end:
            return True
        if self.asked.is_small or (self.tight is not None and self.tight.is_small):
            return True
        return self.tight is not None and self.own is not None and self.tight.is_within(self.own)


def random_specs(shape: Shape, description: Description, seed: int) -> Iterator[dict[str, Any]]:
    """Yield specs of a shape without end, all with other numbers. Some of them cannot begin."""
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


class Outcome(NamedTuple):
    """How a run ended, or its error, and when; and its voltages."""

    ended: str
    seconds: float
    volts: npt.NDArray[np.float64]


UNENDED = Outcome("no end", 0.0, np.empty(0))
"""With a cut-off ignored, some runs come nearer and nearer to where the equations end."""


def compare(raw: dict[str, Any], library: Library) -> Comparison:
    """Solve a spec both ways, and once more with tight tolerances if that is not enough."""
    asked = _difference(*_both(raw, None, library))
    if asked.is_small or asked.ended == EndReason.MODEL_LIMIT:
        return Comparison(raw, asked)
    for tolerance in TIGHT:
        ours, theirs = _both(raw, tolerance, library)
        tight = _difference(ours, theirs)
        if tight.is_small:
            return Comparison(raw, asked, tight)
        if tight.agree:
            break
    others = [_modelled(raw, tolerance * factor) for factor in NEARLY_TIGHT]
    own = [found for other in others if (found := _difference(other, theirs)).agree]
    volts, seconds = [max((getattr(each, name) for each in own), default=0) for name in ("volts", "seconds")]
    return Comparison(raw, asked, tight, Difference(volts, seconds, theirs.ended, agree=True))


def _both(raw: dict[str, Any], tolerance: float | None, library: Library) -> tuple[Outcome, Outcome]:
    prepared = prepare(_with_tolerance(raw, tolerance), library)
    if prepared.solved_from is not SolvedFrom.COMPILED:
        raise LookupError("the spec does not fit into what is compiled")
    return _outcome(prepared.solve), _modelled(raw, tolerance)


def _modelled(raw: dict[str, Any], tolerance: float | None) -> Outcome:
    from batterysim_runner.solution import solve  # noqa: PLC0415 - imports PyBaMM, which not all wait for

    spec = _with_tolerance(raw, tolerance)
    return _outcome(lambda: solve(spec))


def _with_tolerance(raw: dict[str, Any], tolerance: float | None) -> BatterySimulationSpec:
    if tolerance is None:
        return parse_spec(raw)
    tight = {"relativeTolerance": tolerance, "absoluteTolerance": tolerance / 100}
    return parse_spec(raw | {"solver": raw["solver"] | tight})


def _difference(ours: Outcome, theirs: Outcome) -> Difference:
    agree = ours.ended == theirs.ended and len(ours.volts) == len(theirs.volts)
    most = float(abs(ours.volts - theirs.volts).max(initial=0)) if agree else np.inf
    ended = " / ".join(dict.fromkeys((ours.ended, theirs.ended)))
    return Difference(most, abs(ours.seconds - theirs.seconds), ended, agree)


def _outcome(solve: Callable[[], Trace]) -> Outcome:
    """Solve in a child, which ends when it has taken too long."""
    fork = get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    child = fork.Process(target=_send_outcome, args=(solve, sender))
    child.start()
    sender.close()
    try:
        outcome: Outcome = receiver.recv()
    except EOFError:
        outcome = UNENDED
    child.join()
    if outcome is UNENDED and child.exitcode != -signal.SIGXCPU:
        raise RuntimeError(f"a solve ended with exit code {child.exitcode}")
    return outcome


def _send_outcome(solve: Callable[[], Trace], sender: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 1))
    try:
        trace = solve()
    except RunError as error:
        sender.send(Outcome(f"{error.reason}: {error}", 0.0, np.empty(0)))
    else:
        times, volts = trace.values[TIME.name], trace.values[VOLTAGE.name]
        sender.send(Outcome(str(trace.end_reason), float(times[-1]), volts))


def comparisons(shape: Shape, library: Library, count: int, seed: int = 0) -> Iterator[Comparison]:
    """Compare count random specs of a shape; those without a proper end are shown, but not counted."""
    equations = library.find(shape)
    if equations is None:
        raise LookupError(f"{shape.name} is not compiled")
    specs = random_specs(shape, equations.description, seed)
    while count:
        raw = next(specs)
        try:
            spec = parse_spec(raw)
        except InvalidSpecError:
            continue
        if compiled_run(spec, library) is None:
            continue
        found = compare(raw, library)
        yield found
        count -= found.has_end


class Campaign(NamedTuple):
    """What to compare, and how often."""

    directory: Path
    inputs: int

    def sha256(self, shape: Shape) -> str:
        """Return the hash of a compiled simulation's file."""
        return hashlib.sha256((self.directory / f"{shape.name}{SUFFIX}").read_bytes()).hexdigest()

    def run(self, shape: Shape) -> list[Comparison]:
        """Return the comparisons of one compiled simulation."""
        from batterysim_runner.lean_pybamm import import_pybamm  # noqa: PLC0415

        import_pybamm()
        return list(comparisons(shape, Library(self.directory), self.inputs))

    def recorded(self, shapes: Sequence[Shape]) -> dict[Shape, list[Comparison]]:
        """Return what an earlier campaign has found for the same files, with as many inputs."""
        found: dict[str, list[Comparison]] = {}
        for line in RECORD.read_text(encoding="utf-8").splitlines() if RECORD.exists() else ():
            entry = json.loads(line)
            found[entry["sha256"]] = [_comparison(item) for item in entry["comparisons"]]
        known = {shape: found.get(self.sha256(shape), []) for shape in shapes}
        return {shape: items for shape, items in known.items() if len(_ended(items)) == self.inputs}

    def record(self, shape: Shape, comparisons: list[Comparison]) -> None:
        """Add what was found for one."""
        RECORD.parent.mkdir(exist_ok=True)
        with RECORD.open("a", encoding="utf-8") as file:
            entry = {"name": shape.name, "sha256": self.sha256(shape), "comparisons": comparisons}
            file.write(json.dumps(entry) + "\n")


def _comparison(item: list[Any]) -> Comparison:
    spec, *found = item
    return Comparison(spec, *(None if each is None else Difference(*each) for each in found))


def main(arguments: list[str]) -> int:
    """Compare all, show the worst of each, and return 1 if one of them is not equal."""
    parser = argparse.ArgumentParser(prog="evidence.compiled", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="only those whose name has this in it")
    given = parser.parse_args(arguments)
    asked = Campaign(given.directory, given.inputs)
    shapes = [shape for shape in catalogue() if given.only in shape.name]
    everything = asked.recorded(shapes)
    print(f"{len(everything)} of {len(shapes)} are on record")
    with ProcessPoolExecutor(given.processes) as pool:
        jobs = {pool.submit(asked.run, shape): shape for shape in shapes if shape not in everything}
        for job in as_completed(jobs):
            shape, found = jobs[job], job.result()
            asked.record(shape, found)
            everything[shape] = found
            print(f"{len(everything)} of {len(shapes)}: {shape.name}: {_summary(found)}", flush=True)
    found = [comparison for items in everything.values() for comparison in items]
    for comparison in found:
        if not comparison.is_equal:
            print("not equal:", json.dumps(comparison))
    print(f"all {len(everything)} files: {_summary(found)}")
    return int(not all(comparison.is_equal for comparison in found))


def _ended(found: list[Comparison]) -> list[Comparison]:
    return [comparison for comparison in found if comparison.has_end]


def _summary(found: list[Comparison]) -> str:
    unended = len(found) - len(_ended(found))
    found = _ended(found)
    asked = [comparison.asked for comparison in found]
    again = [each.tight for each in found if each.tight is not None]
    within = [
        each.tight for each in found if each.tight is not None and each.own is not None and each.is_equal
    ]
    unequal = sum(not comparison.is_equal for comparison in found)
    volts, seconds = [each.volts for each in asked], [each.seconds for each in asked]
    close = sum(each.is_small for each in asked)
    text = (
        f"{len(found)} inputs, {unequal} unequal; as asked for {close} within the limits, median "
        f"{statistics.median(volts):.1e} V, at most {max(volts):.1e} V and {max(seconds):.1e} s"
    )
    if again:
        most = max(each.volts for each in again), max(each.seconds for each in again)
        text += f"; the others with tight tolerances at most {most[0]:.1e} V and {most[1]:.1e} s"
    if within:
        text += f" ({len(within)} of them beyond the limits, but within PyBaMM's own scatter)"
    return text + (f"; {unended} that end neither way, or at the model's limit" if unended else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
