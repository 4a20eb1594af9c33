"""What keeps a run from starting is told within seconds, in the words of whoever keeps it, and may pass.

All obstacles are put in the way of a run at the same time, each in a namespace of its own. docs/waiting.md
has their words; `make docs-waiting` writes them there.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from devtools.kube import Kube, Manifest, load_example
from generate.waiting_table import Row, row_of, rows_of, with_rows
from kubernetes.client.exceptions import ApiException
from playwright.sync_api import Browser

from tests.e2e.admission.mutating_webhook import MutatingWebhook
from tests.e2e.admission.obstacles import OBSTACLES, lab_of, name_of, remove_obstacle
from tests.e2e.browser import visitor
from tests.e2e.users import RBAC, bind, make_user, token_of
from tests.e2e.waiting import until
from tests.namespaces import remove_namespace

PAGE = Path(__file__).parents[3] / "docs" / "waiting.md"
TOLD_WITHIN_SECONDS = 30  # of a busy machine; printed is how long it took
WATCHER = "waiting-viewer"
LATE = ("quota on Jobs", "quota on pods", "no room on any node")
PASSING = [cause for cause in OBSTACLES if "image" not in cause and "no room" not in cause]


class Shown(NamedTuple):
    """What a user sees of a run that waits: the condition's row, and the texts that should have it."""

    row: Row
    events: set[str]
    kubectl: str
    watch: str
    page: str


def simulation(cause: str, suffix: str = "", **run: object) -> Manifest:
    """Return a run of some seconds, to be created in the namespace of an obstacle."""
    manifest = load_example("cell-discharge")
    manifest["metadata"]["name"] = name_of(cause) + suffix
    manifest["spec"]["model"] = {"family": "SPM"}
    manifest["spec"]["run"] = {**OBSTACLES[cause].run, **run}
    return manifest


def course_of(lab: Kube, name: str) -> Manifest:
    """Return the condition that says how a run is."""
    conditions = lab.get(name).get("status", {}).get("conditions", [])
    return next((item for item in conditions if item["type"] == "Succeeded"), {"reason": "", "message": ""})


@pytest.fixture(scope="module")
def labs(kube: Kube, webhook: MutatingWebhook) -> Iterator[dict[str, Kube]]:
    """A namespace for each obstacle, where a user may look, with a run that it holds up."""
    found = {cause: lab_of(cause) for cause in OBSTACLES}
    viewer = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "batterysim-viewer"}
    make_user(kube, WATCHER, "batterysim-viewer")
    for lab in found.values():
        remove_obstacle(lab)
        remove_namespace(lab)
        lab.core.create_namespace({"metadata": {"name": lab.namespace}})
        bind(kube, WATCHER, viewer, lab.namespace)
    try:
        for cause, lab in found.items():
            OBSTACLES[cause].put(lab, webhook)
        for cause, lab in found.items():
            until(lambda cause=cause, lab=lab: OBSTACLES[cause].is_there(lab), 30)
        began = time.monotonic()
        for cause in LATE:
            found[cause].create(simulation(cause, "-late", deadlineSeconds=15))
        for cause, lab in found.items():
            lab.create(simulation(cause))
        for cause, lab in found.items():
            wait_until_told(cause, lab)
            print(
                f"{cause}: told {time.monotonic() - began:.1f} s after the first of {len(found)} was created"
            )
        yield found
    finally:
        for lab in found.values():
            remove_obstacle(lab)
            with suppress(ApiException):
                lab.core.delete_namespace(lab.namespace)


def wait_until_told(cause: str, lab: Kube) -> None:
    def is_told() -> bool:
        course = course_of(lab, name_of(cause))
        return row_of(cause, course["reason"], course["message"]).reason == OBSTACLES[cause].reason

    until(is_told, TOLD_WITHIN_SECONDS)


@pytest.fixture(scope="module")
def shown(labs: dict[str, Kube], kube: Kube, browser: Browser, url: str) -> dict[str, Shown]:
    """Everything that a user sees while the runs wait."""
    for cause, lab in labs.items():
        # The operator writes its status first, and the event after it.
        until(lambda cause=cause, lab=lab: bool(events_of(lab, name_of(cause))), TOLD_WITHIN_SECONDS)
    watched = watch_for_some_seconds()
    pages = pages_of(labs, browser, url, token_of(kube, WATCHER))
    found = {}
    for cause, lab in labs.items():
        name, course = name_of(cause), course_of(lab, name_of(cause))
        line = next((line for line in watched if line.startswith(f"{name}: ")), "")
        row = row_of(cause, course["reason"], course["message"])
        found[cause] = Shown(row, events_of(lab, name), kubectl_get(lab, name), line, pages[cause])
    return found


