"""The Parquet file: every value exactly, every unit, and what it was made with."""

import io
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from batterysim.results import DEFAULT_COLUMNS, EndReason, Provenance, ResultMetadata, RunnerTimes
from batterysim_runner.report.result_file import encode
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace

STARTED = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
GENERATOR = np.random.default_rng(1)
TRACE = Trace(
    {
        column.name: np.sort(GENERATOR.random(7) * 10.0 ** GENERATOR.integers(-12, 12))
        for column in DEFAULT_COLUMNS
    },
    np.array([True, False, True, False, True, False, True]),
    EndReason.LOWER_CUT_OFF,
)
METADATA = ResultMetadata(
    summary=summarise(TRACE),
    provenance=Provenance(
        pybamm_version="26.10.0",
        runner_version="0.1.0",
        image="runner:1",
        spec_sha256="a" * 64,
        pod_name="bsim-1-abcde",
    ),
    times=RunnerTimes(runner_started_time=STARTED, solver_imported_time=STARTED, solved_time=STARTED),
)


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return pq.read_table(io.BytesIO(encode(TRACE, METADATA)))


def test_every_value_is_stored_exactly(table: pa.Table) -> None:
    for column in DEFAULT_COLUMNS:
        stored = table[column.name].to_numpy()
        assert stored.dtype == np.float64
        assert stored.tobytes() == TRACE.values[column.name][TRACE.in_output].tobytes()


def test_columns_are_in_order_and_carry_their_units(table: pa.Table) -> None:
    units = [(field.name, field.metadata[b"unit"].decode()) for field in table.schema]

    assert units == [
        ("Time [s]", "s"),
        ("Current [A]", "A"),
        ("Voltage [V]", "V"),
        ("Discharge capacity [A.h]", "A.h"),
        ("Power [W]", "W"),
        ("Bulk open-circuit voltage [V]", "V"),
        ("Volume-averaged cell temperature [C]", "degC"),
        ("State of charge", "1"),
    ]
    assert not any(field.nullable for field in table.schema)


def test_the_file_says_what_it_is(table: pa.Table) -> None:
    assert ResultMetadata.model_validate_json(table.schema.metadata[b"batterysim"]) == METADATA


def test_the_same_result_is_the_same_file() -> None:
    """A second upload of the same content has the same digest, so the bridge can tell that it has it."""
    assert encode(TRACE, METADATA) == encode(TRACE, METADATA)
