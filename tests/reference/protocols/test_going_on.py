"""Two halves, the second going on from the end of the first, are one whole."""

import io
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pybamm
import pytest

from batterysim.catalogue.prescription import prescription
from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim.results import STATE_METADATA_KEY
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_cli import LocalResult, run
from batterysim_runner.compiled.compilation import compile_shape
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.run import compiled_run
from batterysim_runner.compiled.shape import shape_of
from batterysim_runner.continuation.final_state import FinalState, decode
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, raw_spec

TIGHT = {"relativeTolerance": 1e-9, "absoluteTolerance": 1e-11}
MICROVOLT = 1e-6
GOING_ON = {"initialState": {"fromResult": "first"}}
SEI = {
    "model": {"family": "SPM", "options": {"SEI": "solvent-diffusion limited"}},
    "cell": {"parameterSet": "Mohtat2020", "initialStateOfCharge": 0.9},
}
LUMPED = {
    "model": {"family": "SPMe", "options": {"thermal": "lumped"}},
    "cell": {"initialStateOfCharge": 0.9},
}
CASES = {
    "DFN": {"model": {"family": "DFN"}, "cell": {"initialStateOfCharge": 0.9}},
    "SPM with a growing film": SEI,
    "lumped temperature": LUMPED,
    "circuit": {
        "model": {"family": "Thevenin"},
        "cell": {"parameterSet": "ECM_Example", "initialStateOfCharge": 0.9},
    },
    "double layer": {
        "model": {"family": "SPM", "options": {"surface form": "differential"}},
        "cell": {"initialStateOfCharge": 0.9},
    },
}


def spec(case: Json, protocol: Json, *, goes_on: bool = False, **fields: Any) -> BatterySimulationSpec:
    cell = dict(case["cell"])
    if goes_on:
        del cell["initialStateOfCharge"]
        cell |= GOING_ON
    model, base = case["model"], {"solver": TIGHT, "output": {"periodSeconds": 60}}
    return parse_spec(raw_spec(model=model, cell=cell, protocol=protocol, **base | fields))


def go_on(first: Trace, spec_: BatterySimulationSpec) -> Trace:
    """Solve a spec from the end of an earlier run, by way of what is stored of that."""
    assert first.state is not None
    return solve(spec_, start=decode(first.state.encode(), spec_))


