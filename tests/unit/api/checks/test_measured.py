"""Measured data are checked before a pod starts."""

from typing import Any

import pytest

from batterysim.problem import InvalidSpecError
from batterysim.spec.documents.contents import ContentReference, references
from tests.builders import Json, raw_spec, spec_of

VOLTS = "Time [s],Voltage [V]\n0,4.1\n60,4.0"


def compared(*series: Json, **fields: Any) -> Json:
    return raw_spec(output={"measured": list(series)}, **fields)


def problems(raw: Json) -> list[str]:
    with pytest.raises(InvalidSpecError) as error:
        spec_of(**raw)
    return [str(problem) for problem in error.value.problems]


def test_a_voltage_is_the_default_and_each_quantity_may_be_given() -> None:
    spec = spec_of(
        **compared(
            {"csv": VOLTS},
            {"quantity": "Current", "csv": "0,5\n60,5"},
            {"quantity": "Power", "csv": "0,20\n60,20"},
            {"quantity": "Temperature", "csv": "0,25\n60,26"},
        )
    )

    assert spec.output.measured is not None
    assert [series.quantity for series in spec.output.measured] == [
        "Voltage",
        "Current",
        "Power",
        "Temperature",
    ]


def test_a_spec_without_data_has_the_same_hash_as_before() -> None:
    assert "measured" not in spec_of(**raw_spec()).physics()["output"]  # type: ignore[operator]


def test_it_may_be_in_a_config_map() -> None:
    raw = compared(
        {"csv": VOLTS}, {"quantity": "Current", "configMapKeyRef": {"name": "cell-7", "key": "a.csv"}}
    )

    assert references(raw) == [
        ContentReference(("output", "measured", "1"), "cell-7", "a.csv", "references/measured-1.csv")
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            compared({"csv": "0,4100\n60,4000"}),
            "spec.output.measured.0.csv: has 4100 V, and no such cell or pack has more than 10 V: write the "
            "unit into the heading, such as 'Voltage [mV]'",
        ),
        (
            compared({"quantity": "Temperature", "csv": "0,298\n60,299"}),
            "spec.output.measured.0.csv: has 299 degC, but a cell has -60 to 200 degC: write degrees Celsius",
        ),
        (
            compared({"csv": VOLTS}, {"csv": VOLTS}),
            "spec.output.measured: has Voltage twice: keep one series of each quantity",
        ),
        (
            compared({"csv": "0,4\n0,4"}),
            "spec.output.measured.0.csv: line 2: time 0 does not come after 0",
        ),
        (
            compared({"csv": VOLTS}, protocol={"impedance": {}}),
            "spec.output.measured: is for a result over time, which an impedance does not have: remove it",
        ),
        (compared({}), "spec.output.measured.0: set exactly one of csv and configMapKeyRef"),
        (raw_spec(output={"measured": []}), "spec.output.measured: "),
    ],
)
def test_what_is_wrong_is_told(raw: Json, expected: str) -> None:
    assert any(problem.startswith(expected) for problem in problems(raw))


def test_a_pack_may_have_more_volts_than_a_cell() -> None:
    pack = {"seriesCount": 4, "parallelCount": 1}

    assert spec_of(**compared({"csv": "0,16.4\n60,16"}, pack=pack))
    assert "more than 40 V" in problems(compared({"csv": "0,164\n60,16"}, pack=pack))[0]
