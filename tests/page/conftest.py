"""The page in a real browser, on a bridge without a cluster, with results that were really solved."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import Visitor, running_browser, visitor

from .served import EDITOR, ROOT, VIEWER, Served, example_spec, serving

EXAMPLES = ("ageing", "cycling", "impedance", "cell-discharge", "cccv-charge", "us06-drive-cycle")


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the results of the examples, `NAME.parquet`."""
    folder = tmp_path_factory.mktemp("solved")
    files = [str(ROOT / "examples" / f"{name}.yaml") for name in EXAMPLES]
    command = [sys.executable, "-m", "batterysim_cli", "run", *files, "--output", str(folder), "--no-plot"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def served(solved: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A bridge with the examples' results, in namespace `default`."""
    served = Served(tmp_path_factory.mktemp("store"))
    for name in EXAMPLES:
        served.add_result(name, solved / f"{name}.parquet", example_spec(name))
    with serving(served) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def editor(browser: Browser, served: Served) -> Iterator[Visitor]:
    """Somebody who may create and delete simulations."""
    with visitor(browser, served.url, token=EDITOR) as someone:
        yield someone


@pytest.fixture
def viewer(browser: Browser, served: Served) -> Iterator[Visitor]:
    """Somebody who may read only."""
    with visitor(browser, served.url, token=VIEWER) as someone:
        yield someone
