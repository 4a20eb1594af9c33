"""Which part of a result is sent."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim import results
from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.results.downsampling import downsample
from batterysim_bridge.results.selection import Selection, select
from batterysim_formats import series as series_module
from batterysim_formats.series import Series, series_of_file

from ..builders import parquet

TIME, CURRENT, VOLTAGE = results.TIME.name, results.CURRENT.name, results.VOLTAGE.name
finite = st.floats(-1e6, 1e6)


def made_of(columns: dict[results.Column, list[float]]) -> Series:
    return series_of_file(pq.ParquetFile(io.BytesIO(parquet(columns))))


def seconds(count: int) -> Series:
    """Return one point each second, with a voltage of a tenth of the time."""
    times = [float(second) for second in range(count)]
    return made_of(
        {results.TIME: times, results.CURRENT: [1.0] * count, results.VOLTAGE: [t / 10 for t in times]}
    )


def values(series: Series, name: str = TIME) -> list[float]:
    return [value for batch in series.batches([name]) for value in batch.column(0).to_pylist()]


def test_everything_is_everything():
    series = seconds(5)

    selected = select(series, Selection())

    assert selected.schema.equals(series.schema, check_metadata=True)
    assert values(selected) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "variables",
    [(f"{VOLTAGE},{TIME}",), (VOLTAGE, TIME), (f"{VOLTAGE}, {TIME} ,",), (VOLTAGE, TIME, VOLTAGE)],
)
def test_variables_come_by_name_and_in_the_order_asked_for(variables):
    selected = select(seconds(3), Selection(variables=variables))

    assert selected.names == [VOLTAGE, TIME]
    assert selected.schema.field(VOLTAGE).metadata == {b"unit": b"V"}
    assert [batch.schema.names for batch in selected.batches()] == [[VOLTAGE, TIME]]


def test_an_unknown_variable_is_answered_with_those_that_are_like_it():
    with pytest.raises(ProblemError) as refused:
        select(seconds(3), Selection(variables=("Voltage",)))

    assert refused.value.kind.status == 400
    assert "the result has no 'Voltage'; did you mean 'Voltage [V]'" in refused.value.detail


def test_an_unknown_variable_that_is_like_none_is_answered_with_all():
    with pytest.raises(ProblemError, match=r"it has 'Time \[s\]', 'Current \[A\]', 'Voltage \[V\]'"):
        select(seconds(3), Selection(variables=("xyz",)))


def test_a_window_has_both_its_ends():
    selected = select(seconds(10), Selection(start_seconds=2, end_seconds=4, variables=(VOLTAGE,)))

    assert values(selected, VOLTAGE) == pytest.approx([0.2, 0.3, 0.4])


@given(st.integers(1, 12), st.integers(0, 30), st.integers(1, 5))
def test_every_nth_point_is_the_same_however_the_file_is_cut_into_batches(every, count, batch_rows):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(series_module, "BATCH_ROWS", batch_rows)
        assert values(select(seconds(count), Selection(every=every))) == list(range(0, count, every))


def test_window_and_every_go_together():
    selected = select(seconds(20), Selection(every=5, start_seconds=3))

    assert values(selected) == [3, 8, 13, 18]


@given(st.lists(finite, min_size=1, max_size=200), st.integers(2, 40))
def test_few_points_have_every_extreme_and_the_ends(volts, points):
    times = [float(number) for number in range(len(volts))]
    few = downsample(made_of({results.TIME: times, results.VOLTAGE: volts}), points)

    kept_times, kept_volts = values(few), values(few, VOLTAGE)
    assert len(kept_times) <= max(points, 4)
    assert kept_times == sorted(set(kept_times))
    assert {(0.0, volts[0]), (times[-1], volts[-1])} <= set(zip(kept_times, kept_volts, strict=True))
    assert {min(volts), max(volts)} <= set(kept_volts)
    assert set(zip(kept_times, kept_volts, strict=True)) <= set(zip(times, volts, strict=True))


def test_a_result_that_is_short_enough_is_left_as_it_is():
    series = seconds(5)

    assert downsample(series, 5) is series


def test_a_peak_of_one_point_in_a_long_result_is_kept():
    volts = [3.7] * 10_000
    volts[6789] = 4.4
    columns = {results.TIME: [float(t) for t in range(10_000)], results.VOLTAGE: volts}

    few = downsample(made_of(columns), 100)

    assert 6789 in values(few)
    assert len(values(few)) <= 100


def test_a_column_without_numbers_has_no_extremes():
    columns = {results.TIME: [0.0, 1.0, 2.0, 3.0, 4.0], results.VOLTAGE: [float("nan")] * 5}

    assert values(downsample(made_of(columns), 4)) == [0.0, 4.0]


def cycling(cycles: int) -> dict[results.Column, list[float]]:
    """Return a charge of many points and a rest of two, again and again, as a solver gives them."""
    times, amperes, volts = [], [], []
    for cycle in range(cycles):
        start = cycle * 7200.0
        times += [start + 36 * number for number in range(101)] + [start + 3600, start + 7199]
        amperes += [-5.0] * 101 + [0.0, 0.0]
        volts += [3.0 + number / 100 for number in range(101)] + [3.9, 3.9]
    return {results.TIME: times, results.CURRENT: amperes, results.VOLTAGE: volts}


def test_rests_of_two_points_between_charges_of_many_stay_rests():
    """They once vanished, and the charges became straight lines across them."""
    columns = cycling(120)
    few = downsample(made_of(columns), 2000)

    times, amperes = values(few), values(few, CURRENT)
    drawn = {(times[i], times[i + 1]) for i in range(len(times) - 1) if amperes[i] == amperes[i + 1] == 0.0}
    assert len(times) <= 2000
    assert drawn == {(cycle * 7200.0 + 3600, cycle * 7200.0 + 7199) for cycle in range(120)}


def test_the_budget_is_filled():
    """A third of it once was left over, and charges became straight lines."""
    columns = cycling(120)

    for points in (300, 1000, 5000):
        assert 0.8 * points <= len(values(downsample(made_of(columns), points))) <= points


def test_a_plateau_is_one_up_to_its_last_point():
    """Of a rest within a slice of time, the last point was left out, and the rest became a slope."""
    amperes = [5.0] * 400 + [0.0] * 300 + [5.0] * 300
    times = [float(number) for number in range(1000)]

    few = downsample(made_of({results.TIME: times, results.CURRENT: amperes}), 7)

    assert values(few) == [0.0, 400.0, 699.0, 999.0]


@given(
    st.lists(st.tuples(st.floats(0, 10), finite, finite), min_size=2, max_size=300),
    st.integers(6, 60),
    st.integers(1, 50),
)
def test_each_point_is_between_others_that_are_as_near_as_a_slice_of_time(rows, points, batch_rows):
    """Then lines between the points cover what lines between all points cover, to the width of a slice."""
    times = [sum(step for step, *_ in rows[: number + 1]) for number in range(len(rows))]
    columns = {
        results.TIME: times,
        results.CURRENT: [current for _, current, _ in rows],
        results.VOLTAGE: [volts for *_, volts in rows],
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(series_module, "BATCH_ROWS", batch_rows)
        few = downsample(made_of(columns), points)
    kept_times = values(few)
    width = (times[-1] - times[0]) / max(1, points // 10) * (1 + 1e-9)

    assert len(kept_times) <= points
    assert (kept_times[0], kept_times[-1]) == (times[0], times[-1])
    for column in (results.CURRENT, results.VOLTAGE):
        kept = values(few, column.name)
        for time, number in zip(times, columns[column], strict=True):
            near = [value for at, value in zip(kept_times, kept, strict=True) if abs(at - time) <= width]
            assert min(near) <= number <= max(near)


def test_memory_does_not_grow_with_the_rows():
    """`points=2`, which the page asked for, once held all rows of all columns: 1084 MiB."""
    batch_rows, schema = 2048, pa.schema([(TIME, pa.float64()), (VOLTAGE, pa.float64())])

    def read(names):
        for start in range(0, 1_000_000, batch_rows):
            numbers = pa.array([float(start + number) for number in range(batch_rows)])
            yield pa.record_batch([numbers for _ in names], names=list(names))

    before = pa.total_allocated_bytes()
    held = []

    def watched(names):
        for batch in read(names):
            held.append(pa.total_allocated_bytes() - before)
            yield batch

    few = downsample(Series(schema, watched), 2)

    assert values(few) == [0.0, 1_001_471.0]
    assert max(held) < 4 * 2**20
