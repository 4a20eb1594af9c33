"""What C code, compiled ahead of time, would gain over CasADi's virtual machine for compiled simulations.

US06 on the Job Manager's mesh, whose shape is made here. It needs gcc.

python -m evidence.ahead_of_time [GCC_OPTION]
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import casadi

from batterysim.catalogue.prescription import prescription
from batterysim.checks.validation import parse_spec
from batterysim_runner.compiled.compilation import compile_shape
from batterysim_runner.compiled.equations import Equations
from batterysim_runner.compiled.file import CompiledFile
from batterysim_runner.compiled.numbers import bind
from batterysim_runner.compiled.run import CompiledRun
from batterysim_runner.compiled.shape import shape_of

SPEC = parse_spec(
    {
        "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 0.8},
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
    }
)
OFTEN_CALLED = ("rhs_alg", "jac_times_cjmass", "outputs")
SOLVES = 3


def main(option: str = "-O3") -> None:
    """Measure both and print them."""
    prescribed = prescription(SPEC.protocol)
    shape = shape_of(SPEC, prescribed)
    if shape is None:
        raise SystemExit("the Job Manager's drive cycle has no shape")
    interpreted = compile_shape(shape)
    with tempfile.TemporaryDirectory() as directory:
        native, seconds, size = compiled_to_machine_code(interpreted, option, Path(directory))
        print(f"gcc {option}: {seconds:.0f} CPU-s, {size / 1e6:.1f} MB")
        print(f"virtual machine: {cpu_seconds_of_a_solve(interpreted):.2f} CPU-s for US06")
        print(f"machine code: {cpu_seconds_of_a_solve(native):.2f} CPU-s for US06")


def compiled_to_machine_code(
    compiled: CompiledFile, option: str, directory: Path
) -> tuple[CompiledFile, float, int]:
    """Return the same with machine code, gcc's CPU time in seconds, and the size of the code in bytes."""
    blobs, seconds, size = dict(compiled.blobs), 0.0, 0
    for name in OFTEN_CALLED:
        function = casadi.Function.deserialize(blobs[name].decode())
        library = directory / f"{name}.so"
        generator = casadi.CodeGenerator(f"{name}.c")
        generator.add(function)
        source = generator.generate(f"{directory}/")
        begin = children_cpu_seconds()
        subprocess.run(("gcc", option, "-fPIC", "-shared", source, "-o", library), check=True)
        seconds += children_cpu_seconds() - begin
        size += library.stat().st_size
        blobs[name] = casadi.external(function.name(), str(library)).serialize().encode()
    return CompiledFile(compiled.description, blobs), seconds, size


def children_cpu_seconds() -> float:
    """Return the CPU time of the processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def cpu_seconds_of_a_solve(compiled: CompiledFile) -> float:
    """Return the CPU time of the fastest of some solves."""
    equations = Equations(compiled)
    prescribed = prescription(SPEC.protocol)
    bound = bind(SPEC, prescribed, equations.description, equations.electrodes) if prescribed else None
    if prescribed is None or bound is None:
        raise SystemExit("the numbers do not fit")
    run, spent = CompiledRun(SPEC, prescribed, equations, bound), []
    for _ in range(SOLVES):
        begin = time.process_time()
        run.solve()
        spent.append(time.process_time() - begin)
    return min(spent)


if __name__ == "__main__":
    main(*sys.argv[1:])
