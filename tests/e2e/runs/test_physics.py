"""What comes out of the cluster is what PyBaMM says when it is called directly."""

import io

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pybamm
import pytest
from devtools.kube import Kube, Results
from numpy.typing import NDArray

from batterysim.results import ResultMetadata
from batterysim_data import data_file

THICKNESS = "Negative electrode thickness [m]"
OTHER_THICKNESS_METRES = 8.6e-5
"""No compiled equations have it, so PyBaMM builds them in the runner, too."""
COMPARED = ("Current [A]", "Voltage [V]", "Discharge capacity [A.h]", "Bulk open-circuit voltage [V]")


def discharge_by_pybamm() -> tuple[NDArray[np.float64], pybamm.Solution]:
    """Return the grid and the solution of examples/cell-discharge.yaml."""
    parameters = pybamm.ParameterValues("Chen2020")
    parameters["Current function [A]"] = 5.0
    grid = np.linspace(0, 3600, 101)
    solution = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters).solve(
        [0, 3600], t_interp=grid
    )
    return grid, solution


def us06_by_pybamm(**parameters_of_cell: float) -> tuple[NDArray[np.float64], pybamm.Solution]:
    """Return the grid and the solution of examples/us06-drive-cycle.yaml, with other parameters if given."""
    cycle = np.loadtxt(io.StringIO(data_file("drive_cycles", "US06.csv").read_text()), delimiter=",")
    parameters = pybamm.ParameterValues("Chen2020")
    parameters.update(parameters_of_cell)
    parameters["Current function [A]"] = pybamm.Interpolant(cycle[:, 0], cycle[:, 1], pybamm.t)
    solution = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters).solve(
        cycle[:, 0], t_interp=cycle[:, 0], initial_soc=0.8
    )
    return cycle[:, 0], solution


def us06_of_a_thicker_cell_by_pybamm() -> tuple[NDArray[np.float64], pybamm.Solution]:
    """Return the same, of a cell with a thicker negative electrode."""
    return us06_by_pybamm(**{THICKNESS: OTHER_THICKNESS_METRES})


@pytest.mark.parametrize(
    ("example", "parameters", "by_pybamm", "rows", "end_reason", "rtol"),
    [
        ("cell-discharge", {}, discharge_by_pybamm, 100, "LowerCutOff", 1e-9),
        # Compiled equations round differently. At one of 600 restarts the solver then repeats a step or not,
        # and the results agree only as well as its tolerances (1e-4) ask for: decision 040.
        ("us06-drive-cycle", {}, us06_by_pybamm, 601, "DurationReached", 1e-5),
        (
            "us06-drive-cycle",
            {THICKNESS: OTHER_THICKNESS_METRES},
            us06_of_a_thicker_cell_by_pybamm,
            601,
            "DurationReached",
            1e-9,
        ),
    ],
)
def test_result_equals_pybamm_called_directly(
    kube: Kube, results: Results, simulation, example, parameters, by_pybamm, rows, end_reason, rtol
):
    manifest = simulation(example, cell__parameters=parameters)
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    ended = kube.wait_for_end(name)[name]

    assert ended["status"]["phase"] == "Succeeded", ended["status"]
    table = pq.read_table(io.BytesIO(results.fetch(kube.namespace, name)))
    grid, solution = by_pybamm()
    assert len(table) == ended["status"]["results"]["rows"] == rows
    assert np.array_equal(table["Time [s]"].to_numpy()[: rows - 1], grid[: rows - 1])
    for column in COMPARED:
        np.testing.assert_allclose(
            table[column].to_numpy(), solution[column].entries, rtol, atol=rtol / 10, err_msg=column
        )
    assert ended["status"]["summary"]["endReason"] == end_reason


def test_capacity_in_the_summary_is_the_integral_of_the_current(kube: Kube, results: Results, simulation):
    manifest = simulation("us06-drive-cycle")
    name = manifest["metadata"]["name"]
    kube.create(manifest)
    kube.wait_for_end(name)

    table = pq.read_table(io.BytesIO(results.fetch(kube.namespace, name)))

    charge = np.trapezoid(table["Current [A]"].to_numpy(), table["Time [s]"].to_numpy()) / 3600
    metadata = ResultMetadata.model_validate_json(table.schema.metadata[b"batterysim"])
    assert metadata.summary.discharge_capacity_ampere_hours == pytest.approx(charge, rel=1e-6)


def test_every_format_has_the_same_numbers(kube: Kube, results: Results, simulation):
    manifest = simulation(output__points=11)
    name = manifest["metadata"]["name"]
    kube.create(manifest)
    kube.wait_for_end(name)

    parquet = pq.read_table(io.BytesIO(results.fetch(kube.namespace, name)))
    csv = pd.read_csv(io.BytesIO(results.fetch(kube.namespace, name, "csv")))
    document = results.get(kube.namespace, name, "json").json()
    points = results.get(kube.namespace, name, "jobManager").json()

    voltage = parquet["Voltage [V]"].to_pylist()
    assert csv["Voltage [V]"].tolist() == voltage
    assert {column["name"]: column["values"] for column in document["columns"]}["Voltage [V]"] == voltage
    assert [point["voltage"] for point in points["result"]] == voltage
    assert set(points) == {"id", "result"}
    assert set(points["result"][0]) == {"time", "voltage", "current", "dcap"}
    assert parquet.schema.field("Voltage [V]").metadata[b"unit"] == b"V"


def test_an_experiment_keeps_to_the_cut_offs_and_tells_of_each_step(kube: Kube, results: Results, simulation):
    manifest = simulation("cycling")
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    status = kube.wait_for_end(name)[name]["status"]

    assert status["phase"] == "Succeeded", status
    assert status["protocol"] == "4 steps, 2 cycles"
    assert status["summary"]["endReason"] == "StepsFinished"
    assert status["summary"]["minVolts"] == pytest.approx(2.5, abs=1e-5)
    steps = results.get(kube.namespace, name, "json").json()["steps"]
    assert [(step["cycle"], step["step"]) for step in steps] == [(c, s) for c in (1, 2) for s in (1, 2, 3, 4)]
    assert steps[0]["endedBy"] == "event: Voltage < 2.5 [V] [experiment]"
