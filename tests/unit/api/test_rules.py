"""Each rule across fields is the same for the API server, in CEL, and for us, in Python."""

from collections.abc import Iterator
from typing import Any

import cel
import pytest

from batterysim.contract import Contract
from batterysim.crd import build_crd, build_sweep_crd
from batterysim.spec.cell import Bpx, Cell
from batterysim.spec.cell_function import CellFunction
from batterysim.spec.measured import Measured, MeasuredSeries
from batterysim.spec.pack import Pack
from batterysim.spec.protocols.drive_cycle import DriveCycle
from batterysim.spec.protocols.experiment import Block, Condition, Experiment, Step
from batterysim.spec.protocols.profile import Profile
from batterysim.spec.protocols.protocol import (
    PROTOCOL_KINDS,
    Cccv,
    ConstantCurrent,
    FrequencyRange,
    Protocol,
)
from batterysim.spec.simulation import BatterySimulationSpec, Output
from batterysim.spec.temperature_profile import TemperatureProfile
from batterysim.sweep.design import Design, Table
from batterysim.sweep.metric import Metric
from batterysim.sweep.run_policy import SweepRun
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.variation import Distribution, Interval, Normal, Variation
from tests.builders import Json, raw_spec
from tests.unit.api.sweep.builders import raw_sweep

SIMPLEST: dict[str, Json] = {
    "constantCurrent": {"currentAmperes": 5, "durationSeconds": 60},
    "constantPower": {"powerWatts": 5, "durationSeconds": 60},
    "constantVoltage": {"volts": 4, "durationSeconds": 60},
    "cccv": {"chargeCRate": 1},
    "rest": {"durationSeconds": 60},
    "driveCycle": {"name": "US06"},
    "profile": {"quantity": "Current", "csv": "0,1\n1,1"},
    "experiment": {"steps": ["Rest for 1 hour"]},
    "impedance": {},
}
REFERENCE = {"name": "a", "key": "b"}
STOICHIOMETRY = {"positive": 0.4}
TWO = {"seriesCount": 1, "parallelCount": 2}