def assert_alike(second: Trace, whole: Trace, seconds: float, volts: float = MICROVOLT) -> None:
    ours, theirs = second.output(), whole.output()
    after = theirs["Time [s]"] >= seconds
    np.testing.assert_allclose(ours["Time [s]"] + seconds, theirs["Time [s]"][after])
    for name, tolerance in (
        ("Voltage [V]", volts),
        ("State of charge", 1e-7),
        ("Volume-averaged cell temperature [C]", 1e-5),
    ):
        np.testing.assert_allclose(ours[name], theirs[name][after], rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_two_halves_are_one_whole(case: Json) -> None:
    whole = solve(spec(case, constant_current(2, 1200)))

    first = solve(spec(case, constant_current(2, 600)))
    second = go_on(first, spec(case, constant_current(2, 600), goes_on=True))

    assert_alike(second, whole, 600)
    assert second.output()["Discharge capacity [A.h]"][0] == pytest.approx(0, abs=1e-12)


def test_a_film_goes_on_growing_and_its_losses_still_count_from_the_very_first_start() -> None:
    output = {
        "periodSeconds": 60,
        "variables": ["Loss of lithium inventory [%]", "X-averaged negative SEI thickness [m]"],
    }
    whole = solve(spec(SEI, constant_current(1, 1800), output=output))

    first = solve(spec(SEI, constant_current(1, 600), output=output))
    second = go_on(first, spec(SEI, constant_current(1, 600), goes_on=True, output=output))
    third = go_on(second, spec(SEI, constant_current(1, 600), goes_on=True, output=output))

    for name in output["variables"]:
        assert third.output()[name][-1] == pytest.approx(whole.output()[name][-1], rel=1e-5), name
    assert_alike(third, whole, 1200)


def test_an_experiment_goes_on_whatever_its_last_step_held() -> None:
    """The equations of a held voltage have one state more than those of a current."""
    charge = ["Charge at 1C until 4.1 V", "Hold at 4.1 V for 10 minutes"]
    then = ["Rest for 10 minutes", "Discharge at 1C for 10 minutes"]
    whole = solve(spec(LUMPED, {"experiment": {"steps": charge + then}}))

    first = solve(spec(LUMPED, {"experiment": {"steps": charge}}))
    second = go_on(first, spec(LUMPED, {"experiment": {"steps": then}}, goes_on=True))

    held = first.output()["Time [s]"][-1]
    end = whole.output()["Voltage [V]"][-1]
    assert second.output()["Voltage [V]"][-1] == pytest.approx(end, abs=MICROVOLT)
    assert second.output()["Time [s]"][-1] + held == pytest.approx(whole.output()["Time [s]"][-1], abs=1e-4)


def test_plain_pybamm_goes_on_alike() -> None:
    values = pybamm.ParameterValues("Chen2020")
    values.set_initial_state(0.9)
    values["Current function [A]"] = 2
    solver = pybamm.IDAKLUSolver(rtol=1e-9, atol=1e-11)
    model = pybamm.lithium_ion.SPMe({"thermal": "lumped"})
    half = pybamm.Simulation(model, parameter_values=values, solver=solver).solve([0, 600])
    model = pybamm.lithium_ion.SPMe({"thermal": "lumped"}).set_initial_conditions_from(half, inplace=False)
    other_half = pybamm.Simulation(model, parameter_values=values, solver=solver.copy()).solve([0, 600])
    theirs = other_half["Voltage [V]"](np.linspace(0, 600, 11))

    first = solve(spec(LUMPED, constant_current(2, 600)))
    second = go_on(first, spec(LUMPED, constant_current(2, 600), goes_on=True))

    np.testing.assert_allclose(second.output()["Voltage [V]"], theirs, rtol=0, atol=MICROVOLT)


def test_a_run_at_another_ambient_temperature_keeps_the_cells() -> None:
    first = solve(spec(LUMPED, constant_current(5, 600)))
    cold = spec(LUMPED, constant_current(2, 600), goes_on=True)
    cold = cold.model_copy(update={"cell": cold.cell.model_copy(update={"ambient_temperature_celsius": 0.0})})

    second = go_on(first, cold)

    name = "Volume-averaged cell temperature [C]"
    assert second.output()[name][0] == pytest.approx(first.output()[name][-1], abs=1e-6)
    assert second.output()[name][-1] < first.output()[name][-1]


def test_a_limited_run_and_one_of_few_variables_have_the_same_state() -> None:
    """Of the one PyBaMM keeps all states, of the other the last one only."""
    case = CASES["DFN"]
    one = solve(spec(case, constant_current(2, 600)))
    other = solve(
        spec(case, constant_current(2, 600), output={"periodSeconds": 60, "variables": ["Resistance [Ohm]"]})
    )

    assert one.state is not None
    assert other.state is not None
    for ours, theirs in zip(one.state.variables, other.state.variables, strict=True):
        np.testing.assert_allclose(ours.numbers, theirs.numbers, rtol=1e-9, err_msg=ours.name)


@pytest.mark.parametrize("case", ["DFN", "lumped temperature"])
def test_a_compiled_run_leaves_the_same_state(case: str) -> None:
    first = spec(CASES[case], constant_current(2, 600))
    compiled = compile_and_solve(first)
    modelled = solve(first)

    assert compiled.state is not None
    assert modelled.state is not None
    assert compiled.state.key == modelled.state.key
    assert compiled.state.parameters == pytest.approx(modelled.state.parameters, rel=1e-9)
    ours = {variable.name: variable for variable in compiled.state.variables}
    for theirs in modelled.state.variables:
        assert ours[theirs.name].is_differential == theirs.is_differential
        np.testing.assert_allclose(
            ours[theirs.name].numbers, theirs.numbers, rtol=1e-6, atol=1e-9, err_msg=theirs.name
        )
    second = go_on(compiled, spec(CASES[case], constant_current(2, 600), goes_on=True))
    assert_alike(second, solve(spec(CASES[case], constant_current(2, 1200))), 600)


def compile_and_solve(spec_: BatterySimulationSpec) -> Trace:
    library = Library(None)
    shape = shape_of(spec_, prescription(spec_.protocol))
    assert shape is not None
    library.add(compile_shape(shape))
    run_ = compiled_run(spec_, library)
    assert run_ is not None
    return run_.solve()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model": {"family": "SPM", "options": {"thermal": "lumped"}}}, "spec.model"),
        ({"model": {"family": "SPMe"}}, "spec.model"),
        ({"cell": {"parameterSet": "Marquis2019", "initialStateOfCharge": 0.9}}, "spec.cell"),
        (
            {"cell": {"parameters": {"Electrode height [m]": 0.07}, "initialStateOfCharge": 0.9}},
            "spec.cell",
        ),
    ],
    ids=["another family", "another option", "another cell", "another parameter"],
)
def test_the_states_of_another_model_are_refused(change: Json, field: str) -> None:
    first = solve(spec(LUMPED, constant_current(2, 60)))

    with pytest.raises(InvalidSpecError, match=field):
        go_on(first, spec(LUMPED | change, constant_current(2, 60), goes_on=True))


def test_the_states_of_another_mesh_are_refused() -> None:
    first = solve(spec(LUMPED, constant_current(2, 60)))
    solver = {**TIGHT, "mesh": {"separatorPoints": 10}}

    with pytest.raises(InvalidSpecError, match=r"spec\.solver\.mesh"):
        go_on(first, spec(LUMPED, constant_current(2, 60), goes_on=True, solver=solver))


def test_a_pack_leaves_no_state() -> None:
    pack = {"seriesCount": 2, "parallelCount": 1}
    trace = solve(parse_spec(raw_spec(model={"family": "SPM"}, protocol=constant_current(5, 60), pack=pack)))

    assert trace.state is None


def test_in_python_the_earlier_result_is_an_argument(tmp_path: Any) -> None:
    raw: Json = raw_spec(model={"family": "SPM"}, protocol=constant_current(5, 60))
    first: LocalResult = run(raw)
    (tmp_path / "first.parquet").write_bytes(first.parquet)

    by_object, by_path = run(raw, from_result=first), run(raw, from_result=tmp_path / "first.parquet")

    assert by_object.summary == by_path.summary
    assert by_object.summary.start_volts == pytest.approx(first.summary.end_volts, abs=1e-4)
    earlier = by_object.metadata.provenance.initial_state_sha256
    stored = pq.ParquetFile(io.BytesIO(first.parquet)).metadata.metadata[STATE_METADATA_KEY]
    assert earlier == FinalState.model_validate_json(stored).sha256


def test_a_limit_of_time_changes_nothing() -> None:
    raw: Json = raw_spec(model={"family": "SPM"}, protocol=constant_current(5, 60))
    first = run(raw)

    limited = run({**raw, "solver": {"wallClockLimitSeconds": 60}}, from_result=first)

    assert limited.summary.end_volts == pytest.approx(run(raw, from_result=first).summary.end_volts, abs=1e-3)
