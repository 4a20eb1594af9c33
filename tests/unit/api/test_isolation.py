"""Which way a simulation is run: decided once, for operator and bridge."""

import pytest

from batterysim.isolation import Way, way_to_run
from tests.builders import bpx_cell, bpx_document, raw_spec

PROCESS = {"isolation": "Process"}


def test_a_simulation_that_asks_for_nothing_gets_a_job() -> None:
    assert way_to_run(raw_spec(), has_shared_runners=True) == Way("Job")


def test_a_process_goes_to_the_shared_runners() -> None:
    assert way_to_run(raw_spec(run=PROCESS), has_shared_runners=True) == Way("Process")


def test_defaults_that_the_api_server_fills_in_ask_for_nothing() -> None:
    run = PROCESS | {"resources": {"requests": {}, "limits": {}}, "retries": 2}

    assert way_to_run(raw_spec(run=run), has_shared_runners=True) == Way("Process")


def test_a_bpx_file_in_the_spec_is_no_obstacle() -> None:
    spec = raw_spec(run=PROCESS, cell=bpx_cell(bpx_document()))

    assert way_to_run(spec, has_shared_runners=True) == Way("Process")


def test_without_shared_runners_a_process_gets_a_job() -> None:
    assert way_to_run(raw_spec(run=PROCESS), has_shared_runners=False) == Way(
        "Job", "the namespace has no shared runners"
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"run": PROCESS | {"resources": {"limits": {"memory": "4Gi"}}}}, "spec.run.resources"),
        ({"run": PROCESS | {"queueName": "lab"}}, "spec.run.queueName"),
        ({"protocol": {"profile": {"configMapKeyRef": {"name": "p", "key": "k"}}}}, "ConfigMap"),
    ],
    ids=["resources", "queue", "ConfigMap"],
)
@pytest.mark.parametrize(("fallback", "isolation"), [("Job", "Job"), ("Fail", None)])
def test_what_a_shared_runner_cannot_take(
    fields: dict[str, object], reason: str, fallback: str, isolation: str | None
) -> None:
    spec = raw_spec(**fields)
    spec["run"] = PROCESS | spec.get("run", {}) | {"isolationFallback": fallback}

    way = way_to_run(spec, has_shared_runners=True)

    assert way.isolation == isolation
    assert reason in way.reason
