"""What the protocols say about themselves."""

import re
from pathlib import Path
from typing import get_args

from batterysim.spec.protocols.protocol import PROTOCOL_KINDS, GivenProtocol
from tests.builders import Json, constant_current, spec_of

PAGE = Path(__file__).parents[5] / "bridge" / "batterysim_bridge" / "page"


def test_the_union_has_the_type_of_each_field() -> None:
    assert get_args(GivenProtocol) == tuple(PROTOCOL_KINDS.values())


def test_the_page_has_no_titles_of_its_own() -> None:
    """It takes those of the catalogue (tests/page/test_protocols.py)."""
    titles = re.compile("|".join(f'"{re.escape(kind.title)}"' for kind in PROTOCOL_KINDS.values()))
    scripts = [file for file in PAGE.rglob("*.js") if "vendor" not in file.parts]

    assert scripts
    assert [file.name for file in scripts if titles.search(file.read_text("utf-8"))] == []


def test_a_rest_is_a_rest_in_other_words_too() -> None:
    def is_rest(protocol: Json) -> bool:
        return spec_of(protocol=protocol).protocol.given.is_rest

    assert is_rest({"rest": {"durationSeconds": 60}})
    assert is_rest(constant_current(0, 60))
    assert is_rest({"constantCurrent": {"cRate": 0, "durationSeconds": 60}})
    assert is_rest({"constantPower": {"powerWatts": 0, "durationSeconds": 60}})
    assert not is_rest(constant_current(5, 60))
    assert not is_rest({"cccv": {"chargeCRate": 1}})