GOOD: list[tuple[type[Contract], Json]] = [
    *((Protocol, {name: fields}) for name, fields in SIMPLEST.items()),
    (ConstantCurrent, {"cRate": 1, "durationSeconds": 1}),
    (Cccv, {"chargeCurrentAmperes": 1}),
    (DriveCycle, {"name": "US06"}),
    (DriveCycle, {"name": "WLTC", "scale": 0.00025}),
    (Profile, {"quantity": "Power", "configMapKeyRef": REFERENCE}),
    (Profile, {"quantity": "Power", "csv": "0,1\n1,1"}),
    (Step, {"cRate": 1}),
    (Step, {"text": "Rest for 1 hour"}),
    (Experiment, {"structuredSteps": [{"rest": True, "durationSeconds": 1}]}),
    (Experiment, {"blocks": [{"steps": ["Rest for 1 hour"]}]}),
    (Block, {"steps": ["Rest for 1 hour"], "fromCycle": 2, "toCycle": 2}),
    (Block, {"structuredSteps": [{"rest": True, "durationSeconds": 1}], "toCycle": 1}),
    (Condition, {"variable": "Voltage [V]", "below": 0}),
    (CellFunction, {"expression": "x", "scale": 2}),
    (CellFunction, {"scale": 2}),
    (CellFunction, {"table": "0,1\n1,2", "interpolation": "Pchip"}),
    (CellFunction, {"configMapKeyRef": REFERENCE, "interpolation": "Cubic"}),
    (TemperatureProfile, {"csv": "0,1\n1,1"}),
    (FrequencyRange, {}),
    (Bpx, {"configMapKeyRef": REFERENCE}),
    (Cell, {"parameterSet": "Chen2020", "lowerCutoffVolts": 2.5, "upperCutoffVolts": 4.2}),
    (Cell, {"parameterSet": "Chen2020", "upperCutoffVolts": 4.2}),
    (Cell, {"preset": "LGM50", "initialVolts": 4}),
    (Output, {}),
    (Output, {"points": 5}),
    (Pack, {}),
    (Pack, {"seriesCount": 100, "parallelCount": 2}),
    (Pack, {**TWO, "cells": [{"series": 1, "parallel": 2}]}),
    (BatterySimulationSpec, raw_spec(output={"points": 5})),
    (BatterySimulationSpec, raw_spec(protocol={"experiment": SIMPLEST["experiment"]})),
]
VARIATION = {"field": "cell.initialVolts", "values": [4]}
METRIC = {"name": "v", "column": "Voltage [V]"}
NORMAL = {"mean": 1, "standardDeviation": 0.1}
GOOD += [
    (Interval, {"from": 1, "to": 2, "scale": "Log"}),
    (Interval, {"from": -1, "to": 0}),
    (Normal, NORMAL),
    (Normal, {**NORMAL, "lowest": 0.5, "highest": 2}),
    (Distribution, {"normal": NORMAL}),
    (Variation, VARIATION),
    (Design, {"sobol": {"points": 8}}),
    (Table, {"csv": "a\n1"}),
    (Measured, {"configMapKeyRef": REFERENCE}),
    (MeasuredSeries, {"quantity": "Current", "csv": "0,1\n1,1"}),
    (Metric, {**METRIC, "atSeconds": 600}),
    (Metric, {**METRIC, "statistic": "Mean", "against": {"csv": "0,1\n1,1"}}),
    (SweepRun, {"queueName": "lab"}),
    (SweepRun, {"suspend": True}),
    (BatterySweepSpec, raw_sweep(VARIATION)),
    (BatterySweepSpec, raw_sweep(VARIATION, series={"keep": "All"})),
    (BatterySweepSpec, raw_sweep(design={"table": {"csv": "cell.initialVolts\n4"}})),
]
BAD: list[tuple[type[Contract], Json]] = [
    (Protocol, {}),
    *(
        (Protocol, {name: fields, "rest": SIMPLEST["rest"]})
        for name, fields in SIMPLEST.items()
        if name != "rest"
    ),
    (ConstantCurrent, {"durationSeconds": 1}),
    (ConstantCurrent, {"cRate": 1, "currentAmperes": 1, "durationSeconds": 1}),
    (Cccv, {}),
    (DriveCycle, {"name": "WLTC"}),
    (Profile, {"quantity": "Power"}),
    (Step, {}),
    (Step, {"rest": True, "volts": 4}),
    (Experiment, {}),
    (Experiment, {"steps": ["Rest for 1 hour"], "blocks": [{"steps": ["Rest for 1 hour"]}]}),
    (Block, {"repeat": 2}),
    (Block, {"steps": ["Rest for 1 hour"], "fromCycle": 3, "toCycle": 2}),
    (Condition, {"variable": "Voltage [V]"}),
    (Condition, {"variable": "Voltage [V]", "above": 4, "below": 3}),
    (CellFunction, {}),
    (CellFunction, {"expression": "x", "table": "0,1\n1,2"}),
    (CellFunction, {"expression": "x", "interpolation": "Linear"}),
    (CellFunction, {"scale": 2, "interpolation": "Linear"}),
    (FrequencyRange, {"lowestHertz": 1e5}),
    (FrequencyRange, {"lowestHertz": 1e4}),
    (Bpx, {}),
    (TemperatureProfile, {}),
    (
        Cell,
        {
            "parameterSet": "Chen2020",
            "ambientTemperatureCelsius": 5,
            "ambientTemperatureProfile": {"csv": "0,1"},
        },
    ),
    (Cell, {}),
    (Cell, {"parameterSet": "Chen2020", "preset": "LGM50"}),
    (Cell, {"parameterSet": "Chen2020", "initialVolts": 4, "initialStateOfCharge": 0.5}),
    (Cell, {"parameterSet": "Chen2020", "initialVolts": 4, "initialStoichiometry": STOICHIOMETRY}),
    (Cell, {"parameterSet": "Chen2020", "lowerCutoffVolts": 4.2, "upperCutoffVolts": 4.2}),
    (Output, {"points": 5, "periodSeconds": 1}),
    (Pack, {"seriesCount": 101, "parallelCount": 4}),
    (Pack, {**TWO, "cells": [{"series": 2, "parallel": 1}]}),
    (Pack, {**TWO, "cells": [{"series": 1, "parallel": 3}]}),
    (BatterySimulationSpec, raw_spec(protocol={"cccv": {"chargeCRate": 1}}, output={"points": 5})),
    (Interval, {"from": 2, "to": 2}),
    (Interval, {"from": 0, "to": 2, "scale": "Log"}),
    (Normal, {**NORMAL, "lowest": 2, "highest": 2}),
    (Distribution, {}),
    (Variation, {"field": "cell.initialVolts"}),
    (Variation, {**VARIATION, "parameter": "Contact resistance [Ohm]"}),
    (Design, {}),
    (Design, {"grid": {}, "zip": {}}),
    (Table, {}),
    (Measured, {}),
    (MeasuredSeries, {"csv": "0,1", "configMapKeyRef": REFERENCE}),
    (Metric, METRIC),
    (Metric, {**METRIC, "atSeconds": 1, "against": {"csv": "0,1\n1,1"}}),
    (SweepRun, {"suspend": True, "queueName": "lab"}),
    (BatterySweepSpec, raw_sweep()),
    (BatterySweepSpec, raw_sweep(VARIATION, series={"keep": "Best"})),
    (BatterySweepSpec, raw_sweep(VARIATION, design={"table": {"csv": "cell.initialVolts\n4"}})),
]


