"""Page, terminal and notebook give a summary the same names, units and numbers."""

from typing import Any

from playwright.sync_api import Page

from batterysim.results import EndReason, Summary
from batterysim_cli.display.quantity import describe_field, duration, in_words
from tests.e2e.browser import Visitor

SECONDS = (0.04, 4.23, 75.0, 3555.5, 3600.0, 93_784.0, 3.54e6)


def call(page: Page, module: str, code: str, argument: Any) -> Any:
    return page.evaluate(
        f"async (x) => {{ const m = await import('/page/{module}.js'); return {code}; }}", argument
    )


def test_each_field_of_a_summary_is_shown_alike(viewer: Visitor):
    viewer.open()
    numbers = {
        field.alias or name: 1.2345678
        for name, field in Summary.model_fields.items()
        if name not in ("end_reason", "partial", "failure_message", "limiting_cell", "comparison")
    }

    shown = call(
        viewer.page,
        "common/quantity",
        "Object.entries(x).map(([name, value]) => m.describeField(name, value))"
        ".map(({ label, text, unit }) => [label, text, unit])",
        numbers,
    )

    assert shown == [list(describe_field(name, value)) for name, value in numbers.items()]


def test_times_are_shown_alike(viewer: Visitor):
    viewer.open()

    assert call(viewer.page, "common/quantity", "x.map((one) => m.duration(one, 3))", SECONDS) == [
        duration(seconds) for seconds in SECONDS
    ]


def test_end_reasons_are_told_alike(viewer: Visitor):
    viewer.open()
    reasons = [reason.value for reason in EndReason]

    assert call(viewer.page, "simulation/simulation", "x.map(m.inWords)", reasons) == [
        *map(in_words, reasons)
    ]
