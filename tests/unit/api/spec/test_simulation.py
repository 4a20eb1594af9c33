"""What a spec is worth: defaults, its physics, and a way to JSON and back that loses nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from batterysim.checks.validation import parse_spec
from batterysim.spec.simulation import BatterySimulationSpec
from tests.builders import constant_current, raw_spec, spec_of, us06

positive = st.floats(min_value=0.001, max_value=10, allow_nan=False)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw an object that has some of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


cells = st.builds(
    lambda cell, cut_offs: {"parameterSet": "Chen2020", **cell, **cut_offs},
    optional(
        initialStateOfCharge=st.floats(0, 1),
        ambientTemperatureCelsius=st.floats(-60, 120),
        nominalCapacityAmpereHours=positive,
        parameters=optional(
            **{
                "Separator thickness [m]": st.floats(1e-6, 1e-3),
                "Negative electrode thickness [m]": st.floats(1e-6, 1e-3),
            }
        ),
    ),
    st.one_of(st.just({}), st.just({"lowerCutoffVolts": 2.7}), st.just({"upperCutoffVolts": 4.1})),
)
protocols = st.one_of(st.builds(constant_current, st.floats(-100, 100), st.floats(1, 1e6)), st.just(us06()))
specs = st.builds(
    lambda rest, cell, protocol: {**rest, "cell": cell, "protocol": protocol},
    optional(
        model=optional(family=st.sampled_from(["SPM", "SPMe", "DFN"])),
        cutOffPolicy=optional(
            lower=st.sampled_from(["Stop", "Ignore"]), upper=st.sampled_from(["Stop", "Ignore"])
        ),
        solver=optional(relativeTolerance=st.floats(1e-12, 1e-2), absoluteTolerance=st.floats(1e-14, 1e-2)),
        output=st.one_of(optional(points=st.integers(2, 1000)), optional(periodSeconds=st.floats(10, 100))),
        run=optional(retries=st.integers(0, 20), deadlineSeconds=st.integers(1, 100)),
        callback=st.just({"url": "https://jobs.example.com/results"}),
    ),
    cells,
    protocols,
)


def through_json(value: object) -> Any:
    return json.loads(json.dumps(value))


@given(specs)
def test_a_spec_survives_json(raw: dict[str, Any]) -> None:
    spec = parse_spec(raw)

    assert parse_spec(through_json(spec.to_json_dict())) == spec


@given(specs)
def test_the_runner_gets_the_same_physics(raw: dict[str, Any]) -> None:
    """The operator writes `physics()` on the pod, the runner parses it and hashes its own `physics()`."""
    physics = parse_spec(raw).physics()

    assert parse_spec(through_json(physics)).physics() == physics


def test_physics_leaves_out_who_is_told_and_how_it_is_run() -> None:
    told = spec_of(callback={"url": "https://jobs.example.com/r"}, run={"retries": 7})

    assert told.physics() == spec_of().physics()
    assert set(told.physics()) == {"model", "cell", "protocol", "cutOffPolicy", "solver", "output"}


def test_writing_a_default_down_changes_no_physics() -> None:
    written = spec_of(model={"family": "DFN"}, cutOffPolicy={"lower": "Stop"}, cell={"parameters": {}})

    assert written.physics() == spec_of().physics()


def test_whole_numbers_and_floats_are_the_same_physics() -> None:
    assert (
        spec_of(protocol=constant_current(5, 3600)).physics()
        == spec_of(protocol=constant_current(5.0, 3600.0)).physics()
    )


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"family": "SPM"}},
        {"protocol": constant_current(5.0000001, 3600)},
        {"cell": {"initialStateOfCharge": 0.8}},
        {"solver": {"relativeTolerance": 1e-5}},
        {"output": {"points": 11}},
        {"cutOffPolicy": {"upper": "Ignore"}},
    ],
)
def test_each_part_of_the_physics_counts(change: dict[str, Any]) -> None:
    assert spec_of(**change).physics() != spec_of().physics()


def test_a_spec_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        spec_of().model.family = "SPM"  # type: ignore[misc]


def test_python_users_write_snake_case() -> None:
    from_python = BatterySimulationSpec.model_validate(
        {
            "cell": {"parameter_set": "Chen2020"},
            "protocol": {"constant_current": {"current_amperes": 5, "duration_seconds": 3600}},
        }
    )

    assert from_python == parse_spec(raw_spec())
