"""The installed release with other values, for the time of a test."""

import itertools
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devtools.kube import SYSTEM_NAMESPACE

RELEASE = "batterysim"
CHART = Path(__file__).parents[2] / "helm" / "batterysim"
WAIT = ("--wait", "--timeout", "3m")


@contextmanager
def changed_release(values: Mapping[str, Any], directory: Path) -> Iterator[None]:
    """Upgrade the release with some values; put it back to what it was at the end.

    directory: where the values may be noted meanwhile.
    """
    # Not by a rollback, which cannot have a volume back that helm has been told to keep.
    before = directory / "values-before.yaml"
    before.write_text(helm("get", "values", RELEASE, "--output", "yaml"), encoding="utf-8")
    upgrade = ("upgrade", RELEASE, str(CHART), "--reset-values", "--values", str(before), *WAIT)
    try:
        changes = [("--set-json", f"{name}={json.dumps(value)}") for name, value in values.items()]
        try:
            helm(*upgrade, *itertools.chain(*changes))
        except AssertionError:
            # Helm compares with the last upgrade that succeeded: what this one has added would stay there.
            delete_deployments()
            raise
        yield
    finally:
        helm(*upgrade)


def delete_deployments() -> None:
    of_release = ("--selector", f"app.kubernetes.io/instance={RELEASE}")
    subprocess.run(
        ("kubectl", "delete", "deployment", "--all-namespaces", *of_release), check=True, capture_output=True
    )


def helm(*arguments: str) -> str:
    """Run helm in the release's namespace; return what it prints."""
    command = ["helm", "--namespace", SYSTEM_NAMESPACE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout
