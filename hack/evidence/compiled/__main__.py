"""Compare compiled simulations with PyBaMM.

functions: with what PyBaMM hands its solver for the same specs, whose numbers are built in.
solutions: with what PyBaMM solves with the same numbers as inputs.
built-in: with what PyBaMM solves with the numbers built in; it rounds otherwise, so this shows how far apart
    both may be.

It takes hours, and goes on where it was stopped: what is recorded of the same equations is not repeated.

python -m evidence.compiled DIRECTORY [KIND ...] [--inputs N] [--processes N] [--only TEXT]
"""

import argparse
import hashlib
import json
import os
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Literal, NamedTuple, assert_never, get_args

from batterysim_runner.compiled.file import SUFFIX, CompiledFile, read
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.recipe import recipe_sha256
from batterysim_runner.compiled.shape import Shape, catalogue
from batterysim_runner.errors import RunError
from evidence.compiled.functions import Distance, distance
from evidence.compiled.solutions import Difference, WithInputs, compare_built_in, compare_with_inputs
from evidence.compiled.specs import Drawn, drawn

INPUTS = 50
RECORD = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "batterysim/compared.jsonl"
"""Outside of the checkout: the next one goes on."""

Kind = Literal["functions", "solutions", "built-in"]
KINDS: tuple[Kind, ...] = ("functions", "solutions")
"""The comparisons that are made unless somebody names others: those of what has to be equal."""


class Found(NamedTuple):
    """A spec, which is shown where both are not equal, and how they differ."""

    spec: dict[str, Any]
    found: Distance | Difference

    @property
    def counts(self) -> bool:
        """Whether it says something."""
        return isinstance(self.found, Distance) or self.found.counts


class Campaign(NamedTuple):
    """What to compare, and how often."""

    kind: Kind
    directory: Path
    inputs: int

    def sha256(self, shape: Shape) -> str:
        """Return the hash of a compiled simulation, whatever recipe it was made by, and of the comparison."""
        compiled = read(self.directory / f"{shape.of_one_number.name}{SUFFIX}", recipe_sha256())
        description = compiled.description
        order = shape, description.inputs.names, description.events, description.names, description.tables
        found = hashlib.sha256(json.dumps([*order, description.pybamm_version]).encode())
        for source in sorted(Path(__file__).parent.glob("*.py")):
            found.update(source.read_bytes())
        for name, blob in sorted(compiled.blobs.items()):
            found.update(f"{name} {len(blob)}".encode() + blob)
        found.update(b"" if compiled.library is None else compiled.library.read_bytes())
        return found.hexdigest()

    def run(self, shape: Shape) -> list[Found]:
        """Return what is found for one compiled simulation."""
        found: list[Found] = []
        for one in self._all(shape):
            found.append(one)
            if sum(each.counts for each in found) == self.inputs:
                break
        return found

    def recorded(self, shapes: Sequence[Shape]) -> dict[Shape, list[Found]]:
        """Return what an earlier campaign has found for the same files, with as many inputs."""
        found: dict[str, list[Found]] = {}
        for line in RECORD.read_text(encoding="utf-8").splitlines() if RECORD.exists() else ():
            entry = json.loads(line)
            if entry["kind"] == self.kind:
                found[entry["sha256"]] = [_found(self.kind, *item) for item in entry["found"]]
        known = {shape: found.get(self.sha256(shape), []) for shape in shapes}
        return {
            shape: items
            for shape, items in known.items()
            if sum(each.counts for each in items) == self.inputs
        }

    def record(self, shape: Shape, found: list[Found]) -> None:
        """Add what was found for one."""
        RECORD.parent.mkdir(parents=True, exist_ok=True)
        entry = {"kind": self.kind, "name": shape.name, "sha256": self.sha256(shape), "found": found}
        with RECORD.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _all(self, shape: Shape) -> Iterator[Found]:
        library = Library(self.directory)
        compiled = library.read(shape)
        if compiled is None:
            raise LookupError(f"{shape.name} is not compiled")
        compare = _comparison(self.kind, shape, compiled)
        for each in drawn(shape, library):
            try:
                yield Found(each.raw, compare(each))
            except RunError:
                continue  # it is refused before there are equations


