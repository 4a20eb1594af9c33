"""The Battery Data Format (BDF) of the Battery Data Alliance: what cyclers write, in one form.

Its terms and signs are those of the BDF ontology 1.0.0 (w3id.org/battery-data-alliance/ontology/
battery-data-format): comma-separated, headings "Quantity / unit". Current, power and charge count positive
when the cell is charged, the other way round than in PyBaMM and everywhere else here.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from batterysim import results
from batterysim.spec.measured import MEASURED_COLUMNS
from batterysim_formats.rendering import columns_of, csv_pieces
from batterysim_formats.series import Series

LABELS: dict[str, str] = {
    results.TIME.name: "Test Time / s",
    results.VOLTAGE.name: "Voltage / V",
    results.CURRENT.name: "Current / A",
    results.POWER.name: "Power / W",
    results.DISCHARGE_CAPACITY.name: "Net Capacity / Ah",
    # in BDF's words "the measured temperature of the test object (e.g., surface or internal)"
    results.CELL_TEMPERATURE.name: "Surface Temperature T1 / degC",
    results.CYCLE_NUMBER.name: "Cycle Count / 1",
    results.STEP_NUMBER.name: "Step Index / 1",
    results.FREQUENCY.name: "Frequency / Hz",
    results.REAL_IMPEDANCE.name: "Real Impedance / ohm",
    results.IMAGINARY_IMPEDANCE.name: "Imaginary Impedance / ohm",
    results.IMPEDANCE_MAGNITUDE.name: "Absolute Impedance / ohm",
    results.IMPEDANCE_PHASE.name: "Phase / deg",
}
"""BDF's preferred labels. A column that BDF has no word for keeps its own, written in the same way."""

TURNED = (
    results.CURRENT.name,
    results.POWER.name,
    results.DISCHARGE_CAPACITY.name,
    *(column.name for quantity in ("Current", "Power") for column in MEASURED_COLUMNS[quantity][1:]),
)
"""Columns whose sign is the other way round."""


def bdf_pieces(series: Series) -> Iterator[bytes]:
    """Yield a result as BDF text (`.bdf.csv`)."""
    return csv_pieces(_as_bdf(series))


def _as_bdf(series: Series) -> Series:
    schema = pa.schema(
        [
            pa.field(_label(**column), series.schema.field(column["name"]).type)
            for column in columns_of(series)
        ]
    )

    def read(_: object) -> Iterator[pa.RecordBatch]:
        for batch in series.batches():
            columns = [_turned(name, batch.column(name)) for name in series.names]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return Series(schema, read)


def _label(name: str, unit: str) -> str:
    return LABELS.get(name, f"{name.removesuffix(f'[{unit}]').removesuffix('[C]').strip()} / {unit}")


def _turned(name: str, column: pa.Array) -> pa.Array:
    # not by negation, which makes a -0 of 0
    return pc.subtract(0.0, column) if name in TURNED else column
