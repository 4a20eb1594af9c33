"""Every format by its name."""

import json

import pytest

from batterysim.result_format import FILE_FORMATS, ResultFormat
from batterysim_formats.document import file_pieces
from tests.unit.formats.builders import series

HEAD = {"metadata": {"name": "cell"}}


@pytest.mark.parametrize(
    ("wanted", "beginning"),
    [
        ("parquet", b"PAR1"),
        ("csv", b'"Time [s]"'),
        ("json", b'{"metadata"'),
        ("bdf", b'"Test Time / s"'),
        ("zip", b"PK"),
    ],
)
def test_a_format_begins_as_it_should(wanted: str, beginning: bytes) -> None:
    assert b"".join(file_pieces(ResultFormat(wanted), series(), HEAD)).startswith(beginning)


def test_files_end_in_the_formats_name() -> None:
    assert [wanted.facts.ending for wanted in FILE_FORMATS] == ["parquet", "csv", "json", "bdf.csv", "zip"]


def test_json_has_null_where_there_is_no_number() -> None:
    document = json.loads(b"".join(file_pieces(ResultFormat.JSON, series(), HEAD)))

    temperature = next(column for column in document["columns"] if column["name"].startswith("Volume"))
    assert temperature == {
        "name": "Volume-averaged cell temperature [C]",
        "unit": "degC",
        "values": [25.0, 25.5, None],
    }
