"""The form has fields for packs and for measured data, bound to the same manifest as the YAML."""

import re

from playwright.sync_api import Locator, expect

from tests.e2e.browser import Visitor

DATA = "Time [min],Voltage [mV]\n0,4056\n10,3831"


def yaml_of(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("YAML")


def test_a_pack_is_given_by_its_counts_and_resistances(editor: Visitor):
    editor.open("#/new")
    pack = editor.page.get_by_role("group", name="Pack")

    pack.get_by_label("Modules in series").fill("4")
    pack.get_by_label("Cells in parallel").fill("2")
    pack.get_by_label("Connection of a cell").fill("0,001")

    expect(yaml_of(editor)).to_have_value(
        re.compile(r"pack:\n\s+seriesCount: 4\n\s+parallelCount: 2\n\s+connectionResistanceOhms: 0\.001\n")
    )
    expect(editor.page.get_by_text("This can be run.")).to_be_visible()


def test_an_empty_pack_is_none(editor: Visitor):
    editor.open("#/new")
    series = editor.page.get_by_label("Modules in series")
    series.fill("4")
    expect(yaml_of(editor)).to_have_value(re.compile("pack:"))

    series.fill("")

    expect(yaml_of(editor)).not_to_have_value(re.compile("pack:"))


def test_a_pack_that_is_too_large_is_told_in_its_group(editor: Visitor):
    editor.open("#/new")

    editor.page.get_by_label("Modules in series").fill("1000")

    problem = editor.page.locator('[data-path="spec.pack.seriesCount"] .problem')
    expect(problem).to_contain_text("200")


def test_measured_data_are_compared_with(editor: Visitor):
    editor.open("#/new")
    group = editor.page.get_by_role("group", name="Measured data")

    group.get_by_label("Data", exact=True).fill(DATA)
    expect(editor.page.get_by_text("This can be run.")).to_be_visible()
    expect(yaml_of(editor)).to_have_value(re.compile(r"measured:\n\s+- quantity: Voltage\n\s+csv: \|-?\n"))
    group.get_by_label("Measured quantity").select_option("Current")

    problem = editor.page.locator('[data-path="spec.output.measured"] .problem')
    expect(problem).to_contain_text("Voltage")  # which the heading says
    expect(group.get_by_label("Data", exact=True)).to_have_value(DATA)
    group.get_by_label("Data", exact=True).fill("")
    expect(yaml_of(editor)).not_to_have_value(re.compile("measured:"))


def test_several_series_are_left_to_the_yaml(editor: Visitor):
    editor.open("#/new")
    yaml = yaml_of(editor)
    series = "".join(
        f'    - {{quantity: {name}, csv: "0,4\\n10,4"}}\n' for name in ("Voltage", "Temperature")
    )

    yaml.fill(yaml.input_value() + f"  output:\n    measured:\n{series}")

    group = editor.page.get_by_role("group", name="Measured data")
    expect(group.get_by_text("change them in the YAML")).to_be_visible()
    expect(group.locator("textarea")).to_have_count(0)
