"""What a bad request must be answered with, on each of the bridge's paths."""

from typing import Any

import httpx

from .builders import NAME, NAMESPACE

SIMULATIONS = "/v1/simulations"
SIMULATION = f"{SIMULATIONS}/{NAMESPACE}/{NAME}"
RESULT = f"{SIMULATION}/result"
JOB_MANAGER = ("/cell/simulate", "/drivecycle/simulate")


def assert_problem(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """Check that it is a problem document of one of these statuses, or of any 4xx; return it."""
    assert answer.status_code in (statuses or range(400, 500)), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    return problem


def failure(path: str) -> dict[str, Any]:
    """Return what the Job Manager is answered on one of its paths when there is no result for good."""
    kind = "cell" if path == "/cell/simulate" else "driveCycle"
    return {"jobStarted": False, "simulationType": kind, "simulationResults": None}
