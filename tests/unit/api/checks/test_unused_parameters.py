"""Overrides of parameters that the model does not read."""

import pytest

from batterysim.problem import InvalidSpecError
from tests.builders import Json, spec_of

OHMS = {"parameters": {"Contact resistance [Ohm]": 0.01}}


@pytest.mark.parametrize("options", [{}, {"contact resistance": False}, {"contact resistance": "false"}])
def test_a_contact_resistance_needs_its_option(options: Json) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        spec_of(cell=OHMS, model={"options": options})

    assert str(caught.value) == (
        "spec.cell.parameters['Contact resistance [Ohm]']: 0.01 changes nothing, because the model leaves it "
        "out: set spec.model.options['contact resistance'] to 'true', or remove this"
    )


def test_so_does_one_that_depends_on_temperature() -> None:
    with pytest.raises(InvalidSpecError, match="a function changes nothing"):
        spec_of(cell={"functions": {"Contact resistance [Ohm]": {"expression": "0.01 * T / 298"}}})


@pytest.mark.parametrize(("ohms", "options"), [(0.01, {"contact resistance": True}), (0.0, {})])
def test_one_that_is_read_or_is_none(ohms: float, options: Json) -> None:
    spec_of(cell={"parameters": {"Contact resistance [Ohm]": ohms}}, model={"options": options})
