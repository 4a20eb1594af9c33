"""Which files a typical change touches, as mypy sees it.

    python -m evidence.typical_changes

A copy of the source gets a toy protocol, a toy format, a toy drive cycle and so on, where that is declared.
Then mypy says where else it is told apart, and a program uses what mypy cannot see. More files than
CONTRIBUTING.md promises are an error. Needs helm on PATH, for the label.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "bridge", "cli", "client", "data", "formats", "kube", "operator", "runner")
TOO_MANY = 1


class Change(NamedTuple):
    """A typical change.

    declare: makes it in a copy of the source, and returns the files that it edited.
    unseen: how many more files have to be edited, which mypy cannot know, such as what writes a new format.
    limit: how many files are promised.
    """

    name: str
    declare: Callable[[Path], list[str]]
    unseen: list[str]
    limit: int


def toy_protocol(tree: Path) -> list[str]:
    """Add a protocol: its class, its field and its place in the union."""
    file = "api/batterysim/spec/protocols/protocol.py"
    edit(
        tree / file,
        (
            "GivenProtocol = (\n",
            'class Toy(ProtocolKind):\n    """A toy."""\n\n    title = "Toy"\n\n\nGivenProtocol = (\n',
        ),
        ("    | Impedance\n)", "    | Impedance\n    | Toy\n)"),
        (
            '    """Measure the impedance."""\n',
            '    """Measure the impedance."""\n    toy: Toy | None = None\n    """Play."""\n',
        ),
    )
    return [file]


def toy_format(tree: Path) -> list[str]:
    """Add a format: its name and its facts."""
    file = "api/batterysim/result_format.py"
    edit(
        tree / file,
        ('    JOB_MANAGER = "jobManager"\n', '    JOB_MANAGER = "jobManager"\n    TOY = "toy"\n'),
        (
            "    ResultFormat.JOB_MANAGER: FormatFacts(",
            '    ResultFormat.TOY: FormatFacts("Toy", ("toy",), "text/toy"),\n'
            "    ResultFormat.JOB_MANAGER: FormatFacts(",
        ),
    )
    return [file]


def toy_drive_cycle(tree: Path) -> list[str]:
    """Add a drive cycle: its numbers and its entry."""
    folder = tree / "data" / "batterysim_data" / "drive_cycles"
    shutil.copy(folder / "US06.csv", folder / "TOY.csv")
    index = json.loads((folder / "index.json").read_text("utf-8"))
    (folder / "index.json").write_text(json.dumps({**index, "TOY": index["US06"]}), "utf-8")
    run(
        tree,
        """
from batterysim.checks.validation import parse_spec
from batterysim.catalogue.prescription import prescription
protocol = {"driveCycle": {"name": "TOY"}}
spec = parse_spec({"cell": {"parameterSet": "Chen2020"}, "protocol": protocol})
assert prescription(spec.protocol).duration_seconds == 600
""",
    )
    return ["data/batterysim_data/drive_cycles/TOY.csv", "data/batterysim_data/drive_cycles/index.json"]


def toy_filter(tree: Path) -> list[str]:
    """Add a filter of lists: to the REST API, to both clients and to the command line."""
    listing, routes = (
        "bridge/batterysim_bridge/api/lists/listing.py",
        "bridge/batterysim_bridge/api/lists/query.py",
    )
    client, option = ("client/batterysim_client/filter.py", "cli/batterysim_cli/commands/get.py")
    edit(
        tree / listing,
        ('    text: str = ""\n', '    text: str = ""\n    toy: str = ""\n'),
        ("            and self.text in simulation.name\n", "            and self.toy in simulation.name\n"),
    )
    edit(
        tree / routes,
        (") -> Filter:\n    for asked", '    toy: str = "",\n) -> Filter:\n    for asked'),
        ("tuple(protocol or ()), labels, q)", "tuple(protocol or ()), labels, q, toy)"),
    )
    edit(
        tree / client,
        ("    text: str\n", "    text: str\n    toy: str\n"),
        ('    text: str = ""\n\n', '    text: str = ""\n    toy: str = ""\n\n'),
        (
            'text: str = "",\n    ) -> Self:',
            'text: str = "",\n        toy: str = "",\n    ) -> Self:',
        ),
        ("labels, text)", "labels, text, toy)"),
        (
            '[("q", self.text)] if self.text else []),',
            '[("q", self.text)] if self.text else []),\n            ("toy", self.toy),',
        ),
    )
    edit(
        tree / option,
        (") -> int:\n", '    toy: Annotated[str, typer.Option("--toy")] = "",\n) -> int:\n'),
        ("            text=text,\n", "            text=text,\n            toy=toy,\n"),
    )
    run(
        tree,
        """
