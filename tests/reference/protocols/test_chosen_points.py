"""What the points of a result are decides nothing about the numbers of its summary."""

import pytest

from batterysim.results import Summary
from batterysim_runner.compiled.library import Library
from batterysim_runner.engine import prepare
from batterysim_runner.report.summary import summarise
from tests.builders import Json, constant_current, spec_of

NUMBERS = (
    "discharge_energy_watt_hours",
    "discharged_watt_hours",
    "heat_watt_hours",
    "internal_resistance_ohms",
    "mean_volts",
)
MEASURED = "Time [s],Voltage [V]\n" + "\n".join(f"{row / 50},3.6" for row in range(4100))
SEGMENTS = "\n".join(
    f"{600 * place + 0.001 * (place > 0)},{amperes}\n{600 * (place + 1)},{amperes}"
    for place, amperes in enumerate([5, -5] * 5)
)
PULSES = "0,10\n10,10\n10.001,0\n1800,0\n1800.001,-10\n1810,-10\n1810.001,0\n3600,0\n"
PROTOCOLS: dict[str, Json] = {
    "discharge": constant_current(5, 7200),
    "segments": {"profile": {"quantity": "Current", "csv": SEGMENTS}},
    "pulses": {"profile": {"quantity": "Current", "csv": PULSES, "repeat": 48}},
}


def summary(protocol: str, output: Json, **spec: Json) -> Summary:
    charge = 1.0 if protocol == "discharge" else 0.5
    given = {
        "model": {"family": "SPM", "options": {"thermal": "lumped"}},
        "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": charge},
        "protocol": PROTOCOLS[protocol],
        "output": output,
    }
    return summarise(prepare(spec_of(**given | spec), Library(None)).solve())


@pytest.mark.parametrize(
    ("protocol", "output"),
    [
        ("discharge", {"solverPoints": True}),
        ("discharge", {"measured": [{"csv": MEASURED}]}),
        ("discharge", {"points": 5000}),
        ("discharge", {"points": 2}),
        ("segments", {"measured": [{"csv": MEASURED}]}),
        ("segments", {"solverPoints": True}),
        ("pulses", {"periodSeconds": 30}),
    ],
)
def test_the_summary_is_the_same(protocol: str, output: Json) -> None:
    usual, found = summary(protocol, {}), summary(protocol, output)

    for name in NUMBERS:
        assert getattr(found, name) == pytest.approx(getattr(usual, name), rel=2e-5), name


def test_the_summary_of_a_pack_is_the_same() -> None:
    pack = {"seriesCount": 2, "parallelCount": 1}
    model = {"family": "SPM"}

    usual, found = (
        summary("discharge", output, pack=pack, model=model) for output in ({}, {"solverPoints": True})
    )

    assert found.discharge_energy_watt_hours == pytest.approx(usual.discharge_energy_watt_hours, rel=2e-5)
