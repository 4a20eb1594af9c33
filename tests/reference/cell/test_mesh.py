"""The mesh is the spec's where the model has one, and a number that would change nothing is refused."""

from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.catalogue.parameters import drive_cycle
from batterysim.problem import InvalidSpecError
from batterysim.results import EndReason
from batterysim_runner.model.equations import build_model
from batterysim_runner.model.mesh import mesh_points
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import Json, spec_of, us06

ORIGINAL_MESH = {
    "negativeElectrodePoints": 30,
    "separatorPoints": 30,
    "positiveElectrodePoints": 30,
    "negativeParticlePoints": 10,
    "positiveParticlePoints": 10,
}
IGNORE = {"lower": "Ignore", "upper": "Ignore"}


def points_of(family: str, cell: str, mesh: Json, **options: Any) -> dict[str, int]:
    """Return the numbers of points that PyBaMM is given."""
    spec = spec_of(
        model={"family": family, "options": options},
        cell={"parameterSet": cell},
        solver={"mesh": mesh},
        protocol={"rest": {"durationSeconds": 1}},
    )
    return mesh_points(build_model(spec), spec.solver.mesh)


def test_without_a_mesh_it_is_pybamms() -> None:
    assert points_of("DFN", "Chen2020", {}) == pybamm.lithium_ion.DFN().default_var_pts


def test_a_mesh_is_the_specs() -> None:
    points = points_of("DFN", "Chen2020", ORIGINAL_MESH)

    assert [points[name] for name in ("x_n", "x_s", "x_p", "r_n", "r_p")] == [30, 30, 30, 10, 10]


def test_both_materials_of_a_blend_are_divided_alike() -> None:
    points = points_of(
        "DFN", "Chen2020_composite", {"negativeParticlePoints": 7}, **{"particle phases": ["2", "1"]}
    )

    assert (points["r_n_prim"], points["r_n_sec"], points["r_p"]) == (7, 7, 20)


@pytest.mark.parametrize(
    ("family", "cell", "options", "refused"),
    [
        ("SPM", "Chen2020", {}, ["negativeElectrodePoints", "separatorPoints", "positiveElectrodePoints"]),
        ("SPMe", "Chen2020", {}, []),
        ("MPM", "Chen2020", {}, ["negativeElectrodePoints", "separatorPoints", "positiveElectrodePoints"]),
        ("NewmanTobias", "Chen2020", {}, ["negativeParticlePoints", "positiveParticlePoints"]),
        (
            "DFN",
            "Xu2019",
            {"working electrode": "positive"},
            ["negativeElectrodePoints", "negativeParticlePoints"],
        ),
        ("Thevenin", "ECM_Example", {}, list(ORIGINAL_MESH)),
    ],
)
def test_what_the_model_does_not_divide_is_refused(
    family: str, cell: str, options: Json, refused: list[str]
) -> None:
    told = []
    try:
        points_of(family, cell, ORIGINAL_MESH, **options)
    except InvalidSpecError as error:
        told = [problem.field.removeprefix("spec.solver.mesh.") for problem in error.problems]

    assert told == refused


def test_us06_on_the_original_services_mesh_runs_to_the_end_when_cut_offs_are_ignored() -> None:
    cycle = drive_cycle("US06")
    times = np.array(cycle.times_seconds)
    parameters = pybamm.ParameterValues("Chen2020")
    parameters["Current function [A]"] = pybamm.Interpolant(times, np.array(cycle.values), pybamm.t)
    model = pybamm.lithium_ion.DFN()
    model.events = []
    simulation = pybamm.Simulation(
        model,
        parameter_values=parameters,
        var_pts={"x_n": 30, "x_s": 30, "x_p": 30, "r_n": 10, "r_p": 10},
    )

    trace = solve(spec_of(protocol=us06(), solver={"mesh": ORIGINAL_MESH}, cutOffPolicy=IGNORE))

    summary = summarise(trace)
    assert (summary.end_reason, summary.end_time_seconds) == (EndReason.DURATION_REACHED, 600)
    assert summary.max_volts == pytest.approx(4.276, abs=5e-4)
    expected = simulation.solve(times, t_interp=times)["Voltage [V]"].entries
    np.testing.assert_allclose(trace.output()["Voltage [V]"], expected, rtol=1e-9)


def test_us06_on_the_original_services_mesh_stops_at_the_upper_cut_off_otherwise() -> None:
    summary = summarise(solve(spec_of(protocol=us06(), solver={"mesh": ORIGINAL_MESH})))

    assert summary.end_reason == EndReason.UPPER_CUT_OFF
    assert summary.end_volts == pytest.approx(4.2, abs=1e-4)
    assert (summary.end_time_seconds or 0) < 600
