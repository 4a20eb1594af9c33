"""What is wrong with a protocol, and with what surrounds it, is known before a pod starts."""

from typing import Any

import pytest

from batterysim.problem import InvalidSpecError
from tests.builders import Json, constant_current, spec_of

MINUTE = {"durationSeconds": 60}
WLTC = {"name": "WLTC", "scale": 0.00025}


def told(**spec: Any) -> str:
    with pytest.raises(InvalidSpecError) as refused:
        spec_of(**spec)
    return str(refused.value)


def profile(csv: str, quantity: str = "Current", **fields: Any) -> Json:
    return {"profile": {"quantity": quantity, "csv": csv, **fields}}


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        (
            {"constantVoltage": {"volts": 4.4, **MINUTE}},
            "spec.protocol.constantVoltage.volts: 4.4 V is past the cell's upper cut-off of 4.2 V: set "
            "another voltage, change spec.cell.upperCutoffVolts or set spec.cutOffPolicy.upper",
        ),
        (
            {"constantVoltage": {"volts": 2.4, **MINUTE}},
            "spec.protocol.constantVoltage.volts: 2.4 V is past the cell's lower cut-off of 2.5 V",
        ),
        ({"cccv": {"chargeCRate": 1, "volts": 4.4}}, "spec.protocol.cccv.volts: 4.4 V is past"),
        (profile("0,4.3\n60,4.1\n", "Voltage"), "spec.protocol.profile.csv: 4.3 V is past"),
        (
            {"driveCycle": WLTC | {"repeat": 56}},
            "spec.protocol.driveCycle.repeat: gives 1008056 points, more than 1000000: repeat it less often",
        ),
        (
            {"driveCycle": WLTC | {"repeat": 10_000}},
            "spec.protocol.driveCycle.repeat: gives 180010000 points",
        ),
        (
            profile("0,1\n31536000,1\n", repeat=2),
            "spec.protocol.profile.repeat: gives 6.3072e+07 s, more than a year: repeat it less often",
        ),
        (
            constant_current(200, 60),
            "spec.protocol.constantCurrent.currentAmperes: up to 200 A is 40 C for a cell of 5 A.h, but "
            "these "
            "models are meant for at most 30 C",
        ),
        ({"constantCurrent": {"cRate": -31, **MINUTE}}, "spec.protocol.constantCurrent.cRate: up to 155 A"),
        ({"cccv": {"chargeCRate": 31}}, "spec.protocol.cccv.chargeCRate: up to 155 A"),
        ({"driveCycle": {"name": "US06", "scale": 20}}, "spec.protocol.driveCycle.scale: up to 162 A"),
        ({"driveCycle": {"name": "WLTC", "scale": 1}}, "spec.protocol.driveCycle.scale: up to 1.03e+04 A"),
    ],
)
def test_what_is_wrong_is_named(protocol: Json, message: str) -> None:
    assert told(protocol=protocol).startswith(message)


@pytest.mark.parametrize(
    "spec",
    [
        {"protocol": {"constantVoltage": {"volts": 4.4, **MINUTE}}, "cutOffPolicy": {"upper": "Ignore"}},
        {"protocol": {"constantVoltage": {"volts": 4.4, **MINUTE}}, "cell": {"upperCutoffVolts": 4.4}},
        {"protocol": {"constantVoltage": {"volts": 4.2, **MINUTE}}},
        {"protocol": {"cccv": {"chargeCRate": 1}}},
        {"protocol": profile("0,4.1\n60,4.3\n", "Voltage")},
        {"protocol": {"driveCycle": WLTC | {"repeat": 55}}},
        {"protocol": constant_current(150, 60)},
        {"protocol": constant_current(200, 60), "cell": {"nominalCapacityAmpereHours": 50}},
        {"protocol": {"profile": {"quantity": "Current", "configMapKeyRef": {"name": "drives", "key": "a"}}}},
    ],
)
def test_what_is_right_or_not_yet_known_is_not_refused(spec: Json) -> None:
    assert spec_of(**spec)


@pytest.mark.parametrize("output", [{"points": 5}, {"periodSeconds": 5}, {"solverPoints": True}])
def test_an_impedance_has_no_points_of_time(output: Json) -> None:
    (field,) = output

    assert told(protocol={"impedance": {}}, output=output) == (
        f"spec.output.{field}: is for a result over time, which an impedance does not have: remove it"
    )


def test_a_cut_off_of_0_volts_is_a_cut_off() -> None:
    """2 V is below Chen2020's own 2.5 V, but not below the one that is given."""
    hold = {"constantVoltage": {"volts": 2.0, **MINUTE}}

    assert spec_of(cell={"lowerCutoffVolts": 0}, protocol=hold).cell.lower_cutoff_volts == 0


def test_an_impedance_has_its_own_columns() -> None:
    assert told(protocol={"impedance": {}}, output={"variables": ["Power [W]"]}).startswith(
        "spec.output.variables:"
    )


def test_an_impedance_needs_the_surfaces_of_the_particles() -> None:
    model = {"family": "SPM", "options": {"surface form": "false"}}

    assert told(model=model, protocol={"impedance": {}}).startswith("spec.model.options['surface form']:")
