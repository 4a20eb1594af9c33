"""What machine code gains over CasADi's virtual machine for compiled simulations. It needs a C compiler.

PYTHONPATH=hack python -m evidence.machine_code

For each simulation: the CPU time of a solve, and what the compiler takes for it, by options. C of matrices is
what CasADi writes of PyBaMM's functions as they are; C of scalars is what is used, without repetitions.
"""

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import casadi

from batterysim.catalogue.prescription import prescription
from batterysim.checks.validation import parse_spec
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.compiled import machine_code
from batterysim_runner.compiled.compilation import compile_shape
from batterysim_runner.compiled.file import CompiledFile
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.run import compiled_run
from batterysim_runner.compiled.shape import shape_of
from batterysim_runner.compiled.table import with_table

DISCHARGE: dict[str, Any] = {"constantCurrent": {"cRate": 1, "durationSeconds": 3600}}
SPECS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "SPM, 1C": {"model": {"family": "SPM"}, "protocol": DISCHARGE},
        "SPMe, 1C": {"model": {"family": "SPMe"}, "protocol": DISCHARGE},
        "DFN, 1C": {"protocol": DISCHARGE},
        "DFN, US06 on the Job Manager's mesh": {
            "protocol": {"driveCycle": {"name": "US06"}},
            "solver": {
                "mesh": {
                    "negativeElectrodePoints": 30,
                    "separatorPoints": 30,
                    "positiveElectrodePoints": 30,
                    "negativeParticlePoints": 10,
                    "positiveParticlePoints": 10,
                }
            },
        },
    }
)
REST = machine_code.OPTIONS[1:]
WAYS: Mapping[str, tuple[bool, str]] = MappingProxyType(
    {
        "C of matrices, -O1": (False, "-O1"),
        "C of scalars, -O1": (True, "-O1"),
        "C of scalars, -O2": (True, "-O2"),
    }
)
SECONDS = 2.0
"""A solve is repeated for as long."""


def lines() -> Iterator[str]:
    """Yield a table."""
    yield "| simulation | equations | solve, CPU ms | compiler, CPU s | library, MB |"
    yield "|---|---|---|---|---|"
    for name, raw in SPECS.items():
        spec = parse_spec({"cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 0.9}} | raw)
        yield from rows(name, spec)


def rows(name: str, spec: BatterySimulationSpec) -> Iterator[str]:
    """Yield the rows of a simulation."""
    shape = shape_of(spec, prescription(spec.protocol))
    if shape is None:
        raise LookupError(f"{name} has no shape")
    plain = compile_shape(shape.of_one_number)
    yield f"| {name} | virtual machine | {solve_milliseconds(spec, plain):.2f} | | |"
    for way, (in_scalars, option) in WAYS.items():
        with tempfile.TemporaryDirectory() as directory:
            library = Path(directory, "functions.so")
            began = children_cpu_seconds()
            native = compiled(plain, library, in_scalars=in_scalars, option=option)
            seconds, megabytes = children_cpu_seconds() - began, library.stat().st_size / 1e6
            milliseconds = solve_milliseconds(spec, native)
        yield f"| {name} | {way} | {milliseconds:.2f} | {seconds:.1f} | {megabytes:.2f} |"


def compiled(plain: CompiledFile, library: Path, *, in_scalars: bool, option: str) -> CompiledFile:
    """Return the same in machine code that is made otherwise."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(machine_code, "OPTIONS", (option, *REST)))
        if not in_scalars:
            stack.enter_context(patch.object(machine_code, "in_scalars", in_matrices))
        return machine_code.in_machine_code(plain, library)


def in_matrices(function: casadi.Function, name: str) -> casadi.Function:
    """Return the same function under a name."""
    taken = function.mx_in()
    return casadi.Function(name, taken, function.call(taken, True, False))


def solve_milliseconds(spec: BatterySimulationSpec, plain: CompiledFile) -> float:
    """Return the CPU time of the fastest of some solves."""
    library, spent = Library(None), []
    shape = shape_of(spec, prescription(spec.protocol))
    library.add(with_table(plain) if shape is not None and shape.control.is_table else plain)
    run = compiled_run(spec, library)
    if run is None:
        raise LookupError("the numbers do not fit")
    until = time.monotonic() + SECONDS
    while not spent or time.monotonic() < until:
        begin = time.process_time()
        run.solve()
        spent.append(time.process_time() - begin)
    return 1000 * min(spent)


def children_cpu_seconds() -> float:
    """Return the CPU time of the processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
