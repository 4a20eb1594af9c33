"""Which rows of a sweep's table are sent, and in which order."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.results.conditions import fulfilling, read_conditions
from batterysim_bridge.results.ranking import (
    MAX_ORDERED_END,
    Order,
    Window,
    check_window,
    count_rows,
    in_window,
    read_order,
)
from batterysim_formats.series import Series

SCHEMA = pa.schema(
    {
        "point": pa.int64(),
        "cell.initialStateOfCharge": pa.float64(),
        "reason": pa.string(),
        "partial": pa.bool_(),
        "endVolts": pa.float64(),
    }
)


def table(*volts: float | None, batch_rows: int = 2) -> Series:
    """Return a table with these end voltages; None: the point has failed."""
    rows = [
        {
            "point": point,
            "cell.initialStateOfCharge": point / 10,
            "reason": "Infeasible" if value is None else None,
            "partial": None if value is None else point % 2 == 0,
            "endVolts": value,
        }
        for point, value in enumerate(volts)
    ]
    whole = pa.Table.from_pylist(rows, schema=SCHEMA)

    def read(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        yield from whole.select(list(names)).to_batches(batch_rows)

    return Series(SCHEMA, read)


def points(series: Series) -> list[int]:
    return [value for batch in series.batches(["point"]) for value in batch.column(0).to_pylist()]


def matching(series: Series, *conditions: str) -> list[int]:
    return points(fulfilling(series, read_conditions(conditions, SCHEMA)))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("endVolts>=3.2", [1, 3]),
        ("endVolts < 3.2", [0]),
        ("endVolts!=3.1", [1, 3]),
        ("cell.initialStateOfCharge<=0.1", [0, 1]),
        ("reason=Infeasible", [2]),
        ("partial = true", [0]),
        ("partial=false", [1, 3]),
        ("point>2", [3]),
    ],
)
def test_rows_fulfil_a_condition(condition: str, expected: list[int]):
    assert matching(table(3.1, 3.2, None, 3.3), condition) == expected


def test_rows_fulfil_all_conditions():
    assert matching(table(3.1, 3.2, None, 3.3), "endVolts>3.1", "endVolts<3.3") == [1]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("endVolts", "is no condition: write a column"),
        ("endVolt>3", "the table has no 'endVolt'; did you mean 'endVolts'?"),
        ("endVolts>high", "'endVolts' is compared with a number, not 'high'"),
        ("endVolts>nan", "'endVolts' is compared with a number, not 'nan'"),
        ("partial=perhaps", "'partial' is compared with true or false"),
        ("reason<Infeasible", "'reason' holds no numbers: compare it with = or !="),
    ],
)
def test_a_wrong_condition_is_named(condition: str, message: str):
    with pytest.raises(ProblemError, match=r"query\.filter") as error:
        read_conditions([condition], SCHEMA)

    assert message in error.value.detail


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("endVolts", [1, 3, 0, 2]),
        ("-endVolts", [0, 3, 1, 2]),
        ("reason", [2, 0, 1, 3]),
        ("partial", [1, 3, 0, 2]),
        ("-point", [3, 2, 1, 0]),
    ],
)
def test_rows_come_in_order_and_those_without_a_value_last(order: str, expected: list[int]):
    series = table(3.3, 3.1, None, 3.2)

    assert points(in_window(series, Window(read_order(order, SCHEMA), limit=10))) == expected


def test_equal_values_come_by_point():
    series = table(3.1, 3.0, 3.1, 3.0)

    assert points(in_window(series, Window(Order("endVolts", descending=True), limit=4))) == [0, 2, 1, 3]


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 5).map(float)), max_size=30),
    st.integers(0, 12),
    st.integers(1, 12),
    st.booleans(),
)
def test_any_window_is_a_part_of_the_sorted_rows(
    volts: list[float | None], offset: int, limit: int, descending: bool
):
    series = table(*volts)
    sign = -1 if descending else 1
    ranked = sorted(range(len(volts)), key=lambda at: (volts[at] is None, sign * (volts[at] or 0.0), at))

    ordered = in_window(series, Window(Order("endVolts", descending), offset, limit))
    plain = in_window(series, Window(None, offset, limit))

    assert points(ordered) == ranked[offset : offset + limit]
    assert points(plain) == list(range(len(volts)))[offset : offset + limit]
    assert count_rows(series) == len(volts)


def test_only_the_wanted_rows_are_held_while_a_large_table_is_ordered():
    volts = [float((point * 7919) % 100_003) for point in range(100_003)]
    series = table(*volts, batch_rows=2048)
    before = pa.total_allocated_bytes()

    found = points(in_window(series, Window(Order("endVolts", descending=False), 10, 5)))

    assert found == sorted(range(len(volts)), key=lambda at: volts[at])[10:15]
    assert pa.total_allocated_bytes() - before < 1 << 20


@pytest.mark.parametrize(
    ("window", "field"),
    [
        (Window(Order("endVolts", descending=False)), "limit"),
        (Window(Order("endVolts", descending=False), limit=5000), "limit"),
        (Window(Order("endVolts", descending=False), offset=MAX_ORDERED_END, limit=1), "offset"),
    ],
)
def test_an_ordered_window_is_bounded(window: Window, field: str):
    with pytest.raises(ProblemError, match=f"query.{field}"):
        check_window(window)


def test_an_order_by_an_unknown_column_names_the_nearest():
    with pytest.raises(ProblemError, match="did you mean 'endVolts'"):
        read_order("-endVolt", SCHEMA)
