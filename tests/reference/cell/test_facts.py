"""What must come out whatever PyBaMM says: closed forms, and numbers that do not depend on the mesh."""

import numpy as np
import pytest

from batterysim.results import EndReason
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import constant_current, spec_of

AMPERES, SECONDS = 50.0, 600.0
CAPACITY_AMPERE_HOURS = 100.0
R0 = 8e-4
RC_ELEMENTS = [(5e-4, 6e4), (3e-4, 1e6)]
"""Ohm and farad, 30 s and 300 s."""


def test_a_circuit_is_its_closed_form() -> None:
    """V = OCV(SoC) - I R0 - sum of I Ri (1 - exp(-t / Ri Ci)), where SoC = SoC0 - I t / Q."""
    elements = {"R0 [Ohm]": R0}
    for number, (ohms, farads) in enumerate(RC_ELEMENTS, 1):
        elements[f"R{number} [Ohm]"] = ohms
        elements[f"C{number} [F]"] = farads
        elements[f"Element-{number} initial overpotential [V]"] = 0
    spec = spec_of(
        model={"family": "Thevenin", "options": {"number of rc elements": len(RC_ELEMENTS)}},
        cell={"parameterSet": "ECM_Example", "initialStateOfCharge": 0.8, "parameters": elements},
        protocol=constant_current(AMPERES, SECONDS),
        solver={"relativeTolerance": 1e-8, "absoluteTolerance": 1e-10},
        output={"points": 61, "variables": ["SoC", "Open-circuit voltage [V]"]},
    )

    values = solve(spec).output()

    times = values["Time [s]"]
    charge = 0.8 - AMPERES * times / 3600 / CAPACITY_AMPERE_HOURS
    drop = AMPERES * R0 + sum(
        AMPERES * ohms * (1 - np.exp(-times / ohms / farads)) for ohms, farads in RC_ELEMENTS
    )
    np.testing.assert_allclose(values["SoC"], charge, rtol=1e-7)
    np.testing.assert_allclose(values["Open-circuit voltage [V]"] - values["Voltage [V]"], drop, rtol=1e-5)


@pytest.mark.parametrize("family", ["SPM", "DFN"])
def test_doubling_the_mesh_changes_the_capacity_by_less_than_half_a_percent(family: str) -> None:
    def capacity(points: int) -> float:
        mesh = {"negativeParticlePoints": points, "positiveParticlePoints": points}
        if family == "DFN":
            mesh |= {
                "negativeElectrodePoints": points,
                "separatorPoints": points,
                "positiveElectrodePoints": points,
            }
        spec = spec_of(model={"family": family}, protocol=constant_current(5, 4000), solver={"mesh": mesh})
        summary = summarise(solve(spec))
        assert summary.end_reason == EndReason.LOWER_CUT_OFF
        return summary.discharge_capacity_ampere_hours or 0

    assert capacity(40) == pytest.approx(capacity(20), rel=0.005)
