"""A small result as columns in memory."""

import pyarrow as pa

from batterysim import results
from batterysim.results import UNIT_METADATA_KEY, Column
from batterysim_formats.series import Series, series_in_memory

DISCHARGE: dict[Column, list[float]] = {
    results.TIME: [0.0, 1785.7142857142856, 3571.4285714285713],
    results.CURRENT: [5.0, 0.0, -5.0],
    results.VOLTAGE: [4.065555900000001, 3.6000000000000005, 0.1 + 0.2],
    results.DISCHARGE_CAPACITY: [0.0, 2.4801587301587302, 2.4801587301587302],
    results.POWER: [20.327779500000005, 0.0, -1.5000000000000002],
    results.CELL_TEMPERATURE: [25.0, 25.5, float("nan")],
    results.STATE_OF_CHARGE: [1.0, 0.5, 0.5],
    Column("X-averaged cell temperature [C]", "degC"): [25.0, 25.5, 26.0],
}


def series(columns: dict[Column, list[float]] = DISCHARGE) -> Series:
    """Return columns as a result file has them."""
    schema = pa.schema(
        [pa.field(name, pa.float64(), metadata={UNIT_METADATA_KEY: unit}) for name, unit in columns]
    )
    arrays = [pa.array(numbers) for numbers in columns.values()]
    return series_in_memory(schema, [pa.RecordBatch.from_arrays(arrays, schema=schema)])
