"""docs/packs.md shows a pack that can be solved, and says what comes out."""

import re
import time
from pathlib import Path
from typing import Any

import yaml

from batterysim.pack import Pack
from batterysim.pack_checks import pack_problems
from batterysim.prescription import prescription
from batterysim.validation import parse_spec
from batterysim_runner.cell import parameter_values
from batterysim_runner.pack import solve_pack
from batterysim_runner.summary import summarise
from batterysim_runner.watch import Watch

PAGE = (Path(__file__).parents[3] / "docs" / "packs.md").read_text(encoding="utf-8")


def example() -> dict[str, Any]:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    spec: dict[str, Any] = yaml.safe_load(block)["spec"]
    return spec


def test_the_example_ends_as_the_page_says() -> None:
    raw = example()
    pack = Pack.model_validate(raw.pop("pack"))
    spec = parse_spec(raw)
    prescribed = prescription(spec.protocol)
    assert prescribed is not None
    assert pack_problems(spec, pack) == []

    summary = summarise(
        solve_pack(spec, pack, prescribed, parameter_values(spec), Watch(lambda _: None, time.monotonic))
    )

    words = (
        f"`endReason: {summary.end_reason}` and `limitingCell: {summary.limiting_cell}` at "
        f"{summary.end_time_seconds:.0f} s, with the pack at {summary.end_volts:.2f} V"
    )
    assert words in " ".join(PAGE.split())
