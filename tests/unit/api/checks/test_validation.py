"""Each mistake in a spec is told by its field, its value and the way out."""

from typing import Any

import pytest

from batterysim.checks.validation import parse_spec
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError
from tests.builders import Json, constant_current, raw_spec, us06

PROTOCOLS = (
    "constantCurrent, constantPower, constantVoltage, cccv, rest, driveCycle, profile, "
    "experiment and impedance"
)


def problems_of(spec: Any) -> list[str]:
    """Return what is said about a spec that cannot be run."""
    with pytest.raises(InvalidSpecError) as caught:
        parse_spec(spec)
    return [str(problem) for problem in caught.value.problems]


def test_the_minimal_spec_is_enough() -> None:
    spec = parse_spec(raw_spec())

    assert spec.model.family == "DFN"
    assert spec.cut_off_policy.lower == "Stop"
    assert (spec.solver.relative_tolerance, spec.solver.absolute_tolerance) == (1e-4, 1e-6)
    assert spec.run.retries == 2


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (
            raw_spec(cell={"voltage": 3}),
            "spec.cell.voltage: unknown field: remove it or correct its spelling",
        ),
        (
            raw_spec(protocol={"constantCurent": {}}),
            "spec.protocol.constantCurent: unknown field: did you mean 'constantCurrent'?",
        ),
        (
            raw_spec(run={"queueName": "Bad Name"}),
            "spec.run.queueName: must be letters, digits, '-', '_' and '.', with a letter or digit at both "
            "ends, not 'Bad Name'",
        ),
        (
            raw_spec(protocol={"experiment": {"steps": []}}),
            "spec.protocol.experiment.steps: must have at least 1 entry, not []",
        ),
        ({"protocol": constant_current(5, 60)}, "spec.cell: required, but absent: add it"),
        (
            raw_spec(model={"family": "P2D"}),
            "spec.model.family: 'P2D' is unknown: choose 'SPM', 'SPMe', 'DFN', 'MPM', 'MSMR', "
            "'NewmanTobias' or 'Thevenin'",
        ),
        (
            raw_spec(cell={"parameterSet": "Chen2021"}),
            "spec.cell.parameterSet: did you mean 'Chen2020'? 'Chen2021' is unknown: choose "
            "'Ai2020', 'Chen2020', 'Chen2020_composite', "
            "'ECM_Example', 'Ecker2015', 'Ecker2015_graphite_halfcell', 'MSMR_Example', 'Marquis2019', "
            "'Mohtat2020', 'NCA_Kim2011', 'OKane2022', 'OKane2022_graphite_SiOx_halfcell', 'ORegan2022', "
            "'Prada2013', 'Ramadass2004' or 'Xu2019'",
        ),
        (
            raw_spec(protocol={"driveCycle": {"name": "US07"}}),
            "spec.protocol.driveCycle.name: did you mean 'US06'? 'US07' is unknown: choose 'US06', "
            "'UDDS' or 'WLTC'",
        ),
        (
            raw_spec(protocol=constant_current(5, -1)),
            "spec.protocol.constantCurrent.durationSeconds: must be greater than 0, not -1",
        ),
        (
            raw_spec(protocol=constant_current(float("nan"), 60)),
            "spec.protocol.constantCurrent.currentAmperes: must be a finite number, not nan",
        ),
        (
            raw_spec(protocol=constant_current(float("-inf"), 60)),
            "spec.protocol.constantCurrent.currentAmperes: must be a finite number, not -inf",
        ),
        (
            raw_spec(cell={"parameters": {"Contact resistance [Ohm]": float("inf")}}),
            "spec.cell.parameters.Contact resistance [Ohm]: must be a finite number, not inf",
        ),
        (
            raw_spec(protocol={"constantCurrent": {"currentAmperes": "five", "durationSeconds": 60}}),
            "spec.protocol.constantCurrent.currentAmperes: must be a number, not 'five'",
        ),
        (
            raw_spec(run={"retries": 1.5}),
            "spec.run.retries: must be a whole number, not 1.5",
        ),
        (
            raw_spec(callback={"url": "ftp://jobs.example.com"}),
            "spec.callback.url: must be a URL that begins with http:// or https://, not 'ftp://jobs.example.com'",
        ),
        (
            raw_spec(run={"resources": {"limits": {"memory": "much"}}}),
            "spec.run.resources.limits.memory: must be an amount such as 500m, 2 or 512Mi, not 'much'",
        ),
        (
            raw_spec(run={"resources": {"requests": {"cpu": -1}}}),
            "spec.run.resources.requests.cpu: must be an amount such as 500m, 2 or 512Mi, not -1",
        ),
        (
            raw_spec(run={"resources": {"requests": {"cpu": True}}}),
            "spec.run.resources.requests.cpu: must be an amount such as 500m, 2 or 512Mi, not True",
        ),
    ],
)
def test_a_wrong_field_is_named(spec: Json, problem: str) -> None:
    assert problems_of(spec) == [problem]


