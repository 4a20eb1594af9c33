"""What a pack costs: time and memory from the spec to the solved series, for decision 011 and docs/packs.md.

PYTHONPATH=hack .venv/bin/python -m bench.packs [FAMILY...] [PACK...]

A pack is named by its counts: `bench.packs SPM 96s4p` measures one only.
"""

import multiprocessing
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

FAMILIES = ("Thevenin", "SPM", "SPMe", "DFN")
PACKS = ((1, 1), (4, 2), (10, 4), (10, 10), (20, 10), (96, 4))
SPREAD = {"Thevenin": "Cell capacity [A.h]"}
PACKS_BY_PROTOCOL = {"1C, 1800 s": PACKS, "US06": PACKS[:3]}


class Case(NamedTuple):
    """A pack and what is done to it."""

    family: str
    series: int
    parallel: int
    varied: bool
    protocol: str

    @property
    def pack_name(self) -> str:
        """The pack's counts, for example 4s2p."""
        return f"{self.series}s{self.parallel}p"


class Cost(NamedTuple):
    """What it took.

    cpu_seconds: processor time, which is the real time where nothing else runs; without importing PyBaMM.
    megabytes: highest memory; PyBaMM itself takes about 250.
    """

    cpu_seconds: float
    megabytes: float


def main() -> None:
    """Solve each pack in a process of its own, one after the other."""
    table = Table(title="Packs: cells all different, and all equal")
    for heading in ("model", "protocol", "pack", "cells", "CPU s", "MB", "equal CPU s", "equal MB"):
        table.add_column(heading, justify="right")
    for case in track(cases(sys.argv[1:]), "Packs"):
        varied, equal = (measure(case._replace(varied=varied)) for varied in (True, False))
        table.add_row(
            case.family,
            case.protocol,
            case.pack_name,
            str(case.series * case.parallel),
            *(f"{number:.1f}" if number < 100 else f"{number:.0f}" for number in (*varied, *equal)),
        )
    Console().print(table)


def cases(words: list[str]) -> list[Case]:
    """Return the cases of the families and packs that are named. Without a name, all are meant."""
    families = [family for family in FAMILIES if family in words] or FAMILIES
    every = [
        Case(family, *pack, True, protocol)
        for family in families
        for protocol, packs in PACKS_BY_PROTOCOL.items()
        for pack in packs
    ]
    return [case for case in every if case.pack_name in words] or every


def measure(case: Case) -> Cost:
    """Solve in a new process, whose memory nothing else has used."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(solve, case).result()


def solve(case: Case) -> Cost:
    """Solve a pack in this process."""
    from batterysim.catalogue.prescription import prescription  # noqa: PLC0415
    from batterysim.checks.validation import parse_spec  # noqa: PLC0415
    from batterysim.spec.pack import Pack  # noqa: PLC0415 - in the new process only
    from batterysim_runner.cell.parameters import parameter_values  # noqa: PLC0415
    from batterysim_runner.pack.run import solve_pack  # noqa: PLC0415
    from batterysim_runner.run_clock import RunClock  # noqa: PLC0415

    spec = parse_spec(
        {
            "model": {"family": case.family},
            "cell": {
                "parameterSet": "ECM_Example" if case.family == "Thevenin" else "Chen2020",
                "initialStateOfCharge": 0.8,
            },
            "protocol": {"driveCycle": {"name": "US06", "scale": case.parallel}}
            if case.protocol == "US06"
            else {"constantCurrent": {"cRate": 1, "durationSeconds": 1800}},
        }
    )
    parameter = SPREAD.get(case.family, "Negative electrode thickness [m]")
    pack = Pack.model_validate(
        {
            "seriesCount": case.series,
            "parallelCount": case.parallel,
            "connectionResistanceOhms": 0.001,
            "spread": [{"parameter": parameter, "relativeStandardDeviation": 0.02}] if case.varied else [],
        }
    )
    run_clock = RunClock(lambda _: None, time.monotonic)
    begin = time.process_time()
    solve_pack(spec, pack, prescription(spec.protocol), parameter_values(spec), run_clock)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return Cost(time.process_time() - begin, peak)


if __name__ == "__main__":
    main()
