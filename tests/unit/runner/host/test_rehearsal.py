"""What a parent of children has made before it forks, so that none of them makes it again."""

import json
import os
import subprocess
import sys
from pathlib import Path

from batterysim_runner.compiled.compilation import compile_shape
from batterysim_runner.compiled.file import write
from batterysim_runner.compiled.shape import CONTROLS, Shape

SOLVES_ANOTHER = """
import json, os, sys
from pathlib import Path
from batterysim.contract import Contract
from batterysim_runner.child.ends import Surroundings
from batterysim_runner.child.messages import Sender
from batterysim_runner.host.parent import EXAMPLE, load, solve_work
from batterysim_runner.host.requests import Kind
from batterysim_runner.host.work import Work

def contracts(kind):
    return {kind}.union(*map(contracts, kind.__subclasses__()))

def made():
    built = {kind.__qualname__ for kind in contracts(Contract) if kind.__pydantic_complete__}
    return set(sys.modules) | built

load(Kind.COMPILED)
threads = len(list(Path("/proc/self/task").iterdir()))
before = made()
protocol = {"constantCurrent": {"currentAmperes": 4, "durationSeconds": 3600}}
work = Work("lab", "a", "uid", 1, "", EXAMPLE | {"protocol": protocol}, 60, "", "", "")
file, nowhere = os.memfd_create("work"), os.open(os.devnull, os.O_RDWR)
os.write(file, work.document())
content = solve_work(Kind.COMPILED, file, Surroundings(Sender(nowhere), nowhere, None))
print(json.dumps([threads, len(content), sorted(made() - before)]))
"""


def test_a_child_imports_and_builds_nothing(tmp_path: Path) -> None:
    write(compile_shape(Shape("DFN", (), "Chen2020", CONTROLS[0])), tmp_path)
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SOLVES_ANOTHER],
        env=os.environ
        | {
            "BATTERYSIM_COMPILED_DIR": str(tmp_path),
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        },
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    threads, size, made_late = json.loads(ran.stdout.splitlines()[-1])
    assert threads == 1
    assert size > 0
    assert made_late == []
