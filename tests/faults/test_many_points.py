"""A hundred thousand points, half of which fail: neither status, operator nor bridge grow with them.

`make faults-many-points`; FAULTS_POINTS says how many points there are.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from typing import NamedTuple

from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest, forwarded_bridge, has_ended
from evidence.many_points import sweep_spec
from playwright.sync_api import expect

from batterysim import names
from tests.e2e.browser import editor_token, running_browser, visitor
from tests.e2e.waiting import pods_of_component
from tests.hostile.witness import COMPONENTS, resident_megabytes, restarts
from tests.namespaces import fresh_namespace

POINTS = int(os.environ.get("FAULTS_POINTS", "100000"))
FEW = 2_000
MOST_STATUS_BYTES = 16 * 1024
FLAT_MEGABYTES = 30
LONGEST_SECONDS = 1800


class Course(NamedTuple):
    """What was seen of a sweep from its creation to its end.

    writes: of its status. status_bytes: of the largest one. megabytes: the most that operator and bridge
    have had since their start.
    """

    sweep: Manifest
    seconds: float
    writes: int
    status_bytes: int
    megabytes: dict[str, float]


def test_what_watches_a_sweep_does_not_grow_with_its_points() -> None:
    with fresh_namespace(Kube("batterysim-many-points")):
        sweeps = Kube("batterysim-many-points", names.SWEEP_PLURAL)
        start_again()
        before = restarts(sweeps)

        few, many = (followed(sweeps, points) for points in (FEW, POINTS))

        for course in (few, many):
            print(
                f"{course.sweep['status']['progress']['points']} points in {course.seconds:.0f} s: "
                f"{course.writes} writes of a status of {course.status_bytes} bytes at most, "
                + ", ".join(f"{name} {peak:.0f} MB" for name, peak in course.megabytes.items())
            )
        progress = many.sweep["status"]["progress"]
        assert many.sweep["status"]["phase"] == "Succeeded"
        assert (progress["done"], progress["failed"]) == (POINTS, POINTS // 2)
        assert many.status_bytes <= MOST_STATUS_BYTES
        assert many.writes <= many.seconds + few.writes  # one a second, and those of beginning and end
        for component in COMPONENTS:
            assert many.megabytes[component] < few.megabytes[component] + FLAT_MEGABYTES
        look_at_the_page(sweeps, f"points-{POINTS}")
        assert restarts(sweeps) == before


def start_again() -> None:
    """Start operator and bridge again, so that nothing of before is in their memory."""
    for action in (("restart",), ("status", "--timeout=120s")):
        for component in COMPONENTS:
            rollout = ("rollout", action[0], f"deployment/batterysim-{component}", *action[1:])
            subprocess.run(("kubectl", "-n", SYSTEM_NAMESPACE, *rollout), check=True, capture_output=True)


def followed(sweeps: Kube, points: int) -> Course:
    """Run a sweep, and look at each of its changes."""
    began = time.monotonic()
    manifest = {
        "apiVersion": names.API_VERSION,
        "kind": names.SWEEP_KIND,
        "metadata": {"name": f"points-{points}"},
        "spec": sweep_spec(points) | {"run": {"parallelism": 2}},
    }
    sweeps.create(manifest)
    statuses = []
    with sweeps.changes(LONGEST_SECONDS) as changes:
        for sweep in until_its_end(changes, f"points-{points}"):
            statuses.append(json.dumps(sweep.get("status", {}), separators=(",", ":")))
    megabytes = {}
    for component in COMPONENTS:
        (pod,) = pods_of_component(sweeps, component)
        megabytes[component] = resident_megabytes(pod, "VmHWM")
    return Course(
        sweep, time.monotonic() - began, len(statuses), max(len(text) for text in statuses), megabytes
    )


def until_its_end(changes: Iterator[Manifest], name: str) -> Iterator[Manifest]:
    """Yield a sweep as it is after each change, until it has ended."""
    for sweep in changes:
        if sweep["metadata"]["name"] == name:
            yield sweep
            if has_ended(sweep):
                return
    raise TimeoutError(f"{name} has not ended after {LONGEST_SECONDS} s")


def look_at_the_page(sweeps: Kube, name: str) -> None:
    """Open a sweep on the page, as an engineer does, and sort its points."""
    with (
        forwarded_bridge() as url,
        running_browser() as browser,
        visitor(browser, url, token=editor_token(sweeps)) as someone,
    ):
        began = time.monotonic()
        someone.open(f"#/sweeps/{sweeps.namespace}/{name}")
        page = someone.page
        page.set_default_timeout(60_000)
        expect(page.get_by_label("Progress", exact=True)).to_contain_text("Failed")
        table = page.get_by_label("Table of points")
        expect(table.locator("tbody tr").first).to_be_visible()
        shown = time.monotonic()
        page.get_by_role("button", name="Ambient temperature").first.click()
        expect(table.locator("th[aria-sort]")).to_have_count(1)
        print(f"page: {shown - began:.1f} s until its points are there")
        someone.take_picture("many-points")
