"""Options are written down as PyBaMM has them, and are handed to it as it takes them."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pybamm
import pytest
from generate.model_options import NOT_OFFERED, STRUCTURES, options_of

from batterysim.catalogue.model_options import CIRCUIT, FULL_CELL
from batterysim.problem import InvalidSpecError
from batterysim_data import data_file
from batterysim_runner.model.equations import build_model
from batterysim_runner.solution import solve
from tests.builders import Json, bpx_cell, bpx_document, constant_current, spec_of
from tests.reference.by_pybamm import POINTS, voltage_by_pybamm

WRITTEN = json.loads(data_file("model_options.json").read_text(encoding="utf-8"))


@pytest.mark.filterwarnings("ignore:The definition of the hysteresis decay rate")
@pytest.mark.parametrize("structure", [*STRUCTURES, CIRCUIT])
def test_the_file_is_what_pybamm_says(structure: str) -> None:
    assert WRITTEN[structure] == json.loads(json.dumps(options_of(structure))), "run `make generate`"


def test_all_of_pybamms_options_are_there() -> None:
    possible = pybamm.BatteryModelOptions({}).possible_options
    circuit = pybamm.equivalent_circuit.Thevenin().options

    assert set(WRITTEN[FULL_CELL]) == set(possible) - set(NOT_OFFERED)
    assert set(WRITTEN[CIRCUIT]) == set(circuit) - set(NOT_OFFERED)


TWO_ELEMENTS = {"R2 [Ohm]": 2e-4, "C2 [F]": 3e5, "Element-2 initial overpotential [V]": 0.0}
THREE_ELEMENTS = TWO_ELEMENTS | {"R3 [Ohm]": 1e-4, "C3 [F]": 4e6, "Element-3 initial overpotential [V]": 0.0}
HALF_CELL = {"working electrode": "positive"}
BLEND = {
    "particle phases": ["2", "1"],
    "open-circuit potential": [["single", "current sigmoid"], "single"],
}
LUMPED = {"thermal": "lumped"}


def value_of(options: Json) -> str:
    """Return a name for a case."""
    return "-".join(str(value) for value in options.values()) or "default"


@pytest.mark.parametrize(
    ("family", "cell", "options"),
    [
        ("DFN", "Chen2020", LUMPED),
        ("DFN", "Marquis2019", {"thermal": "x-lumped", "cell geometry": "pouch"}),
        ("DFN", "Marquis2019", {"thermal": "x-full"}),
        ("SPM", "Marquis2019", {"dimensionality": 1, "current collector": "potential pair"}),
        ("SPMe", "OKane2022", {"SEI": "constant"}),
        ("SPMe", "OKane2022", {"SEI": "reaction limited"}),
        ("DFN", "Mohtat2020", {"SEI": "solvent-diffusion limited", "SEI porosity change": "true"}),
        ("SPMe", "OKane2022", {"SEI": "electron-migration limited", "SEI film resistance": "average"}),
        ("SPMe", "OKane2022", {"SEI": "interstitial-diffusion limited"}),
        ("DFN", "Mohtat2020", {"SEI": "ec reaction limited"}),
        ("SPM", "Marquis2019", {"SEI": "reaction limited (asymmetric)"}),
        ("DFN", "OKane2022", {"lithium plating": "reversible"}),
        ("SPMe", "OKane2022", {"lithium plating": "partially reversible"}),
        ("DFN", "OKane2022", {"lithium plating": "irreversible", "lithium plating porosity change": "true"}),
        ("DFN", "Ai2020", {"particle mechanics": "swelling only"}),
        ("SPMe", "OKane2022", {"particle mechanics": ["swelling and cracking", "swelling only"]}),
        ("SPMe", "OKane2022", {"SEI": "solvent-diffusion limited", "SEI on cracks": "true"}),
        ("SPM", "Ai2020", {"loss of active material": "stress-driven"}),
        ("DFN", "OKane2022", {"loss of active material": ["stress-driven", "none"]}),
        ("SPM", "OKane2022", {"loss of active material": "reaction-driven", "SEI": "reaction limited"}),
        ("DFN", "OKane2022", {"loss of active material": "stress and reaction-driven"}),
        ("DFN", "Chen2020", {"surface form": "algebraic"}),
        ("SPM", "Chen2020", {"surface form": "differential"}),
        ("SPM", "Chen2020", {"calculate discharge energy": "true"}),
        ("DFN", "Chen2020", {"particle": ["quadratic profile", "Fickian diffusion"]}),
        ("SPM", "Chen2020", {"particle size": "distribution"}),
        ("MPM", "Chen2020", LUMPED),
        ("NewmanTobias", "Chen2020", {"particle": "Fickian diffusion"}),
        ("SPMe", "Xu2019", {**HALF_CELL, "SEI": "constant"}),
        ("DFN", "Chen2020_composite", BLEND),
        ("DFN", "Chen2020_composite", {**BLEND, "SEI": "solvent-diffusion limited"}),
        ("MSMR", "MSMR_Example", {"number of MSMR reactions": ["6", "4"]}),
    ],
    ids=lambda value: value_of(value) if isinstance(value, dict) else value,
)
def test_an_option_equals_pybamm(family: str, cell: str, options: Json) -> None:
    assert_equals_pybamm(family, cell, options)


@pytest.mark.parametrize(
    ("elements", "parameters"),
    [
        (0, {}),
        (1, {}),
        (1, {"R0 [Ohm]": 1e-3, "R1 [Ohm]": 5e-4, "C1 [F]": 1e5}),
        (2, TWO_ELEMENTS),
        (3, THREE_ELEMENTS),
    ],
)
def test_a_circuit_equals_pybamm(elements: int, parameters: dict[str, float]) -> None:
    assert_equals_pybamm("Thevenin", "ECM_Example", {"number of rc elements": elements}, parameters)


def test_a_circuit_with_diffusion_equals_pybamm() -> None:
    parameters = {"Diffusion time constant [s]": 200.0}

    assert_equals_pybamm("Thevenin", "ECM_Example", {"diffusion element": "true"}, parameters)


def test_an_added_parameter_equals_pybamm() -> None:
    parameters = {"Contact resistance [Ohm]": 0.01}

    assert_equals_pybamm("SPM", "Ai2020", {"contact resistance": "true"}, parameters)


def assert_equals_pybamm(
    family: str, cell: str, options: Json, parameters: Mapping[str, float] | None = None
) -> None:
    amperes = {"Mohtat2020": -1.0, "Xu2019": 5e-4, "ECM_Example": 20.0}.get(cell, 0.5)
    spec = spec_of(
        model={"family": family, "options": options},
        cell={"parameterSet": cell, "parameters": dict(parameters or {})},
        protocol=constant_current(amperes, 60),
        output={"points": POINTS},
    )
    theirs = {name: tuples(value) for name, value in options.items()}

    voltage = solve(spec).output()["Voltage [V]"]

    expected = voltage_by_pybamm(family, cell, theirs, amperes=amperes, seconds=60, parameters=parameters)
    assert len(voltage) == POINTS
    np.testing.assert_allclose(voltage, expected, rtol=1e-9)


def tuples(value: Any) -> Any:
    """Return a value with a tuple for each list."""
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def test_options_that_are_not_possible_together_are_refused_in_pybamms_words() -> None:
    spec = spec_of(model={"options": {"thermal": "x-lumped"}}, cell={"parameterSet": "Marquis2019"})

    with pytest.raises(InvalidSpecError) as caught:
        build_model(spec)

    assert str(caught.value) == (
        "spec.model.options: PyBaMM does not take these options together (x-lumped model must have "
        "pouch cell geometry.): change one of them"
    )


def test_parameters_that_a_bpx_file_lacks_are_named() -> None:
    spec = spec_of(model={"options": {"SEI": "constant"}}, cell=bpx_cell(bpx_document()))

    with pytest.raises(InvalidSpecError) as caught:
        solve(spec)

    assert str(caught.value).startswith(
        "spec.model.options: the model needs 'Initial SEI thickness [m]', 'SEI partial molar volume "
        "[m3.mol-1]', 'SEI resistivity [Ohm.m]', which BPX does not have: add what is missing to "
    )


def test_a_parameter_that_only_a_variable_needs_is_named() -> None:
    options = {"particle phases": ["2", "1"], "calculate heat source for isothermal models": True}
    spec = spec_of(
        model={"options": options},
        cell={"parameterSet": "Chen2020_composite"},
        protocol=constant_current(0.1, 10),
        output={"variables": ["Volume-averaged effective heat capacity [J.K-1.m-3]"]},
    )

    with pytest.raises(
        InvalidSpecError, match=r"the model needs 'Negative electrode density \[kg.m-3\]', which"
    ):
        solve(spec)


def test_parameters_that_a_bpx_file_lacks_can_be_given() -> None:
    def start_volts(resistivity: float) -> float:
        film = {
            "Initial SEI thickness [m]": 5e-9,
            "SEI partial molar volume [m3.mol-1]": 9.6e-5,
            "SEI resistivity [Ohm.m]": resistivity,
        }
        spec = spec_of(
            model={"family": "SPM", "options": {"SEI": "constant"}},
            cell=bpx_cell(bpx_document(), parameters=film),
            protocol=constant_current(5, 10),
        )
        return float(solve(spec).output()["Voltage [V]"][0])

    assert start_volts(4e5) < start_volts(2e5)
