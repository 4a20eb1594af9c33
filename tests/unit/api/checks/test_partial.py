"""Errors of different kinds come together: those of a part that cannot be read hide no others."""

from typing import Any

import pytest

from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from tests.builders import Json, constant_current, raw_spec

UNKNOWN_CELL = {"parameterSet": "Chen2021"}


def fields_of(spec: Any) -> list[str]:
    with pytest.raises(InvalidSpecError) as caught:
        parse_spec(spec)
    return [problem.field for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        (
            raw_spec(cell=UNKNOWN_CELL, model={"options": {"termal": "lumped"}}),
            ["spec.cell.parameterSet", "spec.model.options['termal']"],
        ),
        (
            raw_spec(cell=UNKNOWN_CELL, protocol={"experiment": {"steps": ["Charge at -1C for 1 hour"]}}),
            ["spec.cell.parameterSet", "spec.protocol.experiment.steps[0]"],
        ),
        (
            raw_spec(cell=UNKNOWN_CELL, protocol={"profile": {"quantity": "Current", "csv": "0,1\n0,2\n"}}),
            ["spec.cell.parameterSet", "spec.protocol.profile.csv"],
        ),
        (
            raw_spec(cell={"parameters": {"Porosity": 0.3}}, protocol=constant_current(5, -1)),
            ["spec.protocol.constantCurrent.durationSeconds", "spec.cell.parameters['Porosity']"],
        ),
        (
            raw_spec(output={"variables": ["Anode potential [V]"]}, run={"retries": -1}),
            ["spec.run.retries", "spec.output.variables[0]"],
        ),
        (
            raw_spec(
                protocol={"experiment": {"steps": ["Charge at 4.2 V for 1 hour"]}}, output={"points": 5}
            ),
            ["spec", "spec.protocol.experiment.steps[0]"],
        ),
        (
            {"model": {"options": {"termal": "lumped"}}, "protocol": constant_current(5, 60)},
            ["spec.cell", "spec.model.options['termal']"],
        ),
    ],
)
def test_errors_of_different_parts_come_together(spec: Json, fields: list[str]) -> None:
    assert fields_of(spec) == fields


@pytest.mark.parametrize(
    "spec",
    [
        # its voltage would be past the cut-offs of some other cell
        raw_spec(cell=UNKNOWN_CELL, protocol={"constantVoltage": {"volts": 9, "durationSeconds": 60}}),
        # it would be too much for some other cell
        raw_spec(cell=UNKNOWN_CELL, protocol=constant_current(5000, 60)),
        # the option may say that there is no negative electrode
        raw_spec(model={"family": "P2D"}, cell={"initialStoichiometry": {"positive": 0.5}}),
        # a cut-off that is ignored, but for a slip
        raw_spec(
            cutOffPolicy={"upper": "ignore"},
            protocol={"constantVoltage": {"volts": 4.4, "durationSeconds": 60}},
        ),
        raw_spec(cell=UNKNOWN_CELL, output={"variables": ["Porosity"]}, model={"family": "P2D"}),
    ],
)
def test_nothing_is_said_about_what_depends_on_an_unreadable_part(spec: Json) -> None:
    for field in fields_of(spec):
        assert field in ("spec.cell.parameterSet", "spec.model.family", "spec.cutOffPolicy.upper")