import inspect
from batterysim_bridge.api.lists.listing import Filter
from batterysim_bridge.api.simulations import router
from batterysim_cli.commands.get import get
from batterysim_client.filter import Filter as Wanted
(route,) = [item for item in router.routes if item.path == "/v1/simulations" and "GET" in item.methods]
parameters = {item.name for part in route.dependant.dependencies for item in part.query_params}
assert "toy" in parameters and Filter(toy="x").toy == "x"
assert ("toy", "x") in Wanted.of(toy="x").query()
assert "toy" in inspect.signature(get).parameters
""",
    )
    return [listing, routes, client, option]


def toy_label(tree: Path) -> list[str]:
    """Label the pods of runners, in somebody's own values."""
    values = tree / "own-values.yaml"
    values.write_text('{"runner": {"podTemplate": {"metadata": {"labels": {"toy": "1"}}}}}', "utf-8")
    chart = str(ROOT / "helm" / "batterysim")
    rendered = subprocess.run(
        ["helm", "template", "batterysim", chart, "--kube-version", "1.34.0", "--values", values],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    (operator,) = (
        document
        for document in yaml.safe_load_all(rendered)
        if document
        and (document["kind"], document["metadata"]["name"]) == ("Deployment", "batterysim-operator")
    )
    (container,) = operator["spec"]["template"]["spec"]["containers"]
    variables = {item["name"]: item["value"] for item in container["env"] if "value" in item}
    run(
        tree,
        f"""
from datetime import UTC, datetime
from batterysim.checks.validation import parse_spec
from batterysim_operator.reconcile.job import build_job
from batterysim_operator.settings import Settings
metadata = dict(name="a", namespace="lab", uid="u", creationTimestamp="2026-11-27T08:00:00Z", generation=1)
spec = {{"cell": {{"parameterSet": "Chen2020"}}, "protocol": {{"rest": {{"durationSeconds": 60}}}}}}
simulation = {{"apiVersion": "batterysim.dev/v1alpha1", "metadata": metadata, "spec": spec}}
runner = Settings.from_environment({variables!r}).runner_jobs
job = build_job(simulation, parse_spec(spec), runner, datetime(2026, 11, 27, 8, tzinfo=UTC))
assert job["spec"]["template"]["metadata"]["labels"]["toy"] == "1"
""",
    )
    return [values.name]


def toy_interval(tree: Path) -> list[str]:
    """Repeat callbacks more often."""
    file = "operator/batterysim_operator/delivery/callback.py"
    edit(tree / file, ("LONGEST_RETRY = timedelta(hours=6)", "LONGEST_RETRY = timedelta(hours=2)"))
    run(
        tree,
        """
from datetime import UTC, datetime, timedelta
from batterysim_operator.delivery.callback import after_failure
now = datetime(2026, 11, 27, 8, tzinfo=UTC)
status = {"callback": {"attempts": 20, "firstAttemptTime": now.isoformat()}}
simulation = {"metadata": {"uid": "u", "generation": 1}, "spec": {}, "status": status}
tried = after_failure(simulation, now, "no answer", final=False, spread=0.5)
assert tried.callback.next_attempt_time == now + timedelta(hours=2), tried.callback
""",
    )
    return [file]


def toy_column(tree: Path) -> list[str]:
    """Show another field in `kubectl get`."""
    file = "api/batterysim/crd.py"
    edit(
        tree / file,
        (
            '        ("Job", "string", ".status.jobName", 1),\n',
            '        ("Toy", "string", ".spec.toy", 1),\n',
        ),
    )
    run(
        tree,
        """
from batterysim.crd import build_crd
(version,) = build_crd()["spec"]["versions"]
assert "Toy" in [column["name"] for column in version["additionalPrinterColumns"]]
""",
    )
    return [file]


CHANGES = (
    Change("a protocol", toy_protocol, [], 5),
    Change(
        "a result format",
        toy_format,
        ["formats/batterysim_formats/toy.py", "bridge/batterysim_bridge/page/detail/download_buttons.js"],
        4,
    ),
    Change("a drive cycle", toy_drive_cycle, [], 2),
    Change("a filter of lists, everywhere", toy_filter, [], 4),
    Change("a label on runner pods", toy_label, [], 1),
    Change("the intervals of callbacks", toy_interval, [], 1),
    Change("a printer column", toy_column, [], 1),
)


def run(tree: Path, program: str) -> None:
    """Run a program with the packages of a copy."""
    path = ":".join(str(tree / package) for package in PACKAGES)
    subprocess.run(
        [sys.executable, "-c", program], check=True, env=os.environ | {"PYTHONPATH": path}, cwd=tree
    )


def edit(path: Path, *replacements: tuple[str, str]) -> None:
    """Replace texts that are there exactly once."""
    text = path.read_text("utf-8")
    for old, new in replacements:
        if text.count(old) != 1:
            raise SystemExit(f"{path.name} has {text.count(old)} times {old!r}: correct this script")
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def files_by_mypy(tree: Path) -> list[str]:
    """Return the files in which mypy finds something that was forgotten."""
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(tree / ".mypy_cache")],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    if "Success" not in found.stdout and "error:" not in found.stdout:
        raise SystemExit(found.stdout + found.stderr)
    return list(dict.fromkeys(re.findall(r"^([^\s:]+\.py):\d+: error:", found.stdout, re.MULTILINE)))


def files_of(change: Change) -> list[str]:
    """Return the files that a change touches."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for package in PACKAGES:
            shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", tree)
        if (ROOT / ".mypy_cache").exists():
            shutil.copytree(ROOT / ".mypy_cache", tree / ".mypy_cache")
        declared = change.declare(tree)
        return list(dict.fromkeys([*declared, *files_by_mypy(tree), *change.unseen]))


def main() -> int:
    """Print the files of each change; return 1 if one has more than it should."""
    too_many = False
    for change in CHANGES:
        files = files_of(change)
        print(f"{change.name}: {len(files)} of at most {change.limit}")
        print("".join(f"  {file}\n" for file in files), end="")
        too_many = too_many or len(files) > change.limit
    return TOO_MANY if too_many else 0


if __name__ == "__main__":
    sys.exit(main())