@pytest.mark.parametrize("spec", [None, "DFN", 5, []])
def test_what_is_no_spec_at_all_is_refused(spec: Any) -> None:
    (problem,) = problems_of(spec)

    assert problem.startswith("spec: must be an object with fields, not")


def test_all_problems_are_told_at_once() -> None:
    told = problems_of(raw_spec(model={"family": "P2D"}, cell={"initialStateOfCharge": 2}))

    assert [problem.split(":")[0] for problem in told] == [
        "spec.model.family",
        "spec.cell.initialStateOfCharge",
    ]


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (
            raw_spec(cell={"lowerCutoffVolts": 4.2, "upperCutoffVolts": 2.5}),
            "spec.cell: lowerCutoffVolts (4.2) must be below upperCutoffVolts (2.5): "
            "swap them or correct one",
        ),
        (
            raw_spec(cell={"lowerCutoffVolts": 3.0, "upperCutoffVolts": 3.0}),
            "spec.cell: lowerCutoffVolts (3) must be below upperCutoffVolts (3): swap them or correct one",
        ),
        (
            raw_spec(protocol={}),
            f"spec.protocol: set exactly one of {PROTOCOLS}",
        ),
        (
            raw_spec(protocol=constant_current(5, 60) | {"driveCycle": {"name": "US06"}}),
            f"spec.protocol: set exactly one of {PROTOCOLS}",
        ),
        (
            raw_spec(protocol={"experiment": {"steps": ["Rest for 1 hour"]}}, output={"points": 11}),
            "spec: output.points is not for cccv or experiment: set output.periodSeconds instead",
        ),
        (
            raw_spec(output={"points": 11, "periodSeconds": 1}),
            "spec.output: set at most one of points, periodSeconds and solverPoints",
        ),
    ],
)
def test_rules_across_fields_hold_without_an_api_server(spec: Json, problem: str) -> None:
    assert problems_of(spec) == [problem]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (
            {"lowerCutoffVolts": 4.3},
            "spec.cell.lowerCutoffVolts: the lower cut-off (4.3 V) must be below the upper one (4.2 V); "
            "a cut-off that is not given is Chen2020's own",
        ),
        (
            {"upperCutoffVolts": 2.4},
            "spec.cell.upperCutoffVolts: the lower cut-off (2.5 V) must be below the upper one (2.4 V); "
            "a cut-off that is not given is Chen2020's own",
        ),
    ],
)
def test_one_cut_off_is_checked_against_the_parameter_sets_own(cell: Json, problem: str) -> None:
    assert problems_of(raw_spec(cell=cell)) == [problem]


def test_cut_offs_that_cross_only_the_sets_own_are_fine_when_both_are_given() -> None:
    spec = parse_spec(raw_spec(cell={"lowerCutoffVolts": 4.3, "upperCutoffVolts": 4.5}))

    assert (spec.cell.lower_cutoff_volts, spec.cell.upper_cutoff_volts) == (4.3, 4.5)


@pytest.mark.parametrize(
    ("name", "reason", "message"),
    [
        (
            "Negative electrode thicknes [m]",
            FailureReason.UNKNOWN_PARAMETER,
            "Chen2020 has no such parameter; use 'Negative electrode thickness [m]' or "
            "'Positive electrode thickness [m]' or 'Negative current collector thickness [m]'",
        ),
        (
            "zzz",
            FailureReason.UNKNOWN_PARAMETER,
            "Chen2020 has no such parameter; use one of its own names",
        ),
        (
            "Positive electrode OCP [V]",
            FailureReason.INVALID_SPEC,
            "a potential that does not change has no state of charge: give a formula or a table in "
            "spec.cell.functions",
        ),
        (
            "Upper voltage cut-off [V]",
            FailureReason.INVALID_SPEC,
            "set spec.cell.upperCutoffVolts instead and remove this",
        ),
        (
            "Current function [A]",
            FailureReason.INVALID_SPEC,
            "set spec.protocol instead and remove this",
        ),
        (
            "Number of cells connected in series to make a battery",
            FailureReason.INVALID_SPEC,
            "set spec.pack.seriesCount instead and remove this",
        ),
    ],
)
def test_a_parameter_that_cannot_be_overridden(name: str, reason: FailureReason, message: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse_spec(raw_spec(cell={"parameters": {name: 1.0}}))

    assert caught.value.reason == reason
    assert str(caught.value) == f"spec.cell.parameters[{name!r}]: {message}"


def test_a_result_with_too_many_points_is_refused() -> None:
    """A point each millisecond of a year would fill the memory of any node, once for each retry."""
    told = problems_of(raw_spec(protocol=constant_current(0, 31_536_000), output={"periodSeconds": 0.001}))

    assert told == [
        "spec.output.periodSeconds: 0.001 s over 3.1536e+07 s gives 31536000001 points, "
        "more than 1000000: use a longer period"
    ]


@pytest.mark.parametrize("protocol", [constant_current(5, 999), us06()], ids=["constant", "cycle"])
def test_a_point_each_millisecond_of_a_short_run_is_fine(protocol: Json) -> None:
    assert parse_spec(raw_spec(protocol=protocol, output={"periodSeconds": 0.001})).output.points is None
