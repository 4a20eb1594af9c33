"""Compiled simulations equal PyBaMM's own, and what does not fit into them is left to PyBaMM.

`make compiled-campaign` compares all of them; here is one of each kind.
"""

import json
import os
import random
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import casadi
import numpy as np
import pytest
from evidence.compiled.functions import distance
from evidence.compiled.solutions import WithInputs, compare_with_inputs
from evidence.compiled.specs import drawn

from batterysim.results import SolvedFrom
from batterysim_runner.cell.endings import NO_STEP
from batterysim_runner.compiled.build import build
from batterysim_runner.compiled.compilation import build_with_inputs, compile_shape, recorded
from batterysim_runner.compiled.equations import Equations, UnsolvedError
from batterysim_runner.compiled.file import CompiledFile, write
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.machine_code import FUNCTIONS as MACHINE_CODE
from batterysim_runner.compiled.machine_code import in_machine_code
from batterysim_runner.compiled.run import compiled_run
from batterysim_runner.compiled.shape import (
    CONTROLS,
    JOB_MANAGER_MESH,
    LUMPED,
    Control,
    Shape,
    catalogue,
)
from batterysim_runner.engine import Modelled, prepare
from batterysim_runner.errors import InfeasibleError, SolverFailedError
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, preset_cell, spec_of, us06

CURRENT, TABLE, POWER = CONTROLS
FINE = {
    "negativeElectrodePoints": 30,
    "separatorPoints": 30,
    "positiveElectrodePoints": 30,
    "negativeParticlePoints": 10,
    "positiveParticlePoints": 10,
}
POSITIVE_FRACTION = "Positive electrode active material volume fraction"
ONE_OF_EACH = [
    Shape("SPM", (), "Ai2020", CURRENT),
    Shape("SPM", LUMPED, "Marquis2019", TABLE),
    Shape("SPM", LUMPED, "NCA_Kim2011", POWER),
    Shape("SPMe", LUMPED, "ORegan2022", CURRENT),
    Shape("SPMe", (), "Ecker2015", POWER),
    Shape("DFN", LUMPED, "Chen2020", CURRENT),
    Shape("DFN", (), "Prada2013", POWER),
]


@pytest.fixture(scope="module")
def simple() -> CompiledFile:
    return compile_shape(Shape("SPM", (), "Chen2020", CURRENT))


@pytest.fixture(scope="module")
def library(simple: CompiledFile) -> Library:
    library = Library(None)
    library.add(simple)
    library.add(compile_shape(Shape("SPMe", (), "Chen2020", CURRENT)))
    return library


@pytest.mark.parametrize("shape", ONE_OF_EACH, ids=lambda shape: shape.name)
def test_random_cells_states_protocols_and_limits(shape: Shape, tmp_path: Path) -> None:
    build(tmp_path, None, [shape], 1)
    library = Library(tmp_path)
    compiled = library.read(shape)
    assert compiled is not None
    theirs = WithInputs(shape)

    for each in islice(drawn(shape, library), 4):
        found, same = compare_with_inputs(each.run, theirs), distance(each.run, compiled, random.Random(0))
        assert found.is_small, (each.raw, found)
        assert same.is_small, (each.raw, same)


@pytest.mark.parametrize(
    "shape",
    [
        Shape("SPM", (), "Chen2020", CURRENT),
        Shape("SPMe", LUMPED, "Ai2020", POWER),
        Shape("DFN", (), "Ramadass2004", CURRENT),
    ],
    ids=lambda shape: shape.name,
)
def test_compiled_functions_give_what_pybamms_give_to_the_last_bit(shape: Shape, tmp_path: Path) -> None:
    """Where rounding differs, the solver now and then repeats a step that it accepts for PyBaMM's own."""
    theirs, numbers = handed_by_pybamm(shape), np.random.default_rng(0)
    library = Library(None)
    library.add(plain := compile_shape(shape))
    ours = in_machine_code(plain, tmp_path / "functions.so")

    for each in islice(drawn(shape, library), 3):
        inputs = each.run.bound.inputs
        state = np.array(plain.function("initial_conditions")(0, 0, inputs)).ravel()
        for _ in range(100):
            near = state * (1 + 0.01 * numbers.uniform(-1, 1, len(state)))
            for name, function in theirs.items():
                place = (0.3, near, inputs, 0.1)[: function.n_in()]
                found, expected = (np.array(side(*place)) for side in (ours.function(name), function))
                np.testing.assert_array_equal(found, expected, err_msg=name)


