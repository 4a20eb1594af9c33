"""A result's description of itself has a limit: it is read with each look at the result."""

import pytest

from batterysim_bridge.results import file as file_module
from batterysim_bridge.results.file import NotAResultError, describe

from ..builders import METADATA, parquet


def test_a_description_that_is_too_long_is_no_result(tmp_path, monkeypatch):
    result = tmp_path / "result.parquet"
    result.write_bytes(parquet())
    assert describe(result).metadata == METADATA

    monkeypatch.setattr(file_module, "MAX_METADATA_BYTES", 100)

    with pytest.raises(NotAResultError, match="bytes, more than 100"):
        describe(result)
