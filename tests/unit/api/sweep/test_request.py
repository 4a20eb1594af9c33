"""The spec of a sweep from what a program has."""

import json
from typing import Any

import numpy as np
import pytest

from batterysim.sweep.request import sweep_spec
from tests.builders import raw_spec

from .builders import C_RATE


@pytest.mark.parametrize(
    "vary",
    [
        {C_RATE: np.arange(1, 4)},
        {C_RATE: [np.int64(1), np.float64(2), 3]},
        [{"field": C_RATE, "values": np.arange(1, 4)}],
    ],
)
def test_values_of_numpy_become_numbers(vary: Any) -> None:
    spec = sweep_spec(raw_spec(), vary, run={"shards": np.int64(2)})

    assert json.loads(json.dumps(spec["vary"])) == [{"field": C_RATE, "values": [1, 2, 3]}]
    assert json.dumps(spec["run"]) == '{"shards": 2}'