def handed_by_pybamm(shape: Shape) -> dict[str, casadi.Function]:
    built = build_with_inputs(shape)
    inputs = {name: np.ones(1) for name in built.inputs.names}
    with recorded() as handed:
        built.simulation.solver.set_up(built.simulation.built_model, [inputs], np.array([0.0, 1.0]))
    names = ("rhs_alg", "jac_times_cjmass", "events")
    return {name: casadi.Function.deserialize(handed[name]) for name in names}


def test_powers_are_not_made_square_roots(tmp_path: Path) -> None:
    """A compiler does so with pow(x, 0.5), and the result differs in the last bit for one of 1200 numbers."""
    base = casadi.MX.sym("x", 1000)
    powers = casadi.Function("powers", [base], [base ** casadi.MX(0.5), base ** casadi.MX(1.5)])
    blobs = dict.fromkeys(MACHINE_CODE, powers.serialize().encode())
    plain = compile_shape(Shape("SPM", (), "Chen2020", CURRENT))._replace(blobs=blobs)
    native = in_machine_code(plain, tmp_path / "functions.so").function(MACHINE_CODE[0])

    for values in np.random.default_rng(0).uniform(0, 1, (20, 1000)):
        for found, expected in zip(native(values), powers(values), strict=True):
            np.testing.assert_array_equal(np.array(found), np.array(expected))


def test_a_wrong_digit_is_seen() -> None:
    shape = Shape("SPM", (), "Chen2020", CURRENT)
    # One more input than may be: PyBaMM simplifies the formulas of this number, in the eighth digit.
    compiled, library = compile_shape(shape, built_in=frozenset()), Library(None)
    library.add(compiled)

    found = [distance(each.run, compiled, random.Random(0)) for each in islice(drawn(shape, library), 3)]

    assert not any(each.is_small for each in found)


def test_another_number_is_seen(simple: CompiledFile, library: Library) -> None:
    each = next(drawn(simple.description.shape, library))
    numbers = np.array(each.run.bound.inputs)
    numbers[simple.description.inputs.names.index(POSITIVE_FRACTION)] *= 1 + 1e-7
    other = each.run._replace(bound=each.run.bound._replace(inputs=numbers))

    found = distance(other, simple, random.Random(0))

    assert not found.is_small
    assert found.of_it < 1e-8  # of what a change of all states by themselves makes


def test_another_thickness_is_seen() -> None:
    shape = Shape("SPM", (), "Chen2020", CURRENT)
    # Thicknesses are built in: this one is a millionth more than Chen2020's.
    library = Library(None)
    library.add(compile_shape(shape, fixed={"Negative electrode thickness [m]": 8.52e-5 * (1 + 1e-6)}))

    found = compare_with_inputs(next(drawn(shape, library)).run, WithInputs(shape))

    assert not found.is_small
    assert found.volts < 1e-4


def test_a_drive_cycle_of_the_job_manager() -> None:
    shape = Shape("DFN", (), "Chen2020", TABLE, JOB_MANAGER_MESH)
    library = Library(None)
    library.add(compile_shape(shape))
    spec = spec_of(
        protocol=us06(),
        cutOffPolicy={"lower": "Ignore", "upper": "Ignore"},
        solver={"mesh": FINE},
        output={"points": 1001},
    )

    prepared = prepare(spec, library)
    ours, theirs = prepared.solve(), solve(spec)

    assert prepared.solved_from == ours.solved_from == SolvedFrom.COMPILED
    for name, column in ours.output().items():
        np.testing.assert_allclose(column, theirs.output()[name], rtol=0, atol=1e-8)