def _comparison(kind: Kind, shape: Shape, compiled: CompiledFile) -> Callable[[Drawn], Distance | Difference]:
    match kind:
        case "functions":
            draw = random.Random(shape.name)  # noqa: S311 - no secret
            return lambda each: distance(each.run, compiled, draw)
        case "solutions":
            theirs = WithInputs(shape)
            return lambda each: compare_with_inputs(each.run, theirs)
        case "built-in":
            return lambda each: compare_built_in(each.run)
        case _:
            assert_never(kind)


def _found(kind: Kind, spec: dict[str, Any], found: list[Any]) -> Found:
    return Found(spec, Distance(*found) if kind == "functions" else Difference(*found))


def main(arguments: list[str]) -> int:
    """Compare all, show the worst of each, and return 1 if one of them is not equal."""
    parser = argparse.ArgumentParser(
        prog="evidence.compiled", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("kinds", nargs="*", choices=[[], *get_args(Kind)], metavar="KIND")
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="only those whose name has this in it")
    given = parser.parse_args(arguments)
    shapes = [shape for shape in catalogue() if given.only in shape.name]
    # PyBaMM makes the equations of each table by itself, which takes longest.
    shapes.sort(key=lambda shape: shape.control.is_table)
    campaigns = [Campaign(kind, given.directory, given.inputs) for kind in given.kinds or KINDS]
    return max([_run(campaign, shapes, given.processes) for campaign in campaigns])


def _run(campaign: Campaign, shapes: Sequence[Shape], processes: int) -> int:
    everything = campaign.recorded(shapes)
    print(f"{campaign.kind}: {len(everything)} of {len(shapes)} are on record")
    with ProcessPoolExecutor(processes) as pool:
        jobs = {pool.submit(campaign.run, shape): shape for shape in shapes if shape not in everything}
        for job in as_completed(jobs):
            shape, found = jobs[job], job.result()
            campaign.record(shape, found)
            everything[shape] = found
            print(f"{len(everything)} of {len(shapes)}: {shape.name}: {_summary(found)}", flush=True)
    found = [each for items in everything.values() for each in items]
    for each in found:
        if not each.found.is_small:
            print("not equal:", json.dumps(each))
    print(f"{campaign.kind} of all {len(everything)} files: {_summary(found)}")
    return int(campaign.kind != "built-in" and not all(each.found.is_small for each in found))


def _summary(found: list[Found]) -> str:
    distances = [each.found for each in found if isinstance(each.found, Distance)]
    if distances:
        return _of_functions(distances)
    return _of_solutions([each.found for each in found if isinstance(each.found, Difference)])


def _of_functions(found: list[Distance]) -> str:
    worst, start = max(found, key=lambda each: each.of_it), max(each.start for each in found)
    return (
        f"{len(found)} inputs, {sum(not each.is_small for each in found)} unequal; functions differ by at "
        f"most {worst.of_it:.1e} ({worst.function}), states at the start by {start:.1e}; "
        f"at least {min(each.finite for each in found):.0%} of the numbers are finite"
    )


def _of_solutions(everything: list[Difference]) -> str:
    found = [each for each in everything if each.counts]
    text = (
        f"{len(found)} inputs, {sum(not each.is_small for each in found)} further apart than the limits, "
        f"{sum(not each.agree for each in found)} with other ends; "
        f"{len(everything) - len(found)} more cannot begin, or do not end"
    )
    alike = [each for each in found if each.agree]
    if not alike:
        return text
    volts = [each.volts for each in alike]
    return (
        f"{text}; at most {max(volts):.1e} V and {max(each.seconds for each in alike):.1e} s, median "
        f"{statistics.median(volts):.1e} V; {sum(most == 0 for most in volts)} are equal to the last bit"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
