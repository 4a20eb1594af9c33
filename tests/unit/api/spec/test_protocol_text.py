"""The protocol in a few words, as `kubectl get bsim` shows it."""

import pytest

from batterysim.spec.protocol_text import describe_protocol
from tests.builders import Json, constant_current, spec_of, us06

MINUTE = {"durationSeconds": 60}


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (constant_current(5, 60), "discharge 5 A"),
        (constant_current(-2.5, 60), "charge 2.5 A"),
        (constant_current(0, 60), "rest"),
        ({"constantCurrent": {"cRate": -0.5, **MINUTE}}, "charge 0.5 C"),
        ({"constantPower": {"powerWatts": 10, **MINUTE}}, "discharge 10 W"),
        ({"constantVoltage": {"volts": 4.1, **MINUTE}}, "hold 4.1 V"),
        ({"cccv": {"chargeCurrentAmperes": 2}}, "CCCV 2 A"),
        ({"cccv": {"chargeCRate": 0.5}}, "CCCV 0.5 C"),
        ({"rest": MINUTE}, "rest"),
        (us06(), "US06"),
        ({"driveCycle": {"name": "UDDS", "repeat": 3}}, "UDDS, 3 times"),
        ({"profile": {"quantity": "Power", "csv": "0,1\n60,1\n", "repeat": 2}}, "power profile, 2 times"),
        ({"experiment": {"steps": ["Rest for 1 hour"]}}, "1 step"),
        (
            {"experiment": {"structuredSteps": [{"rest": True, **MINUTE}] * 2, "cycles": 9}},
            "2 steps, 9 cycles",
        ),
        ({"impedance": {}}, "impedance"),
    ],
)
def test_describe_protocol(protocol: Json, words: str) -> None:
    assert describe_protocol(spec_of(protocol=protocol)) == words
