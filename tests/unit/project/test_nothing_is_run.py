"""Nothing that a user writes is run as code: what could run it is in a few known places only."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGES = ("api", "bridge", "cli", "client", "data", "formats", "kube", "operator", "runner")
CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "os.system",
    "os.popen",
    "yaml.unsafe_load",
    "yaml.full_load",
}
MODULES = {"pickle", "marshal", "shelve", "dill", "joblib", "subprocess", "code", "runpy"}
ALLOWED = {
    "api/batterysim/process/worker_pool.py: pickle",  # errors, in the worker that has made them
    "cli/batterysim_cli/local/limited.py: subprocess",  # python -m batterysim_runner.pod.local
    "cli/batterysim_cli/sweep/process.py: subprocess",  # python -m batterysim_runner.sweep
    "runner/batterysim_runner/compiled/machine_code.py: subprocess",  # the C compiler of the image's build
    "runner/batterysim_runner/host/nursery.py: subprocess",  # python -m batterysim_runner.host.parent
    "runner/batterysim_runner/sweep/solving.py: pickle",  # from a child that was forked a moment ago
}


def found_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name in MODULES)
            case ast.ImportFrom(module=str(module)) if module in MODULES:
                yield module
            case ast.Call(func=func, keywords=keywords):
                if (called := ast.unparse(func)) in CALLS:
                    yield called
                if any(ast.unparse(item) in ("shell=True", "allow_pickle=True") for item in keywords):
                    yield f"{called} with a shell or pickle"


def test_nothing_that_runs_code_is_called_but_in_known_places() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {what}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for what in found_in(ast.parse(path.read_text("utf-8")))
    }

    assert found == ALLOWED


def test_what_would_run_code_is_found() -> None:
    text = (
        "import pickle\nfrom subprocess import run\neval(x)\nrun(x, shell=True)\nload(f, allow_pickle=True)"
    )

    assert sorted(found_in(ast.parse(text))) == [
        *("eval", "load with a shell or pickle", "pickle", "run with a shell or pickle", "subprocess")
    ]
