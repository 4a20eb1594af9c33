"""What is known about the formats of results, once."""

import re
from pathlib import Path

from batterysim.result_format import FILE_FORMATS, ResultFormat, formats_by_ending

PAGE = Path(__file__).parents[3] / "bridge" / "batterysim_bridge" / "page" / "detail" / "download_buttons.js"


def test_the_longest_ending_wins() -> None:
    assert formats_by_ending() == {
        ".bdf.csv": ResultFormat.BDF,
        ".parquet": ResultFormat.PARQUET,
        ".arrows": ResultFormat.ARROW,
        ".arrow": ResultFormat.ARROW,
        ".json": ResultFormat.JSON,
        ".csv": ResultFormat.CSV,
        ".zip": ResultFormat.ZIP,
    }
    assert next(iter(formats_by_ending())) == ".bdf.csv"


def test_no_two_formats_can_be_asked_for_by_the_same_media_type() -> None:
    types = [wanted.facts.media_type for wanted in ResultFormat if wanted.facts.is_negotiable]

    assert len(set(types)) == len(types)


def test_a_format_is_its_name() -> None:
    assert f"{ResultFormat.BDF}" == "bdf" == ResultFormat("bdf").value


def test_the_page_offers_the_files() -> None:
    buttons = re.findall(r'{ label: "(\w+)", ending: "([\w.]+)", format: "(\w+)" }', PAGE.read_text("utf-8"))

    assert buttons == [(wanted.facts.title, wanted.facts.ending, wanted.value) for wanted in FILE_FORMATS]
