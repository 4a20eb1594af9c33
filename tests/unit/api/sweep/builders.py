"""A sweep as a user writes it."""

from typing import Any

from batterysim.sweep.checks import parse_sweep
from batterysim.sweep.spec import BatterySweepSpec
from tests.builders import Json

C_RATE = "protocol.constantCurrent.cRate"
THICKNESS = "Negative electrode thickness [m]"


def raw_sweep(*vary: Json, **fields: Any) -> Json:
    """Return a sweep of Chen2020 at 1C over these variations, as a grid unless another design is given."""
    simulation = {
        "model": {"family": "SPM"},
        "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0},
        "protocol": {"constantCurrent": {"cRate": 1, "durationSeconds": 7200}},
    }
    given: Json = {"simulation": simulation, "vary": list(vary), "design": {"grid": {}}}
    return given | fields


def sweep_of(*vary: Json, **fields: Any) -> BatterySweepSpec:
    """Return the same, parsed."""
    return parse_sweep(raw_sweep(*vary, **fields))
