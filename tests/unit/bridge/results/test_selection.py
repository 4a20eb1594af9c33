"""Which part of a result is sent."""

import io

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim import results
from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.results.downsampling import downsample, in_stretches
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


@given(st.lists(st.integers(0, 7), max_size=8), st.integers(1, 9))
def test_stretches_have_all_rows_in_order(lengths, rows):
    whole = next(seconds(sum(lengths) or 1).batches())
    starts = [sum(lengths[:number]) for number in range(len(lengths))]
    batches = [whole.slice(start, length) for start, length in zip(starts, lengths, strict=True)]

    stretches = list(in_stretches(batches, rows))

    assert [time for stretch in stretches for time in stretch.column(0).to_pylist()] == list(
        range(sum(lengths))
    )
    assert all(stretch.num_rows == rows for stretch in stretches[:-1])
