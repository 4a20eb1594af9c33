"""The page about protocols has the drive cycles that there are."""

from pathlib import Path

from generate.drive_cycle_table import table, with_table

PAGE = (Path(__file__).parents[3] / "docs" / "protocols.md").read_text(encoding="utf-8")


def test_the_page_is_up_to_date() -> None:
    assert with_table(PAGE) == PAGE, "run `make generate`"
    assert table() in PAGE