def events_of(lab: Kube, name: str) -> set[str]:
    found = lab.core.list_namespaced_event(lab.namespace, field_selector=f"involvedObject.name={name}")
    return {event.reason for event in found.items}


def kubectl_get(lab: Kube, name: str) -> str:
    command = ["kubectl", "get", "bsim", name, "--namespace", lab.namespace, "--output", "wide"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def watch_for_some_seconds() -> list[str]:
    """Return the lines of `batterysim watch`, which ends when the time is up."""
    command = [sys.executable, "-m", "batterysim_cli", "watch", "--all-namespaces", "--timeout", "4"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 124, done.stderr
    return done.stdout.splitlines()


def pages_of(labs: dict[str, Kube], browser: Browser, url: str, token: str) -> dict[str, str]:
    """Return what the page says about the wait of each run."""
    found = {}
    with visitor(browser, url, token=token) as someone:
        for cause, lab in labs.items():
            someone.open(f"#/simulations/{lab.namespace}/{name_of(cause)}")
            someone.page.get_by_role("heading", name=name_of(cause), exact=True).wait_for()
            found[cause] = someone.page.get_by_role("region", name="Cause of the wait").inner_text()
        someone.take_picture("detail-waiting")
    return found


@pytest.mark.parametrize("cause", OBSTACLES)
def test_what_keeps_a_run_from_starting_is_told(shown: dict[str, Shown], cause: str) -> None:
    obstacle, row = OBSTACLES[cause], shown[cause].row

    assert row.reason == obstacle.reason
    assert obstacle.said in row.message
    assert f"Remedy: {obstacle.remedy}" in row.message
    assert shown[cause].events - {"Accepted"}


@pytest.mark.parametrize("cause", OBSTACLES)
def test_kubectl_watch_and_the_page_have_the_cause_and_the_remedy(
    shown: dict[str, Shown], cause: str
) -> None:
    seen = shown[cause]

    for text in (seen.kubectl, seen.watch, seen.page):
        assert seen.row.message in row_of(cause, "", text).message


def test_the_table_of_the_docs_has_these_words(shown: dict[str, Shown]) -> None:
    rows, page = [seen.row for seen in shown.values()], PAGE.read_text(encoding="utf-8")
    if os.environ.get("WRITE_WAITING_TABLE"):
        PAGE.write_text(with_rows(page, rows), encoding="utf-8")
        return

    assert rows_of(page) == rows, "run `make docs-waiting`"


@pytest.mark.parametrize("cause", LATE)
def test_a_run_that_could_not_begin_ends_at_its_deadline_with_the_cause(
    labs: dict[str, Kube], cause: str
) -> None:
    name = f"{name_of(cause)}-late"

    failure = labs[cause].wait_for_end(name, timeout_seconds=90)[name]["status"]["failure"]

    assert failure["reason"] == "DeadlineExceeded"
    assert OBSTACLES[cause].said in failure["message"]
    assert "raise it" not in failure["message"]


def test_a_deadline_can_be_cut_while_a_run_waits(labs: dict[str, Kube], shown: dict[str, Shown]) -> None:
    cause = "no room on any node"
    lab, name = labs[cause], name_of(cause)
    assert shown[cause].row.reason == "Unschedulable"

    lab.patch(name, {"spec": {"run": {"deadlineSeconds": 10}}})

    ended = lab.wait_for_end(name, timeout_seconds=60)[name]
    assert ended["status"]["failure"]["reason"] == "DeadlineExceeded"


@pytest.fixture(scope="module")
def passed(labs: dict[str, Kube], shown: dict[str, Shown]) -> dict[str, str]:
    """Take away what can be taken away; return how each run has ended then."""
    assert shown.keys() == labs.keys()
    for cause in PASSING:
        remove_obstacle(labs[cause])
    lab = labs["suspended Job"]
    job = lab.get(name_of("suspended Job"))["status"]["jobName"]
    lab.batch.patch_namespaced_job(job, lab.namespace, {"spec": {"suspend": False}})
    ends = {cause: labs[cause].wait_for_end(name_of(cause), timeout_seconds=180) for cause in PASSING}
    return {cause: end[name_of(cause)]["status"]["phase"] for cause, end in ends.items()}


@pytest.mark.parametrize("cause", PASSING)
def test_a_run_starts_once_nothing_keeps_it(passed: dict[str, str], cause: str) -> None:
    assert passed[cause] == "Succeeded"


def test_a_suspended_job_is_called_so_and_goes_on(shown: dict[str, Shown], passed: dict[str, str]) -> None:
    assert shown["suspended Job"].row.reason == "Suspended"
    assert passed["suspended Job"] == "Succeeded"
