"""A pack against the sums over its cells: charge, power, heat."""

import numpy as np
import pytest
from scipy.integrate import simpson

from batterysim.results import CURRENT, POWER, TIME
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import SECONDS_PER_HOUR
from batterysim_runner.solution import solve
from tests.builders import constant_current, spec_of

CONNECTION, BUSBAR, INTERCONNECT = 0.002, 0.0003, 0.001
AMPERES = 10.0


def test_what_a_pack_delivers_is_what_its_cells_do_less_what_its_resistances_take() -> None:
    trace = solve(
        spec_of(
            model={"family": "SPM"},
            cell={"initialStateOfCharge": 0.8},
            pack={
                "seriesCount": 2,
                "parallelCount": 3,
                "connectionResistanceOhms": CONNECTION,
                "busbarResistanceOhms": BUSBAR,
                "interconnectResistanceOhms": INTERCONNECT,
                "cells": [
                    {"series": 1, "parallel": 2, "parameters": {"Electrode height [m]": 0.05}},
                    {"series": 2, "parallel": 1, "initialStateOfCharge": 0.7},
                ],
            },
            protocol=constant_current(AMPERES, 60),
        )
    )

    values = trace.values
    volts, amperes = (
        [[values[f"Cell s{s}p{p} {what}"] for p in (1, 2, 3)] for s in (1, 2)]
        for what in ("voltage [V]", "current [A]")
    )
    for module in amperes:
        np.testing.assert_allclose(sum(module), values[CURRENT.name], rtol=1e-12)
    delivered = sum(v * i for s in (0, 1) for v, i in zip(volts[s], amperes[s], strict=True))
    taken = INTERCONNECT * AMPERES**2
    for first, second, third in amperes:
        taken = taken + CONNECTION * (first**2 + second**2 + third**2)
        # a piece of busbar on each side carries the current of all cells beyond it
        taken = taken + 2 * BUSBAR * ((second + third) ** 2 + third**2)
    # Kirchhoff's voltage law holds within the solver's tolerance
    np.testing.assert_allclose(values[POWER.name], delivered - taken, rtol=1e-6)


def test_the_heat_of_a_pack_is_that_of_its_cells_contacts_too() -> None:
    ohms = 0.01
    trace = solve(
        spec_of(
            model={"family": "SPM", "options": {"thermal": "lumped", "contact resistance": "true"}},
            cell={"initialStateOfCharge": 0.8, "parameters": {"Contact resistance [Ohm]": ohms}},
            pack={"seriesCount": 2, "parallelCount": 2, "connectionResistanceOhms": CONNECTION},
            protocol=constant_current(AMPERES, 60),
            output={"variables": ["Total heating [W]"]},
        )
    )

    values, cells = trace.values, ("s1p1", "s1p2", "s2p1", "s2p2")
    heating = sum(
        values[f"Cell {cell} Total heating [W]"] + ohms * values[f"Cell {cell} current [A]"] ** 2
        for cell in cells
    )
    expected = simpson(heating, x=values[TIME.name]) / SECONDS_PER_HOUR
    assert summarise(trace).heat_watt_hours == pytest.approx(expected, rel=1e-9)
