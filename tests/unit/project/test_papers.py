"""The project's papers agree with each other and with the code."""

import re
from pathlib import Path

import pytest
import yaml

from batterysim.names import FieldManager
from batterysim.status import ConditionType
from batterysim.version import VERSION
from batterysim_bridge.intake.status_patch import result_status
from batterysim_operator.delivery.callback import FIRST_RETRY, GIVE_UP_AFTER, LONGEST_RETRY
from batterysim_operator.reconcile.status import OPERATOR_CONDITIONS, OPERATOR_FIELDS, OPERATOR_TIMES

from ..bridge.builders import record

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


def test_the_tested_kubernetes_is_the_one_of_the_local_cluster() -> None:
    version = re.search(r"^KUBERNETES_VERSION=v(1\.\d+)", text("hack", "cluster.d", "versions.env"), re.M)

    assert version is not None
    assert f"Tested with {version[1]}." in text("docs", "versions.md")


def test_the_supported_pythons_are_said_everywhere_alike() -> None:
    pyproject = text("pyproject.toml")
    versions = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', pyproject)
    first, last = versions[0], versions[-1]

    assert f'requires-python = ">={first},<3.{int(last.split(".")[1]) + 1}"' in pyproject
    assert f"**Python.** {', '.join(versions[:-1])} and {last};" in text("docs", "versions.md")
    assert f"Python {first} to {last}" in text("README.md")


def test_the_owners_of_the_status_are_those_of_the_code() -> None:
    page = text("docs", "architecture.md")
    owned = {
        manager: set(re.findall(r"`(\w+)`", fields))
        for fields, manager in re.findall(r"^\| (`.*) \| \w+: `([\w-]+)` \|$", page, re.M)
    }

    assert owned[FieldManager.OPERATOR] == {
        *OPERATOR_FIELDS,
        *OPERATOR_CONDITIONS,
        "timeline",
        *OPERATOR_TIMES,
    }
    assert owned[FieldManager.CALLBACK] == {"callback", ConditionType.CALLBACK_DELIVERED}
    assert owned[FieldManager.PROGRESS] == {"progress"}
    assert owned[FieldManager.CLAIM] == {"claim"}
    assert owned.keys() == set(FieldManager)
    written = result_status(record(b"PAR1"), "http://bridge")
    times = written["timeline"]
    assert isinstance(times, dict)
    assert owned[FieldManager.BRIDGE] == {*written, *times}


def test_the_intervals_of_callbacks_are_those_of_the_code() -> None:
    page = " ".join(text("docs", "callbacks.md").split())
    first, longest = FIRST_RETRY.total_seconds(), LONGEST_RETRY.total_seconds() / 3600

    assert (
        f"repeated after {first:g} s, then at doubling intervals of up to {longest:g} h, "
        f"for {GIVE_UP_AFTER.days} days from the first attempt" in page
    )


@pytest.mark.parametrize("dockerfile", ["Dockerfile.operator", "Dockerfile.runner"])
def test_the_images_have_licence_and_notice(dockerfile: str) -> None:
    assert "COPY LICENSE NOTICE /app/" in text(dockerfile)
    assert 'license-files = ["LICENSE", "NOTICE"]' in text("pyproject.toml")


def test_the_chart_has_the_version_of_the_packages() -> None:
    chart = yaml.safe_load(text("helm", "batterysim", "Chart.yaml"))

    assert {chart["version"], chart["appVersion"]} == {VERSION}
    assert f"## {VERSION} " in text("CHANGELOG.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_nothing_dangles(page: Path) -> None:
    assert not re.search(r"\bissue \d|design card|will come\b", page.read_text(encoding="utf-8"))