def test_the_same_equations_solve_one_spec_after_another(library: Library) -> None:
    """As a sweep does. Nothing of one run is left in the next."""
    first, second = (
        spec_of(model={"family": "SPM"}, cell={"initialStateOfCharge": charge}) for charge in (0.9, 0.3)
    )

    before = prepare(first, library).solve()
    prepare(second, library).solve()
    after = prepare(first, library).solve()

    assert all((before.values[name] == after.values[name]).all() for name in before.values)


def test_tolerances_and_the_solvers_own_points_are_the_specs(library: Library) -> None:
    spec = spec_of(
        model={"family": "SPM"},
        solver={"relativeTolerance": 1e-7, "absoluteTolerance": 1e-9},
        output={"solverPoints": True},
    )

    ours, theirs = prepare(spec, library).solve(), solve(spec)

    assert ours.values["Time [s]"] == pytest.approx(theirs.values["Time [s]"], rel=1e-6)
    assert ours.values["Voltage [V]"] == pytest.approx(theirs.values["Voltage [V]"], abs=1e-8)


@pytest.mark.parametrize(
    "cell",
    [
        preset_cell("LGM50"),
        {"initialStoichiometry": {"negative": 0.7, "positive": 0.4}},
        {"ambientTemperatureCelsius": 10, "nominalCapacityAmpereHours": 4},
        {"parameters": {"Negative particle radius [m]": 7e-6, "Separator porosity": 0.5}},
        # changes how much lithium there is, so the states of charge, too
        {
            "initialStateOfCharge": 0.5,
            "parameters": {"Positive electrode active material volume fraction": 0.6},
        },
    ],
)
def test_what_fits(cell: Json, library: Library) -> None:
    spec = spec_of(model={"family": "SPM"}, cell=cell, protocol=constant_current(3, 1200))

    prepared = prepare(spec, library)

    assert prepared.solved_from is SolvedFrom.COMPILED
    ours, theirs = summarise(prepared.solve()), summarise(solve(spec))
    for name, value in theirs.model_dump(exclude_none=True).items():
        expected = value if isinstance(value, str | bool) else pytest.approx(value, rel=1e-7, abs=1e-9)
        assert getattr(ours, name) == expected, name


@pytest.mark.parametrize(
    "fields",
    [
        {"cell": {"parameters": {"Negative electrode thickness [m]": 9e-5}}},
        {"model": {"family": "SPMe"}, "cell": {"parameters": {"Separator porosity": 0.5}}},
        {"cell": {"parameterSet": "OKane2022"}},  # nobody has compiled it here
        {"cell": {"initialVolts": 4.0}},
        {"model": {"family": "SPM", "options": {"SEI": "constant"}}},
        {"model": {"family": "SPM", "options": {"thermal": "lumped"}}},
        {"output": {"variables": ["Battery open-circuit voltage [V]"]}},
        {"solver": {"wallClockLimitSeconds": 60}},
        {"solver": {"mesh": {"negativeParticlePoints": 30}}},
        {"pack": {"seriesCount": 2, "parallelCount": 1}},
        {"protocol": us06()},
        {"protocol": {"constantPower": {"powerWatts": 0, "durationSeconds": 60}}},
        {"protocol": {"profile": {"quantity": "Voltage", "csv": "0,3.9\n60,3.8"}}},
        {"protocol": {"experiment": {"steps": ["Rest for 1 minute"]}}},
        {"protocol": {"impedance": {}}},
    ],
    ids=lambda fields: json.dumps(fields)[:60],
)
def test_what_does_not_fit_is_left_to_pybamm(fields: dict[str, Any], library: Library) -> None:
    spec = spec_of(**{"model": {"family": "SPM"}} | fields)

    assert compiled_run(spec, library) is None
    assert prepare(spec, library).solved_from is SolvedFrom.MODEL


def test_a_cell_at_a_cut_off_cannot_start_in_the_same_words(library: Library) -> None:
    spec = spec_of(model={"family": "SPM"}, cell={"initialStateOfCharge": 0.0})

    words = []
    for way in (prepare(spec, library).solve, lambda: solve(spec)):
        with pytest.raises(InfeasibleError) as caught:
            way()
        words.append(str(caught.value))

    assert words[0] == words[1]
    assert "at time 0 the voltage is at or below the lower cut-off of 2.5 V" in words[0]


