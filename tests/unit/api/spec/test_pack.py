"""What a pack may be, and what a spec with a pack may not ask for."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from batterysim.catalogue.parameter_names import SERIES_COUNT
from batterysim.checks.pack import pack_problems
from batterysim.problem import InvalidSpecError
from batterysim.spec.pack import MAX_CELLS, Pack
from tests.builders import Json, constant_current, spec_of

THICKNESS = "Negative electrode thickness [m]"


def pack(**fields: Any) -> Pack:
    return Pack.model_validate(fields)


CONTACT: Json = {"model": {"options": {"contact resistance": "true"}}}


def spread(parameter: str = THICKNESS, deviation: float = 0.02) -> Json:
    return {"parameter": parameter, "relativeStandardDeviation": deviation}


def cell(series: int, parallel: int, **fields: Any) -> Json:
    return {"series": series, "parallel": parallel, **fields}


@given(st.integers(1, MAX_CELLS), st.integers(1, MAX_CELLS))
def test_a_pack_has_so_many_cells_and_no_more(series: int, parallel: int) -> None:
    if series * parallel <= MAX_CELLS:
        assert pack(seriesCount=series, parallelCount=parallel).cell_count == series * parallel
    else:
        with pytest.raises(ValidationError, match=f"{series * parallel} cells; .* at most {MAX_CELLS}"):
            pack(seriesCount=series, parallelCount=parallel)


def test_a_pack_survives_json() -> None:
    whole = pack(
        seriesCount=4,
        parallelCount=2,
        connectionResistanceOhms=0.001,
        spread=[spread()],
        cells=[cell(4, 2, initialStateOfCharge=0.9, parameters={THICKNESS: 9e-5})],
    )

    assert Pack.model_validate(whole.to_json_dict()) == whole
    assert whole.cells[0].name == "s4p2"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seriesCount": 0}, "greater than or equal to 1"),
        (
            {"seriesCount": 2, "cells": [cell(3, 1)]},
            "cells has s3p1, which is not in a pack of 2 in series and 1",
        ),
        (
            {"parallelCount": 2, "cells": [cell(1, 3)]},
            "cells has s1p3, which is not in a pack of 1 in series",
        ),
        ({"cells": [cell(1, 1), cell(1, 1)]}, "cells has s1p1 more than once"),
        ({"spread": [spread(), spread()]}, f"spread has {THICKNESS} more than once"),
        ({"spread": [spread(deviation=0.31)]}, "less than or equal to 0.3"),
        ({"spread": [spread(deviation=0)]}, "greater than 0"),
        ({"busbarResistanceOhms": -0.001}, "greater than or equal to 0"),
        ({"connectionResistanceOhms": float("nan")}, "finite number"),
        ({"cells": [cell(1, 1, initialStateOfCharge=1.5)]}, "less than or equal to 1"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"rows": 2}, "Extra inputs are not permitted"),
    ],
)
def test_what_no_pack_is(fields: Json, message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        pack(**fields)


@pytest.mark.parametrize(
    "protocol",
    [
        {"constantVoltage": {"volts": 8, "durationSeconds": 60}},
        {"cccv": {"chargeCurrentAmperes": 1, "volts": 8.4}},
        {"experiment": {"steps": ["Rest for 1 hour", "Charge at C/2 until 8.4 V"]}},
    ],
)
def test_voltages_are_those_of_cells_in_series(protocol: Json) -> None:
    assert spec_of(protocol=protocol, pack={"seriesCount": 2})


def test_an_impedance_is_for_single_cells() -> None:
    (problem,) = pack_problems(spec_of(protocol={"impedance": {}}), pack(seriesCount=2))

    assert problem.field == "spec.protocol.impedance"
    assert "use constantCurrent, constantPower, " in problem.message


def test_a_fraction_of_the_capacity_is_for_single_cells() -> None:
    protocol = {"experiment": {"steps": ["Rest for 1 hour"], "cycles": 2, "untilCapacityFraction": 0.8}}

    (problem,) = pack_problems(spec_of(protocol=protocol), pack(seriesCount=2))

    assert problem.field == "spec.protocol.experiment.untilCapacityFraction"


@pytest.mark.parametrize(
    ("experiment", "problem"),
    [
        (
            {
                "structuredSteps": [
                    {"rest": True, "durationSeconds": 60},
                    {"cRate": 1, "durationSeconds": 600, "ambientTemperatureCelsius": 0},
                ]
            },
            "structuredSteps[1].ambientTemperatureCelsius: 0 degC is",
        ),
        (
            {"steps": ["Rest for 1 hour", "Discharge at 1C for 10 minutes at 0 oC"]},
            "steps[1]: 'Discharge at 1C for 10 minutes at 0 oC': a temperature is",
        ),
        (
            {"structuredSteps": [{"text": "Rest for 1 hour at 10 oC"}]},
            "structuredSteps[0]: 'Rest for 1 hour at 10 oC': a temperature is",
        ),
        (
            {"blocks": [{"steps": ["Rest for 1 hour"]}, {"steps": ["Rest for 1 hour at 10 oC"]}]},
            "blocks[1].steps[0]: 'Rest for 1 hour at 10 oC': a temperature is",
        ),
    ],
)
def test_a_temperature_of_a_step_is_for_single_cells(experiment: Json, problem: str) -> None:
    spec = spec_of(protocol={"experiment": experiment})

    (found,) = pack_problems(spec, pack())

    remedy = "for single cells: set spec.cell.ambientTemperatureCelsius for all steps, or remove spec.pack"
    assert str(found) == f"spec.protocol.experiment.{problem} {remedy}"


@pytest.mark.parametrize(
    ("spec", "fields", "problem"),
    [
        (
            {},
            {"spread": [spread("Negative electrode thicknes [m]")]},
            f"spec.pack.spread[0].parameter: Chen2020 has no such parameter; use '{THICKNESS}'",
        ),
        (
            {},
            {"spread": [spread("Negative electrode OCP [V]")]},
            "spec.pack.spread[0].parameter: this parameter is a function in PyBaMM",
        ),
        (
            {},
            {"spread": [spread("Upper voltage cut-off [V]")]},
            "spec.pack.spread[0].parameter: set spec.cell.upperCutoffVolts instead",
        ),
        (
            {},
            {"spread": [spread("Contact resistance [Ohm]")]},
            "spec.pack.spread[0].parameter: 'Contact resistance [Ohm]' is 0, so a relative deviation "
            "changes nothing",
        ),
        (
            {},
            {"cells": [cell(1, 1, parameters={"Contact resistance [Ohm]": 0.01})]},
            "spec.pack.cells[0].parameters['Contact resistance [Ohm]']: 0.01 changes nothing",
        ),
        (
            {},
            {"cells": [cell(1, 1, parameters={"Thickness": 1.0})]},
            "spec.pack.cells[0].parameters['Thickness']: Chen2020 has no such parameter",
        ),
        (
            {},
            {"cells": [cell(1, 1, parameters={SERIES_COUNT: 2.0})]},
            f"spec.pack.cells[0].parameters['{SERIES_COUNT}']: set spec.pack.seriesCount instead",
        ),
        (
            {"model": {"family": "SPM", "options": {"surface form": "differential"}}},
            {"parallelCount": 2},
            "spec.model.options['surface form']: 'differential' leaves an SPM without any resistance",
        ),
        (
            {
                "cell": {"parameterSet": "Marquis2019"},
                "model": {"options": {"dimensionality": 1, "current collector": "potential pair"}},
            },
            {"parallelCount": 2},
            "spec.model.options['dimensionality']: must be 0 in a pack",
        ),
    ],
)
def test_what_a_pack_cannot_do_is_refused(spec: Json, fields: Json, problem: str) -> None:
    problems = pack_problems(spec_of(**spec), pack(**fields))

    assert len(problems) == 1
    assert str(problems[0]).startswith(problem)


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        (
            CONTACT,
            {"spread": [spread()], "cells": [cell(1, 1, parameters={"Contact resistance [Ohm]": 0.01})]},
        ),
        (
            {**CONTACT, "cell": {"parameters": {"Contact resistance [Ohm]": 0.01}}},
            {"spread": [spread("Contact resistance [Ohm]")]},
        ),
        (
            {"model": {"family": "SPM", "options": {"surface form": "differential"}}},
            {"parallelCount": 2, "connectionResistanceOhms": 0.001},
        ),
        ({"protocol": constant_current(-5, 60)}, {"seriesCount": 4}),
        (
            {
                "cell": {"ambientTemperatureCelsius": 0},
                "protocol": {"experiment": {"steps": ["Rest for 1 hour"]}},
            },
            {"seriesCount": 4},
        ),
    ],
)
def test_what_a_pack_can_do(spec: Json, fields: Json) -> None:
    assert pack_problems(spec_of(**spec), pack(**fields)) == []


def test_words_that_make_no_step_are_refused_once() -> None:
    with pytest.raises(InvalidSpecError) as refused:
        spec_of(pack={"seriesCount": 2}, protocol={"experiment": {"steps": ["Rest a bit at 0 oC"]}})

    assert [problem.field for problem in refused.value.problems] == ["spec.protocol.experiment.steps[0]"]


def test_a_spec_is_refused_for_its_pack() -> None:
    with pytest.raises(
        InvalidSpecError, match=r"^spec\.pack: cells has s2p1, which is not in a pack of 1 in"
    ):
        spec_of(pack={"cells": [cell(2, 1)]})
    with pytest.raises(InvalidSpecError, match=r"^spec\.protocol\.impedance: is for single cells"):
        spec_of(pack={"seriesCount": 2}, protocol={"impedance": {}})