def unchecked(kind: type[Contract], fields: Json, monkeypatch: pytest.MonkeyPatch) -> Contract:
    with monkeypatch.context() as patch:
        for each in all_kinds(Contract):
            patch.setattr(each, "rules", ())
        return kind.model_validate(fields)


def broken(kind: type[Contract], spec: Contract) -> tuple[list[str], list[str]]:
    """Return the messages of the rules that are broken, for the API server and for us."""
    values = spec.to_json_dict()
    in_cel = [rule.message for rule in kind.rules if not cel.evaluate(rule.cel, {"self": values})]
    return in_cel, [rule.message for rule in kind.rules if not rule.holds(spec)]


def all_kinds(kind: type[Contract]) -> Iterator[type[Contract]]:
    """Yield every type of the contract."""
    for child in kind.__subclasses__():
        yield child
        yield from all_kinds(child)


def named(cases: list[tuple[type[Contract], Json]]) -> list[Any]:
    return [pytest.param(kind, fields, id=f"{kind.__name__} {fields}"[:70]) for kind, fields in cases]


@pytest.mark.parametrize(("kind", "fields"), named(GOOD))
def test_what_is_right_is_right_for_both(
    kind: type[Contract], fields: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert broken(kind, unchecked(kind, fields, monkeypatch)) == ([], [])
    assert kind.model_validate(fields)


@pytest.mark.parametrize(("kind", "fields"), named(BAD))
def test_what_is_wrong_is_wrong_for_both(
    kind: type[Contract], fields: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_cel, in_python = broken(kind, unchecked(kind, fields, monkeypatch))

    assert in_cel == in_python
    assert in_cel
    with pytest.raises(ValueError, match="Value error"):
        kind.model_validate(fields)


def test_every_rule_is_seen_to_be_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = {
        message for kind, fields in BAD for message in broken(kind, unchecked(kind, fields, monkeypatch))[0]
    }

    assert messages == {rule.message for kind in all_kinds(Contract) for rule in kind.rules}


def test_every_rule_is_in_the_crd() -> None:
    def rules(schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            yield from (rule["message"] for rule in schema.get("x-kubernetes-validations", ()))
            for part in schema.values():
                yield from rules(part)
        elif isinstance(schema, list):
            for part in schema:
                yield from rules(part)

    crds = [build_crd(), build_sweep_crd()]
    assert {rule.message for kind in all_kinds(Contract) for rule in kind.rules} <= set(rules({"crds": crds}))


def test_a_lock_of_the_physics_tells_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    (lock,) = build_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["x-kubernetes-validations"]
    old = {
        "spec": BatterySimulationSpec.model_validate(raw_spec()).to_json_dict(),
        "status": {"jobName": "a"},
    }

    def allows(**fields: Any) -> object:
        new = BatterySimulationSpec.model_validate(raw_spec(**fields)).to_json_dict()
        return cel.evaluate(lock["rule"], {"self": {**old, "spec": new}, "oldSelf": old})

    assert allows(run={"retries": 5})
    assert not allows(output={"points": 7})
    assert not allows(pack={})
    assert not allows(protocol={"rest": {"durationSeconds": 60}})


def test_a_started_sweep_is_locked_but_for_its_run() -> None:
    (lock,) = build_sweep_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"][
        "x-kubernetes-validations"
    ]

    def written(*vary: Json, **fields: Any) -> Json:
        return BatterySweepSpec.model_validate(raw_sweep(*vary, **fields)).to_json_dict()

    old = {"spec": written(VARIATION), "status": {"jobName": "a"}}

    def allows(spec: Json) -> object:
        return cel.evaluate(lock["rule"], {"self": {**old, "spec": spec}, "oldSelf": old})

    assert allows(written(VARIATION, run={"suspend": True}))
    assert not allows(written(VARIATION, metrics=[{**METRIC, "atSeconds": 600}]))
    assert not allows(written({"field": "cell.initialVolts", "values": [4.1]}))
    assert not allows(written(VARIATION, design={"zip": {}}))


def test_the_simplest_protocols_are_all() -> None:
    assert list(SIMPLEST) == list(PROTOCOL_KINDS)
