"""What is wrong with a model is told before a pod starts: its options, and its fit to the cell."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.catalogue.cell_kind import cell_kind, msmr_reactions
from batterysim.catalogue.model_options import in_text, model_options, needed_parameters, structure_of
from batterysim.problem import InvalidSpecError
from batterysim.spec.cell import CellPreset, ParameterSet
from batterysim.spec.model import Model
from tests.builders import Json, bpx_cell, bpx_document, preset_cell, spec_of

REST: Json = {"rest": {"durationSeconds": 60}}


def refusal(family: str, options: Json, **cell: Any) -> str:
    """Return what is said about a model that cannot be solved."""
    with pytest.raises(InvalidSpecError) as caught:
        spec_of(model={"family": family, "options": options}, cell=cell, protocol=REST)
    return str(caught.value)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"Thermal": "lumped"},
            "spec.model.options['Thermal']: the model has no such option; use 'thermal'",
        ),
        (
            {"lithium-plating": "reversible"},
            "spec.model.options['lithium-plating']: the model has no such option; use 'lithium plating' "
            "or 'lithium plating porosity change'",
        ),
        (
            {"thermal": "adiabatic"},
            "spec.model.options['thermal']: must be 'isothermal' or 'lumped' or 'x-lumped' or 'x-full', "
            "not 'adiabatic'",
        ),
        (
            {"thermal": ["lumped", "isothermal"]},
            "spec.model.options['thermal']: takes one value, not ['lumped', 'isothermal']",
        ),
        (
            {"particle": ["Fickian diffusion"]},
            "spec.model.options['particle']: takes one value or two, [negative, positive], "
            "not ['Fickian diffusion']",
        ),
        (
            {"particle mechanics": {"negative": "swelling only"}},
            "spec.model.options['particle mechanics']: must be 'none' or 'swelling only' or 'swelling and "
            "cracking', not {'negative': 'swelling only'}",
        ),
        (
            {"thermal": "x-full", "contact resistance": True},
            "spec.model.options['contact resistance']: PyBaMM does not add its heat to temperatures that "
            "vary "
            "in space: use 'thermal': 'lumped'",
        ),
        (
            {"thermal": "x-lumped", "dimensionality": 1, "contact resistance": "true"},
            "spec.model.options['contact resistance']: PyBaMM does not add its heat to temperatures that "
            "vary "
            "in space: use 'thermal': 'lumped'",
        ),
        (
            {"surface form": None},
            "spec.model.options['surface form']: must be 'false' or 'differential' or 'algebraic', not None",
        ),
        (
            {"dimensionality": 1.0},
            "spec.model.options['dimensionality']: must be '0' or '1' or '2', not 1.0",
        ),
        (
            {"operating mode": "power"},
            "spec.model.options['operating mode']: follows from spec.protocol: remove it and choose the "
            "protocol instead",
        ),
        (
            {"hydrolysis": "true"},
            "spec.model.options['hydrolysis']: is for lead-acid cells only: remove it",
        ),
    ],
)
def test_a_wrong_option_is_named(options: Json, problem: str) -> None:
    assert refusal("DFN", options) == problem


@pytest.mark.parametrize(
    "options",
    [
        {"calculate discharge energy": True, "surface form": False},
        {"calculate discharge energy": "true", "dimensionality": 0},
        {"SEI": ["constant", "none"], "particle phases": 1},
        {"number of MSMR reactions": ["6", 4]},
    ],
)
def test_yaml_may_write_true_and_numbers_for_pybamms_text(options: Json) -> None:
    assert spec_of(model={"options": options}).model.options == options


@pytest.mark.parametrize(
    ("family", "options", "name", "problem"),
    [
        (
            "Thevenin",
            {},
            "Chen2020",
            "spec.model.family: Chen2020 is a cell of two electrodes: use SPM or SPMe or DFN or MPM or "
            "NewmanTobias; docs/cells.md has the cells for Thevenin",
        ),
        (
            "DFN",
            {},
            "ECM_Example",
            "spec.model.family: ECM_Example is an equivalent circuit: use Thevenin; docs/cells.md has the "
            "cells for DFN",
        ),
        (
            "NewmanTobias",
            {"working electrode": "positive"},
            "Xu2019",
            "spec.model.family: Xu2019 is an electrode against lithium metal: use SPM or SPMe or DFN or "
            "MPM; docs/cells.md has the cells for NewmanTobias",
        ),
        (
            "DFN",
            {},
            "Xu2019",
            "spec.model.options['working electrode']: must be 'positive' for DFN with Xu2019, which is an "
            "electrode against lithium metal",
        ),
        (
            "SPM",
            {},
            "Chen2020_composite",
            "spec.model.options['particle phases']: must be ['2', '1'] for SPM with Chen2020_composite, "
            "which is a cell with two materials in its negative electrode",
        ),
        (
            "MSMR",
            {"number of MSMR reactions": [4, 4]},
            "MSMR_Example",
            "spec.model.options['number of MSMR reactions']: must be ['6', '4'], the reactions that "
            "MSMR_Example describes, not [4, 4]",
        ),
        (
            "Thevenin",
            {"thermal": "lumped"},
            "ECM_Example",
            "spec.model.options['thermal']: the model has no such option; use one of 'calculate discharge "
            "energy', 'diffusion element', 'number of rc elements'",
        ),
        (
            "Thevenin",
            {"number of rc elements": -1},
            "ECM_Example",
            "spec.model.options['number of rc elements']: must be '0' or '1' or '2' or '3' or '4' or '5' or "
            "'6' or '7' or '8' or '9' or '10', not -1",
        ),
    ],
)
def test_a_model_that_does_not_fit_the_cell_is_refused(
    family: str, options: Json, name: str, problem: str
) -> None:
    assert refusal(family, options, parameterSet=name) == problem


@pytest.mark.parametrize(
    ("family", "options", "name", "missing"),
    [
        ("DFN", {"contact resistance": True}, "ORegan2022", ""),
        ("DFN", {"thermal": "lumped"}, "Prada2013", "'Cell cooling surface area [m2]'"),
        ("SPM", {"calculate heat source for isothermal models": True}, "Prada2013", "current collector"),
        ("SPMe", {"SEI": "tunnelling limited"}, "OKane2022", "'Tunneling barrier factor [m-1]'"),
        ("DFN", {"lithium plating": "reversible"}, "Chen2020", "'Exchange-current density for plating"),
        ("DFN", {"working electrode": "positive"}, "Chen2020", "'Exchange-current density for lithium metal"),
        ("DFN", {"particle phases": ["2", "1"]}, "Chen2020", "and 12 more"),
        ("Thevenin", {"number of rc elements": 2}, "ECM_Example", "'C2 [F]', 'Element-2 initial"),
        ("Thevenin", {"diffusion element": True}, "ECM_Example", "'Diffusion time constant [s]'"),
    ],
)
def test_a_parameter_that_the_cell_lacks_is_named(
    family: str, options: Json, name: str, missing: str
) -> None:
    if not missing:
        assert spec_of(model={"family": family, "options": options}, cell={"parameterSet": name})
        return
    text = refusal(family, options, parameterSet=name)

    assert text.startswith("spec.model.options: the model needs ")
    assert missing in text
    assert text.endswith(
        f", which {name} does not have: add what is missing to spec.cell.parameters, or choose other options "
        "or another cell (docs/cells.md)"
    )


def test_what_an_option_needs_can_be_given() -> None:
    second = {"R2 [Ohm]": 1e-4, "C2 [F]": 3e5, "Element-2 initial overpotential [V]": 0}

    spec = spec_of(
        model={"family": "Thevenin", "options": {"number of rc elements": 2}},
        cell={"parameterSet": "ECM_Example", "parameters": second},
    )

    assert spec.cell.parameters == second


def test_what_no_option_needs_cannot_be_given() -> None:
    text = refusal("Thevenin", {}, parameterSet="ECM_Example", parameters={"R2 [Ohm]": 1e-4})

    assert text == (
        "spec.cell.parameters['R2 [Ohm]']: ECM_Example has no such parameter; use 'R1 [Ohm]' or 'R0 [Ohm]'"
    )


def test_a_circuits_elements_may_be_numbers_but_not_its_voltage() -> None:
    circuit = {"parameterSet": "ECM_Example", "parameters": {"R0 [Ohm]": 1e-3}}
    assert spec_of(model={"family": "Thevenin"}, cell=circuit)

    text = refusal("Thevenin", {}, parameterSet="ECM_Example", parameters={"Open-circuit voltage [V]": 3.6})

    assert text.startswith(
        "spec.cell.parameters['Open-circuit voltage [V]']: a potential that does not change"
    )


@pytest.mark.parametrize(("family", "able"), [("Thevenin", False), ("MSMR", False), ("NewmanTobias", True)])
def test_a_bpx_file_is_a_cell_of_two_electrodes(family: str, able: bool) -> None:
    if able:
        assert spec_of(model={"family": family}, cell=bpx_cell(bpx_document()))
    else:
        assert "BPX is a cell of two electrodes" in refusal(family, {}, **bpx_cell(bpx_document()))


@pytest.mark.parametrize("name", get_args(CellPreset))
def test_premade_cells_are_cells_of_two_electrodes(name: str) -> None:
    assert cell_kind(spec_of(cell=preset_cell(name)).cell).words == "a cell of two electrodes"


def test_reactions_are_counted() -> None:
    names = ["Negative electrode host site occupancy fraction (0)"] * 2 + ["Positive electrode thickness [m]"]

    assert msmr_reactions(names) == ["2", "0"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (2, "2"), ("none", "none"), ([["a", False], 1], (("a", "false"), "1"))],
)
def test_values_in_pybamms_words(value: Any, text: Any) -> None:
    assert in_text(value) == text


def test_of_a_pair_each_electrode_needs_its_own() -> None:
    def needed(value: Any) -> frozenset[str]:
        return needed_parameters(Model(options={"particle mechanics": value}))

    negative, positive = needed(["swelling only", "none"]), needed(["none", "swelling only"])

    assert "Negative electrode Young's modulus [Pa]" in negative
    assert not any("Positive" in name for name in negative)
    assert not any("Negative" in name for name in positive)
    assert negative | positive == needed("swelling only")


def test_one_heat_capacity_spares_those_of_the_layers() -> None:
    options: Json = {"thermal": "lumped", "use lumped thermal capacity": True}

    needed = needed_parameters(Model(options=options))

    assert "Cell heat capacity [J.K-1.m-3]" in needed
    assert "Separator specific heat capacity [J.kg-1.K-1]" not in needed


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
option_names = st.sampled_from(list(model_options("full cell"))) | st.text(max_size=9)


@given(
    st.sampled_from(["DFN", "MSMR", "Thevenin"]),
    st.sampled_from(get_args(ParameterSet)),
    st.dictionaries(option_names, json_values, max_size=3),
)
def test_whatever_the_options_are_nothing_breaks(family: str, name: str, options: Json) -> None:
    try:
        spec = spec_of(
            model={"family": family, "options": options}, cell={"parameterSet": name}, protocol=REST
        )
    except InvalidSpecError as error:
        assert all(problem.field.startswith("spec.model") for problem in error.problems)  # noqa: PT017
    else:
        assert set(options) <= set(model_options(structure_of(spec.model)))
