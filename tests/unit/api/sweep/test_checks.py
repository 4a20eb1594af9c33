"""A wrong sweep is rejected before anything is solved, with words that say what to change."""

from typing import Any

import pytest

from batterysim.problem import InvalidSpecError
from batterysim.spec.documents.contents import ContentReference
from batterysim.sweep.checks import parse_sweep
from batterysim.sweep.cluster.checks import check_for_cluster
from batterysim.sweep.units import unit_of
from tests.builders import Json
from tests.unit.api.sweep.builders import C_RATE, THICKNESS, raw_sweep, sweep_of

RATES: Json = {"field": C_RATE, "values": [0.5, 1]}
VOLTAGE: Json = {"name": "rmse", "column": "Voltage [V]", "statistic": "RootMeanSquare"}


def problems(raw: Json) -> list[str]:
    with pytest.raises(InvalidSpecError) as error:
        parse_sweep(raw)
    return [str(problem) for problem in error.value.problems]


def test_a_sweep_of_all_kinds_of_values_is_valid() -> None:
    spec = sweep_of(
        {"field": "model.family", "words": ["SPM", "SPMe"]},
        {"field": "cell.ambientTemperatureCelsius", "range": {"from": 0, "to": 45}},
        {
            "parameter": "Positive particle diffusivity [m2.s-1]",
            "factors": {"from": 0.5, "to": 2, "scale": "Log"},
        },
        {"parameter": THICKNESS, "distribution": {"logNormal": {"median": 8.5e-5, "factor": 1.05}}},
        design={"sobol": {"points": 64, "seed": 42}},
        metrics=[VOLTAGE | {"against": {"csv": "Time [s],Voltage [V]\n0,4.1\n60,4.0"}}],
        objective={"metric": "rmse", "goal": "Minimise"},
        run={"pointTimeoutSeconds": 60, "maxFailedPoints": 100},
    )

    assert [variation.name for variation in spec.vary][3] == THICKNESS


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"vary": [{"field": "cell.soc", "values": [1]}]}, "spec.vary.0.field: 'cell.soc' is no field"),
        ({"vary": [RATES, RATES]}, "spec.vary: 'cRate' varies twice: remove one"),
        (
            {"vary": [{"parameter": "Negative electrode thicknes [m]", "values": [1e-4]}]},
            "spec.vary: the point Negative electrode thicknes [m] = 0.0001 is not valid: spec.cell.parameters"
            "['Negative electrode thicknes [m]']: Chen2020 has no such parameter; use "
            "'Negative electrode thickness [m]'",
        ),
        (
            {"vary": [{"field": "cell.initialStateOfCharge", "values": [0.5, 1.5]}]},
            "spec.vary: the point cell.initialStateOfCharge = 1.5 is not valid: "
            "spec.cell.initialStateOfCharge: must be at most 1, not 1.5",
        ),
        (
            {"vary": [{"field": C_RATE, "range": {"from": 1, "to": 2}}]},
            "spec.vary.0.range.points: required for grid and zip, but absent: add it",
        ),
        (
            {"vary": [{"field": C_RATE, "distribution": {"normal": {"mean": 1, "standardDeviation": 0.1}}}]},
            "spec.vary.0.distribution: grid and zip take written values: write values or a range, or use a "
            "design such as sobol",
        ),
        (
            {"vary": [RATES, {"parameter": THICKNESS, "values": [8e-5]}], "design": {"zip": {}}},
            "spec.vary: zip needs the same number of values of each: 'protocol.constantCurrent.cRate' has 2, "
            "'Negative electrode thickness [m]' has 1",
        ),
        (
            {
                "vary": [
                    {"field": "pack.cells", "values": [1]},
                ]
            },
            "spec.vary.0.field: 'pack.cells' is no field",
        ),
        (
            {"vary": [{"field": "cell.initialVolts", "factors": {"from": 1, "to": 2, "points": 2}}]},
            "spec.vary.0.factors: the value of 'cell.initialVolts' by itself is not a known number",
        ),
        (
            {"design": {"saltelli": {"baseSamples": 100}}},
            "spec.design.saltelli.baseSamples: 100 is no power of two: use 64 or 128",
        ),
        (
            {"vary": [{"field": C_RATE, "values": [1, 2]}], "design": {"morris": {"trajectories": 4}}},
            "spec.vary.0.values: morris goes in steps through a range: write range or factors",
        ),
        (
            {"vary": [], "design": {"table": {"csv": f"{C_RATE}\n1\n1,2"}}},
            "spec.design.table.csv: line 3: has 2 cells below 1 headings: write one for each",
        ),
        (
            {"vary": [], "design": {"table": {"csv": "protocol.constantCurrent.cRat\n1"}}},
            "spec.design.table.csv: line 1: 'protocol.constantCurrent.cRat' is no field of a simulation: use "
            "'protocol.constantCurrent.cRate'",
        ),
        (
            {"metrics": [{"name": "v", "column": "Voltge [V]", "statistic": "Max"}]},
            "spec.metrics.0.column: 'Voltge [V]' is no column of the result: use 'Voltage [V]'",
        ),
        (
            {"metrics": [VOLTAGE | {"name": "endVolts"}]},
            "spec.metrics.0.name: the table already has a column 'endVolts': use another name",
        ),
        (
            {"metrics": [VOLTAGE | {"against": {"csv": "0,4.1\n0,4.0"}}]},
            "spec.metrics.0.against.csv: line 2: time 0 does not come after 0",
        ),
        (
            {"objective": {"metric": "endVolt", "goal": "Maximise"}},
            "spec.objective.metric: 'endVolt' is no metric and no number of the summary: use 'endVolts'",
        ),
        (
            {
                "simulation": {
                    "cell": {"parameterSet": "Chen2021"},
                    "protocol": {"rest": {"durationSeconds": 1}},
                }
            },
            "spec.simulation.cell.parameterSet: ",
        ),
        ({"simulation": raw_sweep()["simulation"] | {"run": {}}}, "spec.simulation.run: unknown field"),
    ],
)
def test_what_is_wrong_is_named(change: Json, expected: str) -> None:
    found = problems(raw_sweep(RATES) | change)

    assert found[0].startswith(expected)


