"""What the shards report, added up. It stays small whatever they report."""

import json
from typing import Any

from batterysim.sweep.cluster.tally import ShardTally, add_up
from batterysim.sweep.status import BestPoint, FailedPoint


def tally(**fields: Any) -> ShardTally:
    return ShardTally.model_validate({"designPoints": 100, "shards": 2, "points": 50} | fields)


def best(point: int, value: float) -> dict[str, Any]:
    return {"point": point, "value": value, "values": {"cRate": "1.0"}}


def test_counts_are_added() -> None:
    found = add_up(
        [
            tally(done=50, failed=3, reasons={"Infeasible": 2, "SolverFailed": 1}, isOver=True),
            tally(done=10, failed=1, reasons={"Infeasible": 1}, designSha256="a" * 64),
        ]
    )

    assert (found.design_points, found.done, found.failed, found.shards_done) == (100, 60, 4, 1)
    assert found.failures.reasons == {"Infeasible": 3, "SolverFailed": 1}
    assert found.design_sha256 == "a" * 64


def test_the_best_of_all_shards_come_first() -> None:
    first = tally(goal="Maximise", best=[best(3, 9.0), best(1, 7.0)])
    second = tally(goal="Maximise", best=[best(60, 8.0), best(70, 7.0)])

    assert [point.point for point in add_up([first, second]).best] == [3, 60, 1, 70]


def test_of_equal_points_the_first_is_the_best() -> None:
    found = add_up([tally(goal="Minimise", best=[best(9, 1.0)]), tally(goal="Minimise", best=[best(2, 1.0)])])

    assert [point.point for point in found.best] == [2, 9]


def test_nothing_is_ranked_without_a_goal() -> None:
    assert add_up([tally(done=3)]).best == []


def test_what_is_shown_of_many_long_points_has_16_kib_at_most() -> None:
    names = {
        f"a parameter with a long name, number {number} [m]": "1.2345678901234567e-05" for number in range(50)
    }
    shards = [
        ShardTally(
            design_points=10**7,
            shards=50,
            points=5000,
            done=5000,
            failed=2500,
            reasons={f"Reason{shard}{number}": 125 for number in range(20)},
            examples=[
                FailedPoint(point=number, reason="Infeasible", message="ü" * 500) for number in range(10)
            ],
            goal="Minimise",
            best=[BestPoint(point=number, value=1.0, values=names) for number in range(10)],
        )
        for shard in range(50)
    ]

    found = add_up(shards)

    assert len(json.dumps(found.to_json_dict())) < 12_000
    assert sum(found.failures.reasons.values()) == 50 * 2500