def test_no_table_of_the_cell_is_left() -> None:
    """Ai's potential of the positive electrode was measured down to a stoichiometry that a charge passes."""
    library = Library(None)
    library.add(compile_shape(Shape("SPM", (), "Ai2020", CURRENT)))
    spec = spec_of(
        model={"family": "SPM"},
        cell={"parameterSet": "Ai2020", "initialStateOfCharge": 0.9},
        protocol=constant_current(-2.28, 3600),
        cutOffPolicy={"upper": "Ignore", "lower": "Ignore"},
    )

    words = []
    for way in (prepare(spec, library).solve, lambda: solve(spec)):
        with pytest.raises(SolverFailedError) as caught:
            way()
        words.append(str(caught.value))

    assert words[0] == words[1]


def test_what_the_solver_gives_up_is_left_to_pybamm(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: object) -> None:
        raise UnsolvedError("IDA_CONV_FAIL")

    monkeypatch.setattr(Equations, "solve", give_up)
    spec = spec_of(model={"family": "SPM"}, protocol=constant_current(5, 60))

    assert prepare(spec, library).solve().solved_from is SolvedFrom.MODEL


TOO_COLD: Json = {
    "model": {"family": "DFN"},
    "cell": {"ambientTemperatureCelsius": -50.0},
    "protocol": {"constantCurrent": {"cRate": 29, "durationSeconds": 3600}},
}


def test_a_current_that_cannot_begin_fails_in_pybamms_words_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ask(*_: object) -> None:
        raise AssertionError("PyBaMM is asked, too")

    library = Library(None)
    library.add(compile_shape(Shape("DFN", (), "Chen2020", CURRENT)))
    spec = spec_of(**TOO_COLD)
    with pytest.raises(SolverFailedError) as pybamms:
        solve(spec)

    monkeypatch.setattr(Modelled, "solve", ask)
    with pytest.raises(SolverFailedError) as caught:
        prepare(spec, library).solve()

    assert str(caught.value) == str(pybamms.value)
    assert NO_STEP in str(caught.value)


def test_a_table_that_cannot_go_on_is_left_to_pybamm(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object) -> None:
        raise UnsolvedError(f"input set 0: IDAGetDky: {NO_STEP}: The k-th derivative is not available")

    library = Library(None)
    library.add(compile_shape(Shape("SPM", (), "Chen2020", TABLE)))
    monkeypatch.setattr(Equations, "solve", give_up)
    spec = spec_of(model={"family": "SPM"}, protocol=us06())

    assert prepare(spec, library).solve().solved_from is SolvedFrom.MODEL


SOLVE_AND_TELL = """
import json, os, sys
from batterysim.checks.validation import parse_spec
from batterysim_runner.compiled.library import installed
from batterysim_runner.engine import prepare
from batterysim_runner.report.summary import summarise

spec = parse_spec(json.loads(sys.argv[1]))
summary = summarise(prepare(spec, installed()).solve())
threads = len(os.listdir("/proc/self/task"))
heavy = {name.partition(".")[0] for name in sys.modules} & {"pybamm", "scipy", "pandas", "pyarrow", "sympy"}
print(json.dumps([summary.end_reason, sorted(heavy), threads]))
"""


def test_a_process_that_solves_has_neither_pybamm_nor_a_second_thread(
    tmp_path: Path, simple: CompiledFile
) -> None:
    """It may be the parent of children that are forked, which a thread would make hang."""
    write(simple, tmp_path)
    spec = spec_of(model={"family": "SPM"}, protocol=constant_current(5, 60)).to_json_dict()
    environment = {
        "BATTERYSIM_COMPILED_DIR": str(tmp_path),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }

    told = subprocess.run(
        [sys.executable, "-c", SOLVE_AND_TELL, json.dumps(spec)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(told.stdout) == ["DurationReached", [], 1]


def test_the_catalogue_has_what_the_job_manager_asks_for() -> None:
    shapes = set(catalogue())

    assert Shape("DFN", (), "Chen2020", CURRENT) in shapes
    assert Shape("DFN", (), "Chen2020", Control("Current", True), JOB_MANAGER_MESH) in shapes
    assert len(shapes) == len({shape.name for shape in shapes})
