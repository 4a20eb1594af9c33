"""The Job Manager's calls on the real road: an object, a Job, a stored result, an answer to the letter."""

import concurrent.futures
import io
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pybamm
import pytest
import requests
from devtools.kube import Kube, forwarded_bridge

from batterysim_data import data_file
from tests.e2e.job_manager.simulations import NAMESPACE, delete_all, simulations

# What the Job Manager waits for an answer.
READ_TIMEOUT_SECONDS = 60
LONGEST_SECONDS = 300


@pytest.fixture(scope="module")
def bridge_url(kube: Kube) -> Iterator[str]:
    delete_all(kube)
    with forwarded_bridge(service="battery-simulation-service") as url:
        yield url
    delete_all(kube)


def body(**changes: float) -> dict[str, Any]:
    form = {"time": 1.0, "upperVoltage": 4.2, "lowerVoltage": 2.5, "nominalCell": 5.0, "controlCurrent": 5.0}
    return {"simulationType": "cell", **form, **changes}


def post(url: str, path: str, content: dict[str, Any]) -> dict[str, Any]:
    """Ask until there is a 2xx, at once and again, as the Job Manager does, but not for ever."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        answer = requests.post(f"{url}{path}", json=content, timeout=READ_TIMEOUT_SECONDS)
        if answer.ok:
            result: dict[str, Any] = answer.json()
            return result
        assert time.monotonic() < deadline, answer.text


def column(answer: dict[str, Any], field: str) -> np.ndarray[Any, Any]:
    return np.array([point[field] for point in answer["simulationResults"]])


def test_a_cell_is_what_the_original_would_answer(bridge_url: str) -> None:
    answer = post(bridge_url, "/cell/simulate", body())

    parameters = pybamm.ParameterValues("Chen2020")
    parameters["Current function [A]"] = 5.0
    solution = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters).solve(
        [0, 3600], t_interp=np.linspace(0, 3600, 100)
    )
    assert set(answer) == {"jobStarted", "simulationType", "simulationResults"}
    assert (answer["jobStarted"], answer["simulationType"]) == (True, "cell")
    assert set(answer["simulationResults"][0]) == {"time", "voltage", "current", "dcap"}
    np.testing.assert_allclose(column(answer, "voltage"), solution["Voltage [V]"].entries, rtol=1e-9)
    assert column(answer, "time")[-1] == pytest.approx(solution.t[-1])


def test_a_drive_cycle_passes_the_upper_cut_off(bridge_url: str) -> None:
    answer = post(bridge_url, "/drivecycle/simulate", body(time=0.0, controlCurrent=0.0))

    cycle = np.loadtxt(io.StringIO(data_file("drive_cycles", "US06.csv").read_text()), delimiter=",")
    assert answer["simulationType"] == "driveCycle"
    np.testing.assert_allclose(column(answer, "time"), cycle[:, 0], atol=1e-9)
    np.testing.assert_allclose(column(answer, "current"), cycle[:, 1], atol=1e-6)
    assert column(answer, "voltage").max() == pytest.approx(4.276, abs=1e-3)


def test_a_burst_of_equal_requests_shares_a_run(bridge_url: str) -> None:
    kube = Kube(NAMESPACE)
    before = len(simulations(kube))

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(
                lambda number: post(bridge_url, "/cell/simulate", body(controlCurrent=2.0 + number % 3)),
                range(12),
            )
        )

    assert all(answer["jobStarted"] for answer in answers)
    assert [column(answer, "current")[0] for answer in answers] == [2.0, 3.0, 4.0] * 4
    assert len(simulations(kube)) == before + 3


def test_what_cannot_start_is_a_failure_that_ends_the_message(bridge_url: str) -> None:
    answer = post(bridge_url, "/cell/simulate", body(upperVoltage=4.0))

    assert answer == {"jobStarted": False, "simulationType": "cell", "simulationResults": None}
