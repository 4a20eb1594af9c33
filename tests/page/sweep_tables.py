"""Tables of sweeps as shards store them, with numbers that a formula gives."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from batterysim.sweep.checks import parse_sweep
from batterysim_runner.sweep.design import Points
from batterysim_runner.sweep.row import Row
from batterysim_runner.sweep.table import SweepTable, write_parquet

Spec = dict[str, Any]
Outcome = Callable[[int, Mapping[str, Any]], Row]

CELL = {
    "model": {"family": "SPM"},
    "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0},
    "protocol": {"constantCurrent": {"cRate": 1, "durationSeconds": 7200}},
}
RATE, TEMPERATURE = "protocol.constantCurrent.cRate", "cell.ambientTemperatureCelsius"
RADIUS = "Positive particle radius [m]"
ENERGY = "dischargeEnergyWattHours"
PART_ROWS = 500
LARGE_PART_ROWS = 10_000

GRID: Spec = {
    "simulation": CELL,
    "vary": [
        {"field": RATE, "values": [0.5, 1, 2, 3]},
        {"field": TEMPERATURE, "values": [0, 10, 25, 40, 50]},
    ],
    "design": {"grid": {}},
    "objective": {"metric": ENERGY, "goal": "Maximise"},
}
SALTELLI: Spec = {
    "simulation": CELL,
    "vary": [
        {"field": RATE, "range": {"from": 0.5, "to": 2}},
        {"field": TEMPERATURE, "range": {"from": 0, "to": 50}},
        {"parameter": RADIUS, "factors": {"from": 0.8, "to": 1.2}},
    ],
    "design": {"saltelli": {"baseSamples": 64, "seed": 1}},
}


def many(points: int) -> Spec:
    """Return a spec of random points."""
    return {**SALTELLI, "design": {"random": {"points": points, "seed": 1}}}


def energy_of(values: Mapping[str, Any]) -> float:
    """Return an energy that falls with the rate and rises with the temperature, in W.h."""
    colder = (25 - values[TEMPERATURE]) / 100
    radius = values.get(RADIUS, 5.22e-6) / 5.22e-6
    return float(18 * math.exp(-0.2 * values[RATE]) - 2 * colder - 0.5 * radius * values[RATE])


def solved(number: int, values: Mapping[str, Any]) -> Row:
    """Return a point's result."""
    energy = energy_of(values)
    summary = {
        "endReason": "LowerCutOff",
        "dischargeEnergyWattHours": energy,
        "dischargeCapacityAmpereHours": energy / 3.6,
        "endVolts": 2.5,
        "internalResistanceOhms": 0.03 + number / 1e6,
        "endStateOfCharge": 0.02,
    }
    return Row(number, summary=summary)


def cold_ones_fail(number: int, values: Mapping[str, Any]) -> Row:
    """Return a point's result, or a failure where it is cold and fast."""
    if values[TEMPERATURE] < 5 and values[RATE] >= 3:
        return Row(number, "Infeasible", "the cell is at its lower cut-off at once: lower the rate")
    if values[TEMPERATURE] < 5 and values[RATE] >= 2:
        return Row(number, "SolverFailed", "the solver gives up at 12 s: <b>warm</b> the cell")
    return solved(number, values)


def slow_ones_fail(number: int, values: Mapping[str, Any]) -> Row:
    """Return a point's result, or a failure where its rate is low."""
    if values[RATE] < 0.6:
        return Row(number, "WallClockLimit", "it took longer than 60 s: raise pointTimeoutSeconds")
    return solved(number, values)


def parts_of(spec: Spec, outcome: Outcome, stop: int | None = None) -> Iterator[tuple[bytes, list[Row]]]:
    """Yield the parts of a table, as Parquet, up to a point."""
    parsed = parse_sweep(spec)
    points = Points(parsed)
    table = SweepTable(parsed, points, with_hash=False)
    names = [axis.name for axis in points.axes]
    count = points.count if stop is None else stop
    for start in range(0, count, PART_ROWS):
        numbers = range(start, min(start + PART_ROWS, count))
        values = points.of(numbers)
        rows = [outcome(number, dict(zip(names, values[number], strict=True))) for number in numbers]
        yield write_parquet(table.of_rows(rows)), rows


def large_parts(points: int) -> Iterator[tuple[bytes, int]]:
    """Yield the parts of a table of `many(points)`; every tenth point has failed. Nothing is solved."""
    spec = parse_sweep(many(points))
    schema = SweepTable(spec, Points(spec), with_hash=False).schema
    generator = np.random.default_rng(1)
    for start in range(0, points, LARGE_PART_ROWS):
        number = np.arange(start, min(start + LARGE_PART_ROWS, points))
        rate, temperature = generator.uniform(0.5, 2, len(number)), generator.uniform(0, 50, len(number))
        failed = number % 10 == 9
        energy = pa.array(18 * np.exp(-0.2 * rate) - (25 - temperature) / 50, mask=failed)
        known = {
            "point": pa.array(number),
            RATE: pa.array(rate),
            TEMPERATURE: pa.array(temperature),
            RADIUS: pa.array(np.full(len(number), 5.22e-6)),
            "status": pa.array(np.where(failed, "Failed", "Succeeded")),
            "reason": pa.array(np.where(failed, "Infeasible", ""), mask=~failed),
            ENERGY: energy,
        }
        arrays = [known.get(field.name, pa.nulls(len(number), field.type)) for field in schema]
        table = pa.Table.from_arrays(
            [array.cast(field.type) for array, field in zip(arrays, schema, strict=True)], schema=schema
        )
        yield write_parquet(table), len(number)


def status_of(spec: Spec, rows: list[Row], points: int) -> dict[str, Any]:
    """Return what the bridge says of these rows: how many have ended and failed, and the best of them."""
    failed = [row for row in rows if row.has_failed]
    status: dict[str, Any] = {
        "design": {"points": points},
        "progress": {
            "points": points,
            "done": len(rows),
            "failed": len(failed),
            "shards": 1,
            "shardsDone": 0,
        },
    }
    if failed:
        examples = [
            {"point": row.number, "reason": row.reason, "message": row.message} for row in failed[:10]
        ]
        status["failures"] = {"reasons": dict(Counter(row.reason for row in failed)), "examples": examples}
    if objective := spec.get("objective"):
        sign = -1 if objective["goal"] == "Maximise" else 1
        ranked = [
            (value, row.number) for row in rows if (value := row.value(objective["metric"])) is not None
        ]
        ranked.sort(key=lambda pair: sign * pair[0])
        of = Points(parse_sweep(spec))
        best = of.of([number for _, number in ranked[:10]])
        names = [axis.name for axis in of.axes]
        status["best"] = [
            {"point": number, "value": value, "values": dict(zip(names, map(str, best[number]), strict=True))}
            for value, number in ranked[:10]
        ]
    return status
