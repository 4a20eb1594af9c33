"""A simulation goes on from the end of an earlier one, and waits for it without a pod."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from devtools.kube import Kube, Manifest, Results

from batterysim import names
from tests.e2e.waiting import until

SHARED_NAMESPACE = "batterysim-shared"
MICROVOLT = 1e-6
SPM = {"family": "SPM"}
HALF = {"constantCurrent": {"cRate": 1, "durationSeconds": 600}}
WHOLE = {"constantCurrent": {"cRate": 1, "durationSeconds": 1200}}
TIGHT = {"relativeTolerance": 1e-9, "absoluteTolerance": 1e-11}


@pytest.fixture
def build(simulation: Callable[..., Manifest]) -> Callable[..., Manifest]:
    """Build a simulation of the same cell, which goes on from another one if that is given."""

    def build(protocol: Manifest, earlier: str | None = None, **fields: Any) -> Manifest:
        manifest = simulation(**{"protocol": protocol, "solver": TIGHT, "model__family": "SPM"} | fields)
        if earlier is not None:
            manifest["spec"]["cell"]["initialState"] = {"fromResult": earlier}
        return manifest

    return build


@pytest.fixture(scope="module")
def shared() -> Iterator[Kube]:
    """The namespace that `hack/deploy` gives a shared runner."""
    kube = Kube(SHARED_NAMESPACE)
    before = {name_of(item) for item in simulations_in(kube)}
    yield kube
    for name in {name_of(item) for item in simulations_in(kube)} - before:
        kube.delete(name)


@pytest.fixture(scope="module")
def earlier(kube: Kube) -> Manifest:
    """A simulation that has succeeded."""
    spec = {"model": SPM, "cell": {"parameterSet": "Chen2020"}, "protocol": HALF, "solver": TIGHT}
    return run(
        kube,
        {"apiVersion": names.API_VERSION, "kind": names.KIND, "metadata": {"name": "earlier"}, "spec": spec},
    )


def simulations_in(kube: Kube) -> list[Manifest]:
    listed = kube.objects.list_namespaced_custom_object(
        names.GROUP, names.VERSION, kube.namespace, names.PLURAL
    )
    return list(listed["items"])


def name_of(manifest: Manifest) -> str:
    return str(manifest["metadata"]["name"])


def run(kube: Kube, manifest: Manifest) -> Manifest:
    kube.create(manifest)
    return kube.wait_for_end(name_of(manifest))[name_of(manifest)]


def succeeded(kube: Kube, name: str) -> Manifest:
    """Return the condition Succeeded, once there is one."""
    until(lambda: bool(conditions(kube, name)), 60)
    return conditions(kube, name)["Succeeded"]


def conditions(kube: Kube, name: str) -> dict[str, Manifest]:
    found = kube.get(name).get("status", {}).get("conditions", [])
    return {item["type"]: item for item in found}


def volts(manifest: Manifest, when: str) -> float:
    return float(manifest["status"]["summary"][f"{when}Volts"])


def test_it_waits_without_a_pod_and_then_two_halves_are_one_whole(kube: Kube, build):
    whole, first = build(WHOLE), build(HALF)
    second = build(HALF, name_of(first))
    kube.create(whole)

    kube.create(second)

    told = succeeded(kube, name_of(second))
    assert (told["status"], told["reason"]) == ("Unknown", "WaitingForResult")
    assert told["message"] == (
        f"it goes on from the result of {name_of(first)!r}, which does not exist in this namespace. "
        "Remedy: create it, or correct spec.cell.initialState.fromResult"
    )
    waiting = kube.get(name_of(second))
    assert waiting["status"]["phase"] == "Queued"
    assert (kube.jobs_of(waiting), kube.pods_of(waiting)) == ([], [])
    kube.create(first)
    ended = kube.wait_for_end(name_of(whole), name_of(first), name_of(second))
    one, half, rest = (ended[name_of(item)] for item in (whole, first, second))
    assert {item["status"]["phase"] for item in ended.values()} == {"Succeeded"}, rest["status"]
    assert volts(rest, "start") == pytest.approx(volts(half, "end"), abs=MICROVOLT)
    assert volts(rest, "end") == pytest.approx(volts(one, "end"), abs=MICROVOLT)
    assert rest["status"]["provenance"]["initialStateSha256"]


def test_it_goes_on_in_a_job_from_the_result_of_a_shared_runner(shared: Kube, build):
    process = {"isolation": "Process"}
    first = run(shared, build(HALF, run=process))

    second = run(shared, build(HALF, name_of(first), run=process))

    assert [item["status"]["isolation"] for item in (first, second)] == ["Process", "Job"]
    assert volts(second, "start") == pytest.approx(volts(first, "end"), abs=MICROVOLT)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model__family": "SPMe"}, "because spec.model (family and options) of the two simulations differ"),
        (
            {"cell__parameterSet": "Marquis2019"},
            "because spec.cell (parameterSet, preset, bpx, parameters and",
        ),
        (
            {"solver": {"mesh": {"separatorPoints": 10}}},
            "because spec.solver.mesh of the two simulations differ",
        ),
    ],
    ids=["another model", "another cell", "another mesh"],
)
def test_what_does_not_fit_is_invalid_before_a_pod_starts(
    kube: Kube, earlier: Manifest, build, changes, said
):
    ended = run(kube, build(HALF, name_of(earlier), **changes))

    assert_invalid(kube, ended, f"the result of 'earlier' cannot be continued, {said}")


def test_a_failed_run_has_no_state(kube: Kube, build):
    failed = run(kube, build(HALF, cell__initialStateOfCharge=0.0))
    assert failed["status"]["phase"] == "Failed"

    ended = run(kube, build(HALF, name_of(failed)))

    assert_invalid(kube, ended, f"{name_of(failed)!r} is Failed, so it has no state to go on from")


def test_nobody_goes_on_from_itself(kube: Kube, build):
    own = build(HALF)
    own["spec"]["cell"]["initialState"] = {"fromResult": name_of(own)}

    assert_invalid(kube, run(kube, own), "a simulation cannot go on from its own result")


def assert_invalid(kube: Kube, ended: Manifest, said: str) -> None:
    assert ended["status"]["phase"] == "Invalid"
    failure = ended["status"]["failure"]
    assert failure["reason"] == "InvalidSpec"
    assert failure["message"].startswith(f"spec.cell.initialState.fromResult: {said}")
    assert (kube.jobs_of(ended), kube.pods_of(ended)) == ([], [])


def test_one_that_was_deleted_or_is_in_another_namespace_is_not_there(kube: Kube, shared: Kube, build):
    there, deleted = build(HALF), build(HALF)
    run(shared, there)
    run(kube, deleted)
    kube.delete(name_of(deleted))

    for name in (name_of(there), name_of(deleted)):
        waiting = kube.create(build(HALF, name))

        told = succeeded(kube, name_of(waiting))
        assert told["reason"] == "WaitingForResult"
        assert f"{name!r}, which does not exist in this namespace" in told["message"]
        assert (kube.jobs_of(waiting), kube.pods_of(waiting)) == ([], [])


def test_a_wrong_name_can_be_corrected_while_it_waits(kube: Kube, earlier: Manifest, build):
    waiting = kube.create(build(HALF, "misspelt"))
    assert succeeded(kube, name_of(waiting))["reason"] == "WaitingForResult"

    kube.patch(name_of(waiting), {"spec": {"cell": {"initialState": {"fromResult": name_of(earlier)}}}})

    ended = kube.wait_for_end(name_of(waiting))[name_of(waiting)]
    assert ended["status"]["phase"] == "Succeeded"
    assert volts(ended, "start") == pytest.approx(volts(earlier, "end"), abs=MICROVOLT)


def test_a_state_is_for_its_runner_only(kube: Kube, results: Results, earlier: Manifest):
    url = results.url + names.initial_state_path(kube.namespace, name_of(earlier))

    assert results.session.get(url, timeout=30).status_code == 403
