"""The project's papers agree with each other and with the code."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
DECISIONS = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "helm" / "batterysim" / "README.md"]


def text(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DECISIONS)
def test_each_decision_is_in_the_index(name: str) -> None:
    assert f"]({name})" in text("docs", "decisions", "README.md")


def test_the_supported_kubernetes_is_said_once_and_everywhere_alike() -> None:
    version = re.search(r"^kubeVersion: \">=(1\.\d+)\.0-0\"$", text("helm", "batterysim", "Chart.yaml"), re.M)
    assert version is not None

    for page in (("README.md",), ("docs", "versions.md"), ("helm", "batterysim", "README.md")):
        assert f"{version[1]} or later" in text(*page), page


def test_the_chart_has_the_version_of_the_packages() -> None:
    version = re.search(r'^version = "(.+)"$', text("pyproject.toml"), re.M)
    chart = yaml.safe_load(text("helm", "batterysim", "Chart.yaml"))

    assert version is not None
    assert {chart["version"], chart["appVersion"]} == {version[1]}
    assert f"## {version[1]} " in text("CHANGELOG.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_nothing_dangles(page: Path) -> None:
    assert not re.search(r"\bissue \d|design card|will come\b", page.read_text(encoding="utf-8"))


def test_files_of_the_threat_model_are_there() -> None:
    for path in re.findall(r"`(tests/[^`]+\.py)`", text("docs", "security.md")):
        assert (ROOT / path).exists(), path
