"""Contents as Python has them become text, or go out of a spec that they are too long for."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim.spec.documents.contents import ContentReference, UnreadableContentError
from batterysim.spec.documents.python_contents import set_apart, with_texts
from tests.builders import Json, raw_spec

CSV = "Time [s],Current [A]\n0.0,1.0\n60.0,2.0\n"


def with_profile(csv: object) -> Json:
    return raw_spec(protocol={"profile": {"quantity": "Current", "csv": csv}})


def profile_of(spec: object) -> object:
    return spec["protocol"]["profile"]  # type: ignore[index]


def test_a_path_is_read(tmp_path: Path) -> None:
    file = tmp_path / "trip.csv"
    file.write_text(CSV, encoding="utf-8")
    raw = with_profile(file)

    assert profile_of(with_texts(raw)) == {"quantity": "Current", "csv": CSV}
    assert profile_of(raw) == {"quantity": "Current", "csv": file}


def test_a_data_frame_is_written_with_its_headings() -> None:
    frame = pd.DataFrame({"Time [s]": [0.0, 60.0], "Current [A]": [1.0, 2.0]})

    assert profile_of(with_texts(with_profile(frame))) == {"quantity": "Current", "csv": CSV}


@pytest.mark.parametrize("kind", ["series", "single column"])
def test_a_series_has_its_times_in_the_index(kind: str) -> None:
    series = pd.Series([1.0, 2.0], index=pd.Index([0.0, 60.0], name="Time [s]"), name="Current [A]")

    text = with_texts(with_profile(series if kind == "series" else series.to_frame()))

    assert profile_of(text) == {"quantity": "Current", "csv": CSV}


def test_numbers_keep_their_last_digit() -> None:
    frame = pd.DataFrame({"time": [0.0, 0.1 + 0.2], "current": [1 / 3, 2 / 3]})

    spec = parse_spec(with_texts(with_profile(frame)))

    assert spec.protocol.profile is not None
    assert (
        spec.protocol.profile.csv
        == "time,current\n0.0,0.3333333333333333\n0.30000000000000004,0.6666666666666666\n"
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpecError, match=r"spec\.protocol\.profile\.csv: .*trip.csv.* No such file"):
        with_texts(with_profile(tmp_path / "trip.csv"))


def test_what_is_no_content_at_all_is_left_to_the_validation() -> None:
    with pytest.raises(InvalidSpecError, match=r"spec\.protocol\.profile\.csv: must be text, not 5"):
        parse_spec(with_texts(with_profile(5)))


def test_a_spec_of_texts_stays_as_it_is() -> None:
    raw = with_profile(CSV)

    assert with_texts(raw) is raw


def test_contents_go_out_of_a_spec_under_a_name_of_their_own() -> None:
    raw = with_profile(CSV)

    spec, name, contents = set_apart(raw)

    reference = {"name": name, "key": "profile.csv"}
    assert profile_of(spec) == {"quantity": "Current", "configMapKeyRef": reference}
    assert contents == {"profile.csv": CSV}
    assert raw == with_profile(CSV)
    assert set_apart(raw).name == name
    assert set_apart(with_profile(CSV + "120,3\n")).name != name


def test_a_spec_with_its_contents_apart_is_the_same_spec() -> None:
    apart = set_apart(with_profile(CSV))

    assert parse_spec(apart.spec, apart.read) == parse_spec(with_profile(CSV))


def test_a_reference_to_something_else_stays_out_of_reach() -> None:
    apart = set_apart(with_profile(CSV))

    with pytest.raises(UnreadableContentError, match="out of reach here"):
        apart.read(ContentReference(("cell", "bpx"), "cells", "mine.json", "references/bpx.json"))


def test_a_profile_of_a_step_may_be_a_data_frame() -> None:
    frame = pd.DataFrame({"Time [s]": [0.0, 60.0], "Current [A]": [1.0, 2.0]})
    step = {"profile": {"quantity": "Current", "csv": frame}}
    raw = raw_spec(protocol={"experiment": {"blocks": [{"structuredSteps": [step]}]}})

    text: Any = with_texts(raw)

    assert text["protocol"]["experiment"]["blocks"][0]["structuredSteps"][0]["profile"]["csv"] == CSV
    assert step["profile"]["csv"] is frame
    apart = set_apart(text)
    assert apart.contents == {"block-0-step-0.csv": CSV}
    assert parse_spec(apart.spec, apart.read) == parse_spec(text)
