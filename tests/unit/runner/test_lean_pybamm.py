"""The lean import of PyBaMM: quicker, and the same PyBaMM. Tried in processes of their own."""

import json
import subprocess
import sys
from typing import Any

import pytest

PROGRAM = """
import json, sys
{first}
import pybamm
parameters = pybamm.ParameterValues("Chen2020")
solution = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=parameters).solve([0, 60])
told = {{
    "voltage": [value.hex() for value in solution["Voltage [V]"].entries],
    "loaded": sorted({{"pandas", "xarray", "black", "posthog", "sympy"}} & set(sys.modules)),
    "telemetry": type(pybamm.telemetry._posthog).__name__,
}}
import sympy
told["formula"] = str(pybamm.Parameter("a").to_equation())
told["root"] = str(sympy.sqrt(4))
print(json.dumps(told))
"""


def tell(first: str) -> dict[str, Any]:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(first=first)],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


@pytest.fixture(scope="module")
def lean() -> dict[str, Any]:
    return tell("from batterysim_runner.lean_pybamm import import_pybamm; import_pybamm()")


def test_a_solve_needs_none_of_what_is_left_out(lean: dict[str, Any]) -> None:
    assert lean["loaded"] == []


def test_the_numbers_are_the_same_to_the_last_bit(lean: dict[str, Any]) -> None:
    assert lean["voltage"] == tell("")["voltage"]


def test_what_was_left_out_is_there_when_it_is_used(lean: dict[str, Any]) -> None:
    assert (lean["formula"], lean["root"]) == ("a", "2")


def test_telemetry_is_off(lean: dict[str, Any]) -> None:
    assert lean["telemetry"] == "MockTelemetry"