@pytest.mark.parametrize("raw", [None, [], "grid", 5])
def test_a_spec_has_fields(raw: Any) -> None:
    for check in (parse_sweep, check_for_cluster):
        with pytest.raises(InvalidSpecError, match=r"^spec: must be an object with fields"):
            check(raw)


def test_measured_data_are_for_a_metric() -> None:
    raw = raw_sweep(RATES)
    raw["simulation"]["output"] = {"measured": [{"csv": "0,4\n1,4"}]}

    assert problems(raw) == [
        "spec.simulation.output.measured: is for one simulation: give the data to a metric of the sweep, as "
        "spec.metrics[].against"
    ]


def test_a_metric_reads_files_of_many_columns() -> None:
    bdf = "Test Time / s,Voltage / V,Current / A\n0,4.1,-5\n60,4.0,-5"

    assert sweep_of(RATES, metrics=[VOLTAGE | {"against": {"csv": bdf}}])


def test_a_grid_has_a_limit() -> None:
    values = [{"from": 0.5, "to": 1, "points": 100_000}, {"from": 0, "to": 45, "points": 100_000}]
    vary = [
        {"field": C_RATE, "range": values[0]},
        {"field": "cell.ambientTemperatureCelsius", "range": values[1]},
    ]

    assert problems(raw_sweep(*vary)) == [
        "spec.design: gives 10000000000 points, more than 10000000: use fewer values"
    ]


def test_contents_are_read_from_where_they_are() -> None:
    def read(reference: ContentReference) -> str:
        return {"points.csv": f"{C_RATE}\n1\n2\n", "run1.csv": "0,4.2\n60,4.1"}[reference.key]

    reference: dict[str, Any] = {"configMapKeyRef": {"name": "lab", "key": "points.csv"}}
    measured = {"configMapKeyRef": {"name": "lab", "key": "run1.csv"}}
    raw = raw_sweep(design={"table": reference}, metrics=[VOLTAGE | {"against": measured}])

    spec = parse_sweep(raw, read)

    assert spec.design.table is not None
    assert spec.design.table.csv == f"{C_RATE}\n1\n2\n"
    assert spec.metrics[0].against is not None
    assert spec.metrics[0].against.csv == "0,4.2\n60,4.1"
    assert parse_sweep(raw).design.table == spec.design.table.model_validate(reference)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        (C_RATE, "1"),
        (THICKNESS, "m"),
        ("cell.parameters['Negative electrode thickness [m]']", "m"),
        ("cell.ambientTemperatureCelsius", "degC"),
        ("dischargeEnergyWattHours", "W.h"),
        ("discharged_ampere_hours", "1"),
        ("endVolts", "V"),
        ("maxCRate", "1"),
        ("model.family", "1"),
    ],
)
def test_a_column_has_the_unit_of_its_name(name: str, unit: str) -> None:
    assert unit_of(name) == unit
